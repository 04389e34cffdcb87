import { auditFiles } from "../../../registry-host/audit/audit-files";
import type { AuditFinding } from "../../../registry-host/audit/audit-finding";
import { AUDIT_RULES, type AuditRule } from "../../../registry-host/audit/audit-rules";
import type { AuditFile } from "../../../registry-host/audit/material";
import type { Grade } from "../../change";
import { type Delta, type Place, withoutDocuments } from "../../delta";
import type { Json } from "../../json";
import { DeltaIndex } from "../common/delta-index";
import { baseName } from "../common/place-name";
import type { PlacePair } from "../common/place-pairs";
import { placePairs } from "../common/place-pairs";
import { childrenOf, pathOf, type Spot, type Step, spotsOf } from "../common/spot";
import { judged, type Statement, shown } from "../common/statement";
import type { DomainRule } from "../domain-rule";

/** What the audit of registry hosts finds in the newer output and not in the older, and the other way about. */
export const HOST_AUDIT: DomainRule = {
  name: "host-audit",
  judge: (input) => {
    if (!placePairs(input).some(isAboutRegistries)) return [];
    const pairs = placePairs(input, true);
    const [before, after] = [findings(pairs, "base"), findings(pairs, "head")];
    const index = DeltaIndex.of(input);
    return judged(
      [
        ...[...after].filter(([key]) => !before.has(key)).flatMap(([, all]) => all.map(found)),
        ...[...before].filter(([key]) => !after.has(key)).flatMap(([, all]) => all.map(gone)),
      ].map((statement) => ({ ...statement, touches: textOf(statement, index) })),
    );
  },
};

/** That it stands in, where that is a text and not data. */
function textOf({ place, steps }: Statement, index: DeltaIndex): readonly Delta[] {
  return index
    .below(place, steps)
    .filter(
      ({ path, before, after }) =>
        withoutDocuments(path).length === steps.length && [before, after].every(isText),
    );
}

function isText(value: Json | undefined): boolean {
  return typeof value === "string";
}

/** The others are told by rules of their own, or say nothing of a change. */
const GRADES: Partial<Record<AuditRule, { readonly grade: Grade; readonly kind: string }>> = {
  "gc-deletes-untagged": { grade: "danger", kind: "gc_unsafe" },
  "tag-directories-removed": { grade: "danger", kind: "tag_directories_removed" },
  "cleaner-of-untagged": { grade: "danger", kind: "cleaner_of_untagged" },
  "gc-without-restart": { grade: "risk", kind: "gc_without_restart" },
  "delete-exposed": { grade: "risk", kind: "delete_exposed" },
  "debug-exposed": { grade: "risk", kind: "debug_exposed" },
  "tls-not-verified": { grade: "risk", kind: "tls_unverified" },
  "upstream-resolved-once": { grade: "risk", kind: "upstream_resolved_once" },
  "mount-not-delivered": { grade: "notice", kind: "mount_not_delivered" },
  "port-without-server": { grade: "notice", kind: "port_without_server" },
  "probe-by-head": { grade: "notice", kind: "probe_by_head" },
  "package-install-at-run-time": { grade: "notice", kind: "package_install_at_run_time" },
  "distribution-key-unknown": { grade: "notice", kind: "distribution_key_unknown" },
};

interface Located {
  readonly finding: AuditFinding;
  readonly place: Place;
  readonly steps: readonly Step[];
}

interface Document extends AuditFile {
  readonly place: Place;
  readonly steps: readonly Step[];
}

/** By what is the same in both outputs: lines move, and so do the places that carry a file. */
function findings(
  pairs: readonly PlacePair[],
  side: "base" | "head",
): ReadonlyMap<string, readonly Located[]> {
  const documents = pairs.flatMap((pair) => documentsOf(pair.place, pair[side]));
  const byPath = new Map(documents.map((one) => [one.path, one]));
  const { findings: all } = auditFiles(documents.map(({ path, text }) => ({ path, text })));
  const located = new Map<string, Located[]>();
  for (const finding of all) {
    const document = byPath.get(finding.file);
    if (document === undefined || GRADES[finding.rule] === undefined || finding.severity === "information")
      continue;
    const key = `${finding.rule}\n${baseName(document.steps.at(-1)?.name ?? document.path)}\n${finding.text}`;
    const one = { finding, place: document.place, steps: document.steps };
    located.set(key, [...(located.get(key) ?? []), one]);
  }
  return located;
}

