import { cpuSecondsOf, type Measurement } from "../measure";

/** One run of a contender, scaled to the whole estate where it was asked for a part; NaN for what is not known. */
export interface Run {
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
  /** What the run cost the registry: half of what there is to say about two cores. */
  readonly registryCpuSeconds: number;
  readonly maxResidentMiB: number;
  /** What it said of the sound estate that is not true; null where it agreed with the truth. */
  readonly disagreement: string | null;
}

export interface Contender {
  readonly name: string;
  /** What of the estate it is asked for, such as `all` or `20 of 320 tags`. */
  readonly asked: string;
  /** In how many of the rounds it takes part, from the first on. @default all */
  readonly rounds?: number;
  readonly run: () => Promise<Run>;
}

/** A contender and its runs, one a round. */
export interface Series {
  readonly name: string;
  readonly asked: string;
  readonly runs: readonly Run[];
}

/** The contenders of each round side by side. */
export async function runRounds(
  contenders: readonly Contender[],
  rounds: number,
): Promise<readonly Series[]> {
  const runs = contenders.map((): Run[] => []);
  for (let round = 0; round < rounds; round++) {
    for (const [i, contender] of contenders.entries()) {
      if (round < (contender.rounds ?? rounds)) runs[i]?.push(await contender.run());
    }
  }
  return contenders.map(({ name, asked }, i) => ({ name, asked, runs: runs[i] ?? [] }));
}

/** @param share of the estate that `use` asks for, above 0 and at most 1 */
export async function observed(
  registryPid: number,
  share: number,
  use: () => Promise<{ readonly run: Measurement; readonly disagreement: string | null }>,
): Promise<Run> {
  const before = cpuSecondsOf(registryPid);
  const { run, disagreement } = await use();
  return {
    wallSeconds: run.wallSeconds / share,
    cpuSeconds: run.cpuSeconds / share,
    registryCpuSeconds: (cpuSecondsOf(registryPid) - before) / share,
    maxResidentMiB: run.maxResidentMiB,
    disagreement,
  };
}

/** At most so many of them, evenly taken. */
export function sampleOf<T>(items: readonly T[], atMost: number): readonly T[] {
  const step = Math.max(1, items.length / atMost);
  return items.filter((_, i) => Math.floor(i / step) !== Math.floor((i - 1) / step));
}
