/**
 * The exporter for long: a minute here, `npm run soak -- --minutes 60` for the long form. The registry fails at random
 * and is written to; what is damaged is known at every moment. TALLYMAN_SOAK_SEED repeats a run's choices.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { build } from "esbuild";
import { EmbeddedRegistry } from "../../lib/testing";
import { rawHttp } from "../support/raw-http";
import { ExporterProcess, type Inside } from "./exporter-process";
import { PlantedDamage } from "./planted-damage";
import { failAtRandom } from "./random-faults";
import { RandomWriter } from "./random-writer";
import { SeededRandom } from "./seeded-random";

const MINUTES = Number(process.env.TALLYMAN_SOAK_MINUTES ?? 1);
const SEED = Number(process.env.TALLYMAN_SOAK_SEED ?? Date.now() % 1_000_000);
const DURATION_MS = MINUTES * 60_000;
/** What the first walks load and allocate is no leak. */
const WARM_UP_MS = Math.min(DURATION_MS / 4, 60_000);
const WORDS = ["--interval", "1s", "--timeout", "400ms", "--rate", "0", "--concurrency", "8"];
/** Outages included: a walk must once come through. */
const PATIENCE_MS = 30_000;
const MIB = 2 ** 20;
/** Between the medians of the first and the last third; a leak of one report a walk is more within minutes. */
const MAX_HEAP_GROWTH = 2 * MIB;
const MAX_RESIDENT_GROWTH = 16 * MIB;
/** As the pod's limit is. */
const MAX_RESIDENT = 96 * MIB;
/** Connections to the registry, those of the scrapes, the listener, the channel to the test; twice that. */
const MAX_SOCKETS = 2 * (8 + 4 + 2);

interface Sample extends Inside {
  readonly sockets: number;
  readonly resident: number;
}

let folder = "";
let program = "";
let registry: EmbeddedRegistry;

