import type { CommandSpec } from "../option-table";

/** Apart from the command, so that the list of commands loads no parser. */
export const DIFF_COMMAND: CommandSpec = {
  name: "diff",
  argument: "<base> <head>",
  summary: "Say in words what changes between two synthesized outputs: folders, or git revisions.",
  options: [
    {
      name: "format",
      value: "terminal|markdown|json",
      help: "what goes to standard output; markdown is for a comment on a pull request",
      default: "terminal",
    },
    {
      name: "fail-on",
      value: "info|notice|risk|danger",
      help: "exit 1 where the worst change is of this grade or above",
      default: "exit 0 whatever changes",
    },
    {
      name: "from-json",
      value: "file",
      help: "render what an earlier run wrote by --format json; reads nothing else, runs nothing",
    },
    {
      name: "synth",
      value: "command",
      help: "a shell command that synthesizes a revision to $CDKTF_OUTDIR",
      default: "app of that revision's cdktf.json",
    },
    { name: "timeout", value: "duration", help: "for the synthesis of one revision", default: "10m" },
  ],
};
