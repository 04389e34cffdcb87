import type { CommandSpec } from "../option-table";

/** Apart from the command, so that the list of commands loads no parser. */
export const AUDIT_COMMAND: CommandSpec = {
  name: "audit",
  argument: "<folder>",
  summary: "Find settings that damage registries in any repository of files.",
  options: [
    {
      name: "format",
      value: "table|json|github",
      help: "what goes to standard output; github are annotations of a workflow",
      default: "table",
    },
  ],
};
