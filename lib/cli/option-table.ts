/** One option of a command; both argument parsers and the help are made from this. */
export interface OptionSpec {
  /** Without the dashes. */
  readonly name: string;
  /** What the value is called in the help; null for a switch. */
  readonly value: string | null;
  /** May be given more than once. */
  readonly repeatable?: true;
  readonly help: string;
  /** What holds without the option, as the help shows it. */
  readonly default?: string;
}

export interface CommandSpec {
  readonly name: string;
  /** `<registry>` or `<image>...`, as the help shows it. */
  readonly argument: string;
  readonly summary: string;
  readonly options: readonly OptionSpec[];
}

const CONNECTION: readonly OptionSpec[] = [
  {
    name: "address",
    value: "host:port",
    help: "dial this address; name, Host header and SNI stay the registry's",
  },
  { name: "ca", value: "file", help: "PEM file of further certificate authorities" },
  { name: "insecure-skip-tls-verify", value: null, help: "accept any certificate" },
  {
    name: "docker-config",
    value: "file",
    help: "Docker config file with credentials by host",
    default: "$DOCKER_CONFIG/config.json where DOCKER_CONFIG is set",
  },
  {
    name: "token-host",
    value: "host",
    repeatable: true,
    help: "a further host that may be sent the credentials as a token realm",
  },
  { name: "timeout", value: "duration", help: "for one request", default: "30s" },
  { name: "deadline", value: "duration", help: "for the whole walk", default: "10m" },
  { name: "concurrency", value: "n", help: "requests under way at once", default: "4" },
  { name: "rate", value: "n", help: "requests a second; 0 lifts the limit", default: "adaptive, 20 to 200" },
];

const PROOF: readonly OptionSpec[] = [
  {
    name: "blobs",
    value: "range|head|full",
    help: "ask for a blob's last byte, its head alone (blind to lost data), or all of it",
    default: "range",
  },
  {
    name: "verify-bytes",
    value: "all|k/n|auto/n",
    help: "read and hash that slice of the blobs whole",
    default: "none",
  },
];

const FORMAT: OptionSpec = {
  name: "format",
  value: "table|json|prometheus",
  help: "what goes to standard output",
  default: "table",
};

/** Which repositories and tags of a registry. */
const SCOPE: readonly OptionSpec[] = [
  { name: "repository", value: "name", repeatable: true, help: "walk this repository, not the catalogue" },
  {
    name: "newest",
    value: "n",
    help: "walk only the n newest tags of a repository, by the image's creation time",
    default: "all",
  },
];

/** What a walk that comes again and again needs to know. */
const REPEATED: readonly OptionSpec[] = [
  {
    name: "interval",
    value: "duration",
    help: "time between two runs: settles the adaptive rate and auto/n",
    default: "15m",
  },
  {
    name: "start-jitter",
    value: "duration",
    help: "wait a random time up to this before the first request",
    default: "0s",
  },
  { name: "private", value: null, help: "also check that an anonymous request is refused" },
  { name: "accept-file", value: "file", help: "JSON file of known damage that is accepted until a date" },
  {
    name: "instance",
    value: "name",
    help: "the label under which the registry is known",
    default: "the registry",
  },
];

const MEMORY: OptionSpec = {
  name: "memory",
  value: "file",
  help: "remember manifests from run to run: known ones are asked for by existence, and read again within a day",
  default: "none",
};

const SHARD: OptionSpec = {
  name: "shard",
  value: "i/n|auto/n",
  help: "walk the i-th of n parts of the repositories, at an n-th of the rate; auto: the pod's index in its Job",
  default: "all of them",
};

export const PROBE_COMMAND: CommandSpec = {
  name: "probe",
  argument: "<registry>",
  summary: "Prove that every tag of a registry can be pulled whole.",
  options: [
    ...SCOPE,
    SHARD,
    ...PROOF,
    ...CONNECTION,
    ...REPEATED,
    MEMORY,
    FORMAT,
    { name: "push", value: "url", help: "put the metrics to this Pushgateway" },
    {
      name: "replace-group",
      value: "job=name",
      help: "delete this group of a predecessor once the push was accepted",
    },
    { name: "exit-zero", value: null, help: "exit 0 once the report was made and pushed, whatever it says" },
  ],
};

export const VERIFY_COMMAND: CommandSpec = {
  name: "verify",
  argument: "<image>...",
  summary: "Prove that the given images can be pulled whole, after a push for instance.",
  options: [
    {
      name: "expect-platform",
      value: "os/arch",
      repeatable: true,
      help: "the image must have this platform",
    },
    { name: "expect-digest", value: "digest", help: "each reference must resolve to this digest" },
    {
      name: "recheck-after",
      value: "duration",
      help: "look a second time after so long",
      default: "no second look",
    },
    ...PROOF,
    ...CONNECTION,
    { ...FORMAT, value: "table|json" },
  ],
};

/** Of replicas that take turns. */
const LEASE: readonly OptionSpec[] = [
  {
    name: "lease",
    value: "[namespace/]name",
    help: "in a pod: walk only while this replica holds that Lease of the Kubernetes API",
    default: "none, it walks by itself",
  },
  {
    name: "lease-identity",
    value: "name",
    help: "the name by which the others know this replica",
    default: "the host's name",
  },
  {
    name: "lease-duration",
    value: "duration",
    help: "after which another takes over from a holder that is silent",
    default: "30s",
  },
];

export const SERVE_COMMAND: CommandSpec = {
  name: "serve",
  argument: "<registry>...",
  summary: "Walk registries again and again, and serve what the last walk proved: metrics, report, page.",
  options: [
    {
      name: "listen",
      value: "host:port",
      help: "serve /, /metrics, /report, /healthz and /readyz here",
      default: ":9099, all interfaces",
    },
    ...LEASE,
    ...REPEATED,
    { ...MEMORY, value: "file|process", help: `${MEMORY.help}; process: without a file` },
    ...SCOPE,
    ...PROOF,
    ...CONNECTION,
  ],
};

/** The text of `tallyman <command> --help`. */
export function formatHelp(command: CommandSpec): string {
  const rows = command.options.map((option): [string, string] => {
    const value = option.value === null ? "" : ` <${option.value}>`;
    const more = option.repeatable === true ? " (repeatable)" : "";
    const standard = option.default === undefined ? "" : ` (default: ${option.default})`;
    return [`--${option.name}${value}`, `${option.help}${more}${standard}`];
  });
  const width = Math.max(0, ...rows.map(([left]) => left.length));
  const lines = rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
  const words = [command.name, ...(rows.length > 0 ? ["[options]"] : []), command.argument].join(" ").trim();
  const options = rows.length > 0 ? `\nOptions:\n${lines.join("\n")}\n` : "";
  return `Usage: tallyman ${words}\n\n${command.summary}\n${options}`;
}
