/** What the audit looks for. Names are part of the JSON schema and of accept comments: they are never changed. */
export type AuditRule = keyof typeof AUDIT_RULES;

/** As of integrity findings: damage is a setting that breaks images, or hides that they are broken for good. */
export type AuditSeverity = "damage" | "warning" | "information";

interface RuleText {
  /** Of the rule at its worst; a finding may be milder. */
  readonly severity: AuditSeverity;
  readonly reason: string;
  readonly fix: string;
}

function rule(severity: AuditSeverity, reason: string, fix: string): RuleText {
  return { severity, reason, fix };
}

export const AUDIT_RULES = {
  "gc-deletes-untagged": rule(
    "damage",
    "before 3.0 the collector takes the children of an image index for untagged manifests and deletes them: the index answers 200, every pull 404",
    "Leave out -m (--delete-untagged), or run distribution 3.0 or newer.",
  ),
  "gc-without-restart": rule(
    "warning",
    "the registry's cache still knows what was collected: a later push leaves those layers out, and its pull fails",
    "Restart the registry right after its garbage collection, in the same script.",
  ),
  "tag-directories-removed": rule(
    "damage",
    "the registry does not know that its storage was changed: manifests lose their links or stay behind untagged",
    "Delete manifests by digest through the API, all that no kept tag reaches.",
  ),
  "cleaner-of-untagged": rule(
    "damage",
    "the platform images of an index have no tag of their own: a cleaner of untagged versions deletes them from under it",
    "Use a cleaner that follows image indexes, or keep every digest that a kept index names.",
  ),
  "floating-tag": rule(
    "warning",
    "the tag moves: the next pull may bring another program to the registry host",
    "Write the exact version, or better the version with its index digest.",
  ),
  "port-without-server": rule(
    "warning",
    "nothing in the front's configuration listens there: clients connect and are dropped",
    "Add a server that listens on the port, or take the port away.",
  ),
  "server-without-port": rule(
    "information",
    "no published port leads to this server",
    "Publish the port, or take the server away.",
  ),
  "mount-not-delivered": rule(
    "warning",
    "no step delivers this file while others of its folder are: the container runs with an old one, or Docker makes a directory of that name",
    "Deliver the file under the name that is mounted.",
  ),
  "upstream-resolved-once": rule(
    "warning",
    "nginx asks for a literal name once: after the container is recreated its old address may be another registry's",
    "Write `resolver 127.0.0.11;` and put the name into a variable that proxy_pass takes.",
  ),
  "debug-exposed": rule(
    "warning",
    "the debug listener shows the program's memory and command line to all who reach the port",
    "Do not publish it; let the front serve /metrics alone, to those who need it.",
  ),
  "delete-exposed": rule(
    "warning",
    "whoever reaches the port can delete images without a password",
    "Ask for a password in front of it, bind it to loopback, or turn deletion off.",
  ),
  "probe-by-head": rule(
    "warning",
    "a HEAD is answered from the registry's cache long after the data has gone",
    "Use GET, for a blob with a Range of its last byte, or `tallyman verify`.",
  ),
  "tls-not-verified": rule(
    "warning",
    "any host may answer in the registry's place, and gets the password too",
    "Give the certificate authority (curl --cacert) and the registry's own name.",
  ),
  "package-install-at-run-time": rule(
    "warning",
    "each run depends on a mirror and writes to the disk: the job hangs when it is needed",
    "Use an image that has the packages.",
  ),
  "distribution-key-unknown": rule(
    "warning",
    "the registry passes over a key that it does not know: the limit does not exist",
    "Take the key away, or use what the running version offers.",
  ),
  "accept-unused": rule(
    "warning",
    "an acceptance that matches nothing hides the next fault",
    "Take the comment away, or write `tallyman: accept <rule> <reason>` with a rule that this file breaks.",
  ),
} as const satisfies Record<string, RuleText>;

export function isAuditRule(name: string): name is AuditRule {
  return Object.hasOwn(AUDIT_RULES, name);
}
