import { spawnSync } from "node:child_process";
import { type ExpectedCounts, runProbe } from "../probe";
import { type Contender, observed } from "./contender";
import type { Target } from "./target";

export const RANGE = "tallyman, the default (by range)";

/** The walk in one mode, of the whole estate: a verdict or a count that is not the truth is an error. */
export function tallyman(
  target: Target,
  counts: ExpectedCounts,
  program: string,
  blobs: string,
  name: string,
  connections = 16,
): Contender {
  const { words, env } = target;
  return {
    name,
    asked: "all",
    run: () =>
      observed(target.pid, 1, async () => {
        const run = await runProbe(target.url, blobs, counts, program, { connections, words, env });
        return { run, disagreement: null };
      }),
  };
}

/** What `--blobs` takes besides the default, as far as this build knows it. */
export function otherModes(program: string): readonly (readonly [mode: string, name: string])[] {
  const { stdout } = spawnSync(process.execPath, [program, "probe", "--help"], { encoding: "utf8" });
  return [
    ["head", "tallyman --blobs head"] as const,
    ...(/--blobs .*rotate/.test(stdout) ? [["rotate/12", "tallyman --blobs rotate/12"] as const] : []),
  ];
}
