import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Measurement, measure } from "../measure";
import { type CpuProfile, partsOf } from "./profile-parts";
import { differences, elementsOf } from "./same-resources";

/** As seen from the bundle in dist/bench. */
const RAW_APP = resolve(__dirname, "../../bench/synthesis/raw-app.js");

/** What the estate's synthesis is held against: nothing but cdktf, and its resources without this library. */
export const PROGRAMS = ["bare", "raw", "estate"] as const;

export type Program = (typeof PROGRAMS)[number];

export interface EstateRuns {
  readonly runs: Readonly<Record<Program, readonly Measurement[]>>;
  /** Milliseconds by part, of each program's quickest run under a profile. */
  readonly parts: Readonly<Record<Program, ReadonlyMap<string, number>>>;
  /** How many of each type. */
  readonly resources: ReadonlyMap<string, number>;
}

/**
 * Each program by turns, once beforehand, so that no round reads from a cold disk; then under V8's profile.
 * @throws Error where one fails, or where the raw resources are not those of the estate
 */
export async function estateRuns(rounds: number, folder: string): Promise<EstateRuns> {
  const [estate, raw] = [join(folder, "estate"), join(folder, "raw")];
  const wordsOf: Readonly<Record<Program, readonly string[]>> = {
    bare: ["-e", 'require("cdktf")'],
    raw: [RAW_APP, estate, raw],
    estate: ["dist/stacks/main.js"],
  };
  const run = async (program: Program, flags: readonly string[] = []): Promise<Measurement> => {
    const words = ["-c", 'exec "$0" "$@" 2>/dev/null', process.execPath, ...flags, ...wordsOf[program]];
    const measurement = await measure("sh", words, { env: { CDKTF_OUTDIR: estate } });
    if (measurement.exitCode !== 0) throw new Error(`the synthesis of ${program} failed`);
    return measurement;
  };
  await run("estate");
  for (const program of PROGRAMS) await run(program);
  const elements = elementsOf(estate);
  const wrong = differences(elements, elementsOf(raw));
  if (wrong.length > 0)
    throw new Error(`bench/synthesis/raw-app.js makes other resources: ${wrong.join(", ")}`);
  const runs: Record<Program, Measurement[]> = { bare: [], raw: [], estate: [] };
  for (let round = 0; round < rounds; round++) {
    for (const program of PROGRAMS) runs[program].push(await run(program));
  }
  const profiles = join(folder, "profiles");
  for (let round = 0; round < rounds; round++) {
    for (const program of PROGRAMS) {
      const into = join(profiles, program);
      mkdirSync(into, { recursive: true });
      await run(program, ["--cpu-prof", "--cpu-prof-interval=500", `--cpu-prof-dir=${into}`]);
    }
  }
  const parts = {
    bare: quickest(join(profiles, "bare")),
    raw: quickest(join(profiles, "raw")),
    estate: quickest(join(profiles, "estate")),
  };
  rmSync(profiles, { recursive: true });
  return { runs, parts, resources: countTypes(elements.keys()) };
}

/** Of the profiles in a folder, the one that shows least of what else the machine did. */
function quickest(folder: string): ReadonlyMap<string, number> {
  const all = readdirSync(folder).map((name) => {
    const profile = JSON.parse(readFileSync(join(folder, name), "utf8")) as CpuProfile;
    return partsOf(profile);
  });
  const [first] = all.sort((a, b) => total(a) - total(b));
  if (first === undefined) throw new Error(`no profile in ${folder}`);
  return first;
}

export function total(parts: ReadonlyMap<string, number>): number {
  return [...parts.values()].reduce((sum, one) => sum + one, 0);
}

function countTypes(names: Iterable<string>): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) {
    const [, kind, type = ""] = name.split(" ");
    if (kind === "resource") counts.set(type, (counts.get(type) ?? 0) + 1);
  }
  return counts;
}