/** A word of what the audit is about; other documents are not read. */
const TOPIC = /registry|garbage-collect|_manifests|\/v2\/|proxy_pass|DELETE_IMAGES|untagged/i;

/** Rules and dashboards name registries throughout, and to read them costs more than all the rest: they act on none. */
const RULES = /"(?:alert|panels|promql_expr_test|alert_rule_test)":/;
const ACTING =
  /"(?:services|storage|jobs|steps|containers?|init_?containers?|inline|commands?|args|script|run|crontab|spec)":/i;

/** An artifact; a resource as a whole, and each text in it that has a name of its own. */
function documentsOf(place: Place, root: Json | undefined): readonly Document[] {
  if (root === undefined || place.kind === "stack" || place.kind === "settings") return [];
  if (typeof root === "string") {
    const path = place.kind === "artifact" ? place.path : place.address;
    return TOPIC.test(root) ? [{ path, text: root, place, steps: [] }] : [];
  }
  // Compose, workflows and CronJobs are YAML, and JSON is that too.
  const whole = JSON.stringify(root);
  if (!TOPIC.test(whole) || (RULES.test(whole) && !ACTING.test(whole))) return [];
  if (place.kind === "artifact") return [{ path: place.path, text: whole, place, steps: [] }];
  const name = `${place.stack}/${place.address}`;
  return spotsOf(root).flatMap((spot) =>
    childrenOf(spot).flatMap((child): readonly Document[] => {
      const path = `${name}/${pathOf(child.steps)}${isFile(child) ? "" : ".yml"}`;
      const text = isFile(child) ? fileText(child.value) : isCommands(child) ? commandsText(child) : null;
      return text === null || !TOPIC.test(text) ? [] : [{ path, text, place, steps: child.steps }];
    }),
  );
}

function isAboutRegistries({ place, base, head }: PlacePair): boolean {
  return documentsOf(place, base).length + documentsOf(place, head).length > 0;
}

function isFile({ steps }: Spot): boolean {
  return /\.(?:ya?ml|conf|sh|service|timer|cron)$|^crontab/.test(steps.at(-1)?.name ?? "");
}

/** A container's or a provisioner's. */
function isCommands({ steps, value }: Spot): boolean {
  return (
    /^(?:container|containers|init_container|inline)$/.test(steps.at(-1)?.name ?? "") &&
    typeof value === "object"
  );
}

function fileText(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** As a document that the audit takes for a workload's. */
function commandsText({ steps, value }: Spot): string {
  const key = steps.at(-1)?.name ?? "";
  return JSON.stringify({ apiVersion: "v1", kind: "Pod", spec: { [key]: value } });
}

function found({ finding, place, steps }: Located): Statement {
  const { grade, kind } = GRADES[finding.rule] ?? { grade: "notice", kind: "host_fault" };
  const milder = finding.rule === "tag-directories-removed" && finding.severity !== "damage" ? "risk" : grade;
  const text = `${finding.text}. ${AUDIT_RULES[finding.rule].fix}`;
  const values = { before: null, after: shown(whatOf(finding)) };
  return { grade: milder, kind, subject: "", place, steps, ...values, text, covers: [] };
}

function gone({ finding, place, steps }: Located): Statement {
  const { kind } = GRADES[finding.rule] ?? { kind: "host_fault" };
  const what = whatOf(finding);
  const text = `No longer there: ${what}.`;
  const mended = `${kind}_mended`;
  return {
    grade: "info",
    kind: mended,
    subject: "",
    place,
    steps,
    before: shown(what),
    after: null,
    text,
    covers: [],
  };
}

/** The setting as it stands, without the rule's reason. */
function whatOf({ rule, text }: AuditFinding): string {
  const end = text.indexOf(`: ${AUDIT_RULES[rule].reason}`);
  return end < 0 ? text : text.slice(0, end);
}