beforeAll(async () => {
  const { bundleOptions } = jest.requireActual<{ readonly bundleOptions: Parameters<typeof build>[0] }>(
    "../../scripts/bundle.js",
  );
  const [file] = (await build({ ...bundleOptions, write: false })).outputFiles ?? [];
  if (file === undefined) throw new Error("esbuild made no file");
  folder = mkdtempSync(join(tmpdir(), "tallyman-soak-"));
  program = join(folder, "tallyman.mjs");
  writeFileSync(program, file.contents);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeEach(async () => {
  registry = await EmbeddedRegistry.start();
});

afterEach(async () => {
  await registry.close();
});

test(
  "memory flat, no socket or timer left behind, no wrong verdict",
  async () => {
    const end = performance.now() + DURATION_MS;
    const isOver = (): boolean => performance.now() >= end;
    const own = (stream: number): SeededRandom => new SeededRandom(SEED + stream);
    const damage = new PlantedDamage(registry, own(1));
    const writer = new RandomWriter(registry, own(2));
    writer.fill();
    const exporter = await ExporterProcess.start(program, [registry.url, ...WORDS]);
    try {
      const [samples, , hits] = await Promise.all([
        watch(exporter, damage, isOver),
        writer.write(isOver, (ms) => pause(ms)),
        failAtRandom(registry, own(3), isOver, (ms) => pause(ms)),
        damage.breakAndMend(isOver, (ms) => pause(ms), PATIENCE_MS),
      ]);
      registry.clearScript();
      const stopped = await exporter.stop();
      const told = `seed ${SEED}: ${damage.reports} reports, ${damage.complete} complete, ${damage.planted.length} damages, ${writer.writes} writes, hits ${JSON.stringify([...hits])}`;
      console.info(`${told}\n${summary(samples)}`);
      expect({ seed: SEED, wrong: damage.wrong }).toEqual({ seed: SEED, wrong: [] });
      // Else it proved nothing.
      expect(damage.complete).toBeGreaterThan(2 * MINUTES);
      expect(damage.planted.some(({ isTold }) => isTold)).toBe(true);
      expect(writer.writes).toBeGreaterThan(30 * MINUTES);
      expect(growth(samples, ({ heapUsed }) => heapUsed)).toBeLessThan(MAX_HEAP_GROWTH);
      expect(growth(samples, ({ resident }) => resident)).toBeLessThan(MAX_RESIDENT_GROWTH);
      expect(Math.max(...samples.map(({ resident }) => resident))).toBeLessThan(MAX_RESIDENT);
      expect(growth(samples, ({ sockets }) => sockets)).toBeLessThanOrEqual(4);
      expect(Math.max(...samples.map(({ sockets }) => sockets))).toBeLessThanOrEqual(MAX_SOCKETS);
      expect(growth(samples, ({ resources }) => count(resources))).toBeLessThanOrEqual(8);
      expect(stopped.code).toBe(0);
      expect(stopped.tookMs).toBeLessThan(1_000);
      expect(exporter.stderr).not.toContain("unexpected error");
    } finally {
      exporter.kill();
    }
  },
  DURATION_MS + 120_000,
);

test("SIGTERM at any moment of a walk ends it within a second, with exit 0", async () => {
  const random = new SeededRandom(SEED);
  new RandomWriter(registry, random).fill();
  for (let round = 0; round < 4; round++) {
    const fault = random.of([null, "hang", "hang-after-headers", "drip", "throttled"] as const);
    if (fault === "hang") registry.script({ fault: { kind: "hang" }, after: random.between(0, 20) });
    if (fault === "hang-after-headers")
      registry.script({ fault: { kind: "hang", point: "after-headers" }, after: random.between(0, 20) });
    if (fault === "drip") registry.script({ fault: { kind: "drip-body", bytes: 5, intervalMs: 200 } });
    if (fault === "throttled")
      registry.script({ fault: { kind: "status", status: 429, headers: { "retry-after": "60" } } });
    const words = ["--interval", "1s", "--timeout", "30s", "--rate", round % 2 === 0 ? "0" : "50"];
    const exporter = await ExporterProcess.start(program, [registry.url, ...words]);
    try {
      await pause(random.between(0, 900));
      const { code, tookMs } = await exporter.stop();
      expect({ seed: SEED, fault, code }).toEqual({ seed: SEED, fault, code: 0 });
      expect(tookMs).toBeLessThan(1_000);
    } finally {
      exporter.kill();
      registry.clearScript();
    }
  }
}, 60_000);

/** Asks for everything that is served, again and again, and looks inside. */
async function watch(
  exporter: ExporterProcess,
  damage: PlantedDamage,
  isOver: () => boolean,
): Promise<readonly Sample[]> {
  const samples: Sample[] = [];
  const warm = performance.now() + WARM_UP_MS;
  for (let round = 0; !isOver(); round++) {
    const [metrics, report, page] = await Promise.all(
      ["/metrics", "/report", "/"].map((path) => rawHttp(`${exporter.url}${path}`)),
    );
    expect([metrics?.status, page?.status]).toEqual([200, 200]);
    if (report?.status === 200) damage.hold(report.body.toString("utf8"));
    const isSampled = round % 4 === 0 && performance.now() > warm;
    if (isSampled) {
      const resident = exporter.anonymousBytes();
      samples.push({ ...(await exporter.inside()), sockets: exporter.sockets(), resident });
    }
    await pause(200);
  }
  return samples;
}

function growth(samples: readonly Sample[], of: (sample: Sample) => number): number {
  const third = Math.floor(samples.length / 3);
  return median(samples.slice(-third).map(of)) - median(samples.slice(0, third).map(of));
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

function count(resources: Inside["resources"]): number {
  return Object.values(resources).reduce((sum, one) => sum + one, 0);
}

function summary(samples: readonly Sample[]): string {
  const line = (name: string, of: (sample: Sample) => number, unit = 1): string => {
    const thirds = [0, 1, 2].map((at) => {
      const third = Math.floor(samples.length / 3);
      return (median(samples.slice(at * third, (at + 1) * third).map(of)) / unit).toFixed(1);
    });
    const most = (Math.max(...samples.map(of)) / unit).toFixed(1);
    return `${name}: medians of thirds ${thirds.join(", ")}, most ${most}`;
  };
  return [
    line("heap after collection, MiB", ({ heapUsed }) => heapUsed, MIB),
    line("resident, pages of files apart, MiB", ({ resident }) => resident, MIB),
    line("sockets", ({ sockets }) => sockets),
    line("what keeps the loop busy", ({ resources }) => count(resources)),
  ].join("\n");
}
