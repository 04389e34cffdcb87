import { type CommandSpec, PROBE_COMMAND } from "../option-table";

/** Beside the configuration, under version control. */
export const DEFAULT_LOCK = "images.lock.json";

const CONNECTION = new Set([
  ...["address", "ca", "insecure-skip-tls-verify", "docker-config", "token-host"],
  ...["timeout", "deadline", "concurrency", "rate"],
]);

export const PIN_COMMAND: CommandSpec = {
  name: "pin",
  argument: "[<image>...]",
  summary: "Resolve tags to digests, into a lock file.",
  options: [
    { name: "from", value: "file", help: "JSON file of images, as the registry host's images.json" },
    { name: "lock", value: "file", help: "the lock to read and to write", default: DEFAULT_LOCK },
    {
      name: "check",
      value: null,
      help: "write nothing: exit 1 where a tag has moved since it was locked",
    },
    ...PROBE_COMMAND.options
      .filter(({ name }) => CONNECTION.has(name))
      .map((option) =>
        option.name === "deadline" ? { ...option, help: "for all images together" } : option,
      ),
  ],
};
