import type { CommandSpec } from "../option-table";

export const HOST_COMMAND: CommandSpec = {
  name: "host",
  argument: "check [<folder>]",
  summary: "Compare a registry host with the release that was synthesized.",
  options: [
    { name: "ssh", value: "[user@]host[:port]", help: "look at this host by the system's ssh" },
    { name: "known-hosts", value: "file", help: "where its host key stands", default: "that of ssh" },
    { name: "identity", value: "file", help: "private key for ssh", default: "that of ssh, and its agent" },
    { name: "root-dir", value: "dir", help: "look here, below this folder: / on the host itself" },
    { name: "timeout", value: "duration", help: "for the whole look", default: "2m" },
    { name: "format", value: "table|json", help: "what goes to standard output", default: "table" },
  ],
};
