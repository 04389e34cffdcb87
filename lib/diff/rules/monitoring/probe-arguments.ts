import type { Container, Workload } from "./workload";

/** One registry that a container's command line asks to be probed. */
export interface ProbedRegistry {
  readonly workload: Workload;
  readonly container: Container;
  readonly command: "probe" | "serve";
  /** Under which the registry is known: `--instance`, else the registry's host. */
  readonly instance: string;
  /** By name without dashes; a switch has no value. */
  readonly options: ReadonlyMap<string, readonly string[]>;
}

/** Options without a value. */
const SWITCHES: ReadonlySet<string> = new Set([
  "exit-zero",
  "help",
  "insecure-skip-tls-verify",
  "no-color",
  "private",
  "quiet",
  "verbose",
]);
const PROGRAM = /(?:^|\/)tallyman(?:\.m?js)?$/;

/** The registries of a workload's containers; none where no container runs the probe. */
export function probedRegistries(workload: Workload): readonly ProbedRegistry[] {
  return workload.containers.flatMap((container) => {
    const words = probeWords(container.words);
    const [command, ...rest] = words;
    if (command !== "probe" && command !== "serve") return [];
    const { options, positionals } = readWords(rest);
    const [instance] = options.get("instance") ?? [];
    return positionals.map((registry) => ({
      workload,
      container,
      command,
      instance: positionals.length === 1 && instance !== undefined ? instance : hostOf(registry),
      options,
    }));
  });
}

/** From the command's name on; a container whose image runs the program by itself has arguments alone. */
function probeWords(words: readonly string[]): readonly string[] {
  const program = words.findIndex((word) => PROGRAM.test(word));
  return words.slice(program + 1);
}

function readWords(words: readonly string[]) {
  const options = new Map<string, readonly string[]>();
  const positionals: string[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? "";
    if (!word.startsWith("--")) {
      positionals.push(word);
      continue;
    }
    const equals = word.indexOf("=");
    const name = word.slice(2, equals < 0 ? undefined : equals);
    let value = equals < 0 ? "" : word.slice(equals + 1);
    if (equals < 0 && !SWITCHES.has(name)) {
      value = words[at + 1] ?? "";
      at += 1;
    }
    options.set(name, [...(options.get(name) ?? []), value]);
  }
  return { options, positionals };
}

function hostOf(registry: string): string {
  return registry.replace(/^https?:\/\//, "").replace(/\/.*$/, "");
}
