import { type CommandSpec, type OptionSpec, PROBE_COMMAND } from "../option-table";

/** What the walk and the connection take is the probe's, word for word. */
const OF_PROBE = new Set([
  ...["repository", "blobs", "verify-bytes", "address", "ca", "insecure-skip-tls-verify", "docker-config"],
  ...["token-host", "timeout", "deadline", "concurrency", "rate"],
]);

const OWN: readonly OptionSpec[] = [
  {
    name: "from-disk",
    value: "root",
    help: "take lost bytes from this registry storage, the folder that holds docker/registry/v2",
  },
  { name: "from-layout", value: "folder", help: "take lost bytes from this OCI image layout" },
  {
    name: "from",
    value: "registry[/prefix]",
    help: "take lost bytes from this registry, its credentials from the Docker config",
  },
  {
    name: "catalog",
    value: "catalog.json",
    help: "service catalogue that names the pipeline where only a rebuild helps",
  },
  { name: "apply", value: null, help: "carry the plan out, then walk the repositories again" },
  {
    name: "allow-retag",
    value: null,
    help: "with --apply: also point a lost tag at other content, as the plan says",
  },
  { name: "format", value: "table|json", help: "what goes to standard output", default: "table" },
];

export const REPAIR_COMMAND: CommandSpec = {
  name: "repair",
  argument: "<registry>",
  summary: "Plan, or apply, the cheapest safe repair of each broken reference.",
  options: [
    ...PROBE_COMMAND.options.filter(({ name }) => OF_PROBE.has(name)),
    ...OWN.map((option) =>
      option.name.startsWith("from") ? { ...option, repeatable: true as const } : option,
    ),
  ],
};
