import type { CommandSpec } from "../option-table";

export const SCAN_COMMAND: CommandSpec = {
  name: "scan",
  argument: "<root>",
  summary: "Read a registry's storage on disk and say what is broken in it.",
  options: [
    {
      name: "role",
      value: "registry=authoritative|cache",
      repeatable: true,
      help: "what the folder is: in a pull-through cache anything may be missing",
      default: "authoritative",
    },
    {
      name: "format",
      value: "table|json|prometheus",
      help: "what goes to standard output",
      default: "table",
    },
    {
      name: "textfile",
      value: "file.prom",
      help: "also write the metrics there, atomically, for the node exporter",
    },
    {
      name: "instance",
      value: "[registry=]name",
      repeatable: true,
      help: "the label under which a registry is known",
      default: "the folder's name",
    },
    {
      name: "verify-bytes",
      value: "all|k/n|auto/n",
      help: "read and hash that slice of the blobs whole",
      default: "none",
    },
    { name: "interval", value: "duration", help: "time between two runs: settles auto/n", default: "24h" },
    {
      name: "fix-layer-links",
      value: null,
      help: "remove layer links whose data is gone, that no tag needs and that are older than an hour",
    },
    { name: "dry-run", value: null, help: "with --fix-layer-links: name the links, remove none" },
  ],
};
