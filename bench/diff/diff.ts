/** The diff and the catalogue's commands, as processes, by number of elements. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isObject } from "../../lib/oci/descriptor";
import { type Measurement, measure } from "../measure";
import { figure } from "../report/figures";
import type { SectionContent } from "../report/record";
import { type ScaledCosts, scaledBars, scaledTable } from "../report/scaled-costs";
import { median } from "../report/statistics";
import { runSection } from "../section";
import { catalogJson, scaledSeconds } from "../synthesis/scaled-seconds";
import { changedResources, writeOutput } from "./scaled-output";

const COMMAND = join("dist", "lib", "cli", "main.js");

const PLANS = {
  quick: { rounds: 1, resources: [100, 1_000, 10_000], services: [100, 1_000] },
  long: { rounds: 5, resources: [10, 100, 1_000, 10_000], services: [10, 100, 1_000] },
} as const;

function tallyman(...words: readonly string[]): Promise<Measurement> {
  return measure(process.execPath, [COMMAND, ...words]);
}

/** A diff that sees less than was changed proves nothing by being fast. */
function checkDiff({ exitCode, stdout }: Measurement, resources: number): void {
  const report: unknown = exitCode === 0 ? JSON.parse(stdout) : null;
  const listed: readonly unknown[] = isObject(report) && Array.isArray(report.changes) ? report.changes : [];
  const changes = listed.filter(isObject);
  const of = (kind: string) => changes.filter((change) => change.kind === kind);
  const told = {
    slower: of("schedule_slower").reduce((sum, { text }) => sum + placesIn(`${text}`), 0),
    renamed: of("resource_renamed").length,
  };
  const expected = changedResources(resources);
  if (told.slower !== expected || told.renamed !== expected) {
    throw new Error(
      `${expected} of ${resources} are changed in each way, the diff says ${JSON.stringify(told)}`,
    );
  }
}

/** What is equal at several places is told once: "… Also at a, b, c and 6 more." */
function placesIn(text: string): number {
  const [, also = "", more = "0"] = /Also at (.*?)(?: and (\d+) more)?\.$/.exec(text) ?? [];
  return 1 + (also === "" ? 0 : also.split(/, | and /).length) + Number(more);
}

runSection({
  name: "diff",
  title: "The diff and the catalogue",
  measure: async ({ form, rounds: given }): Promise<SectionContent> => {
    const plan = PLANS[form];
    const rounds = given ?? plan.rounds;
    const folder = mkdtempSync(join(tmpdir(), "tallyman-bench-"));
    try {
      const starts = await inRounds(3, () => tallyman("--help"));
      const start = median(starts.map(({ wallSeconds }) => wallSeconds));
      const costs: ScaledCosts[] = [
        {
          name: "`tallyman diff`: resources",
          rounds: await diffCosts(plan.resources, rounds, start, folder),
        },
        ...(await catalogCosts(plan.services, rounds, start, folder)),
      ];
      return {
        blocks: [
          {
            text:
              `Processes, less the ${figure(start * 1000)} ms that it takes to start and print its help. Of the resources (CronJobs, and ` +
              "ConfigMaps with YAML) one in a hundred is changed in its schedule, one in a value of its YAML, one in its " +
              "logical id alone; every changed schedule must be told.",
          },
          { table: scaledTable(costs) },
        ],
        bars: scaledBars(costs),
        wrong: [],
        missing: [],
      };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
});

async function diffCosts(
  sizes: readonly number[],
  rounds: number,
  start: number,
  folder: string,
): Promise<ReadonlyMap<number, readonly number[]>> {
  const costs = new Map<number, readonly number[]>();
  const [base, head] = [join(folder, "base"), join(folder, "head")];
  for (const resources of sizes) {
    writeOutput(base, resources, "base");
    writeOutput(head, resources, "head");
    const runs = await inRounds(rounds, () => tallyman("diff", base, head, "--format", "json"));
    for (const run of runs) checkDiff(run, resources);
    costs.set(resources, lessStart(runs, start));
  }
  return costs;
}

async function catalogCosts(
  sizes: readonly number[],
  rounds: number,
  start: number,
  folder: string,
): Promise<readonly ScaledCosts[]> {
  const verbs = ["check", "render"] as const;
  const costs = verbs.map(() => new Map<number, readonly number[]>());
  const scaled = join(folder, "scaled");
  for (const services of sizes) {
    await scaledSeconds("services", services, 1, scaled);
    for (const [i, verb] of verbs.entries()) {
      const runs = await inRounds(rounds, () => tallyman("catalog", verb, catalogJson(scaled)));
      costs[i]?.set(services, lessStart(runs, start));
    }
  }
  return verbs.map((verb, i) => ({
    name: `\`tallyman catalog ${verb}\`: services`,
    rounds: costs[i] ?? new Map<number, readonly number[]>(),
  }));
}

async function inRounds(rounds: number, run: () => Promise<Measurement>): Promise<readonly Measurement[]> {
  const runs: Measurement[] = [];
  for (let round = 0; round < rounds; round++) {
    const one = await run();
    if (one.exitCode !== 0)
      throw new Error(`the command ends with ${one.exitCode}: ${one.stdout.slice(0, 500)}`);
    runs.push(one);
  }
  return runs;
}

/** Never 0, of which there is no logarithm. */
function lessStart(runs: readonly Measurement[], start: number): readonly number[] {
  return runs.map(({ wallSeconds }) => Math.max(wallSeconds - start, 0.001));
}
