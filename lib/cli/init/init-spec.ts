import type { CommandSpec } from "../option-table";

export const INIT_COMMAND: CommandSpec = {
  name: "init",
  argument: "[<folder>]",
  summary: "Write the beginning of an infrastructure repository that uses the library, with its tests.",
  options: [
    { name: "registry", value: "host", help: "what is probed", default: "registry.example.com" },
    {
      name: "pushgateway",
      value: "url",
      help: "where the probe's metrics go",
      default: "http://pushgateway.monitoring:9091",
    },
    { name: "namespace", value: "name", help: "where the probe runs", default: "monitoring" },
    {
      name: "repository",
      value: "url",
      help: "where the repository's files are read: runbooks are linked to below it",
      default: "https://git.example.com/infra/blob/main",
    },
    {
      name: "ci",
      value: "github|woodpecker|none",
      help: "whose workflow shows the diff of a pull request",
      default: "github",
    },
    {
      name: "library",
      value: "version",
      help: "of tallyman in package.json: a version, or file:<path> of a checkout or tarball",
      default: "this very version, as file:<path> where it runs from a checkout",
    },
  ],
};
