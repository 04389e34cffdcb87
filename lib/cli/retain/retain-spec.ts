import { type CommandSpec, PROBE_COMMAND } from "../option-table";

const CONNECTION = new Set([
  "address",
  "ca",
  "insecure-skip-tls-verify",
  "docker-config",
  "token-host",
  "timeout",
  "concurrency",
  "rate",
]);

/** `tallyman retain`, with the probe's options of connection. */
export const RETAIN_COMMAND: CommandSpec = {
  name: "retain",
  argument: "<registry>",
  summary: "Plan, or apply, which tags go, so that no kept image loses anything.",
  options: [
    { name: "keep-last", value: "n", help: "keep the n newest images of a repository, by creation time" },
    {
      name: "keep",
      value: "regex",
      repeatable: true,
      help: "keep tags in which the expression is found; anchor it by ^ and $",
    },
    {
      name: "min-age",
      value: "duration",
      help: "keep what is younger; what does not tell its age is kept too",
      default: "24h",
    },
    {
      name: "storage",
      value: "root",
      help: "the registry's storage on disk, which tells when a manifest was uploaded; without it an old image that was pushed just now counts as old",
    },
    {
      name: "in-use",
      value: "-|file",
      help: "keep what these pods run: the output of kubectl get pods -A -o json",
    },
    {
      name: "repository",
      value: "name",
      repeatable: true,
      help: "look at this repository, not the catalogue",
    },
    { name: "apply", value: null, help: "delete; without it the plan is shown, and nothing is changed" },
    { name: "format", value: "table|json", help: "what goes to standard output", default: "table" },
    ...PROBE_COMMAND.options.filter(({ name }) => CONNECTION.has(name)),
    {
      name: "deadline",
      value: "duration",
      help: "for walk, plan and deletions together, and again for the last walk",
      default: "10m",
    },
  ],
};
