import type { CommandSpec } from "../option-table";

export const DEMO_COMMAND: CommandSpec = {
  name: "demo",
  argument: "",
  summary: "Break an image as a cleaner of untagged versions does, find it, and mend it by one request.",
  options: [],
};
