/**
 * The real walker against simulated registries of up to ten million blobs, in virtual time. Arguments: --long (all
 * sizes, and writes the figures into docs/scaling.md; without it two small sizes, shown alone).
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { parseArgs } from "node:util";
import { forEachLimit } from "../lib/core/for-each-limit";
import { PROGRAM_NODE_FLAGS } from "../lib/integrity/contract";
import { runMain } from "./run-main";
import { type Measured, renderFigures } from "./simulation/figures";
import {
  type IntervalWalks,
  type WholeWalk,
  walkFullestShard,
  walkIntervals,
  walkWhole,
} from "./simulation/run-scenario";
import { type Scenario, scenariosOf } from "./simulation/scenarios";

const DOCUMENT = "docs/scaling.md";
const BEGIN = "<!-- figures: npm run bench -- scaling --long -->";
const END = "<!-- end of figures -->";
const QUICK_SIZES = [10_000, 30_000];
const LONG_SIZES = [100_000, 1_000_000, 10_000_000];

const { values: args } = parseArgs({
  options: {
    long: { type: "boolean", default: false },
    /** `<kind> <number of the scenario>`: this process is one measurement. */
    part: { type: "string" },
  },
});

type Part = "whole" | "intervals" | "resident";

const scenarios = scenariosOf(args.long ? LONG_SIZES : QUICK_SIZES);

async function measurePart(part: string): Promise<number> {
  const [kind, number] = part.split(" ");
  const scenario = scenarios[Number(number)] as Scenario;
  if (kind === "whole") console.log(JSON.stringify(await walkWhole(scenario)));
  else if (kind === "intervals") console.log(JSON.stringify(await walkIntervals(scenario)));
  else {
    await walkFullestShard(scenario);
    console.log(JSON.stringify(process.resourceUsage().maxRSS / 1024));
  }
  return 0;
}

/** In a process of its own; what is to say of memory is said under the flags of the cluster. */
async function runPart<T>(kind: Part, number: number): Promise<T> {
  const flags = kind === "resident" ? PROGRAM_NODE_FLAGS : ["--max-semi-space-size=16"];
  const words = [...(args.long ? ["--long"] : []), "--part", `${kind} ${number}`];
  const child = spawn(process.execPath, [...flags, __filename, ...words], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  const [exitCode] = (await once(child, "close")) as [number | null];
  const text = Buffer.concat(chunks).toString("utf8");
  if (exitCode !== 0)
    throw new Error(`the measurement ${kind} of ${scenarios[number]?.name} ended with ${exitCode}: ${text}`);
  return JSON.parse(text) as T;
}

async function measureAll(): Promise<readonly Measured[]> {
  const whole = new Map<number, WholeWalk>();
  const intervals = new Map<number, IntervalWalks>();
  const resident = new Map<number, number>();
  // The longest first, so that no processor is left with it at the end.
  const parts = scenarios.flatMap((scenario, number): (() => Promise<unknown>)[] => [
    async () => scenario.isWalkedWhole && whole.set(number, await runPart<WholeWalk>("whole", number)),
    async () => intervals.set(number, await runPart<IntervalWalks>("intervals", number)),
    async () => resident.set(number, await runPart<number>("resident", number)),
  ]);
  await forEachLimit(parts.reverse(), Math.min(2, availableParallelism()), async (part) => {
    await part();
  });
  return scenarios.map((scenario, number) => ({
    scenario,
    whole: whole.get(number) ?? null,
    intervals: intervals.get(number) as IntervalWalks,
    residentMiB: resident.get(number) as number,
  }));
}

function write(figures: string): void {
  const text = readFileSync(DOCUMENT, "utf8");
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (begin < 0 || end < begin)
    throw new Error(`${DOCUMENT} must hold ${BEGIN} and then ${END}. Put them back.`);
  const head = text.slice(0, begin + BEGIN.length);
  writeFileSync(`${DOCUMENT}.new`, `${head}\n\n${figures}\n\n${text.slice(end)}`);
  renameSync(`${DOCUMENT}.new`, DOCUMENT);
}

async function main(): Promise<number> {
  if (args.part !== undefined) return measurePart(args.part);
  const began = performance.now();
  const figures = renderFigures(await measureAll());
  const took = Math.round((performance.now() - began) / 1000);
  const machine = `${cpus().length} processors (${cpus()[0]?.model ?? "unknown"}), Node ${process.versions.node}`;
  const made = `Made ${new Date().toISOString().slice(0, 10)} in ${took} s on ${machine}; times are virtual, memory is real.`;
  console.log(`${figures}\n\n${made}`);
  if (args.long) write(`${figures}\n\n${made}`);
  return 0;
}

runMain(main);
