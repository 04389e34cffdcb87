/**
 * The exporter for long: a minute here, `npm run soak -- --minutes 60` for the long form. The registry fails at random
 * and is written to; what is damaged is known at every moment. TALLYMAN_SOAK_SEED repeats a run's choices.
 */
import { setTimeout as pause } from "node:timers/promises";
import { EmbeddedRegistry } from "../../lib/testing";
import { embeddedHarm } from "./embedded-harm";
import { ExporterProcess } from "./exporter-process";
import { PlantedDamage } from "./planted-damage";
import { failAtRandom } from "./random-faults";
import { RandomWriter } from "./random-writer";
import { CONNECTIONS, expectSound, summary, watch } from "./samples";
import { SeededRandom } from "./seeded-random";
import { buildProgram, type SoakedProgram } from "./soaked-program";

const MINUTES = Number(process.env.TALLYMAN_SOAK_MINUTES ?? 1);
const SEED = Number(process.env.TALLYMAN_SOAK_SEED ?? Date.now() % 1_000_000);
const DURATION_MS = MINUTES * 60_000;
const WARM_UP_MS = Math.min(DURATION_MS / 4, 60_000);
const WORDS = ["--interval", "1s", "--timeout", "400ms", "--rate", "0", "--concurrency", `${CONNECTIONS}`];
/** Outages included: a walk must once come through. */
const PATIENCE_MS = 30_000;

let program: SoakedProgram;
let registry: EmbeddedRegistry;

beforeAll(async () => {
  program = await buildProgram();
});

afterAll(() => program?.remove());

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
    const damage = new PlantedDamage(embeddedHarm(registry, own(1)), own(4));
    const writer = new RandomWriter(registry, own(2));
    writer.fill();
    const exporter = await ExporterProcess.start(program.file, [registry.url, ...WORDS]);
    try {
      const [samples, , hits] = await Promise.all([
        watch(exporter, (report) => damage.hold(report), isOver, WARM_UP_MS),
        writer.write(isOver, (ms) => pause(ms)),
        failAtRandom(registry, own(3), isOver, (ms) => pause(ms)),
        damage.breakAndMend(isOver, (ms) => pause(ms), PATIENCE_MS),
      ]);
      registry.clearScript();
      const told = `seed ${SEED}: ${damage.reports} reports, ${damage.complete} complete, harm ${JSON.stringify(damage.done)}, ${writer.writes} writes, hits ${JSON.stringify([...hits])}`;
      console.info(`${told}\n${summary(samples)}`);
      expect({ seed: SEED, wrong: damage.wrong }).toEqual({ seed: SEED, wrong: [] });
      // Else it proved nothing.
      expect(damage.complete).toBeGreaterThan(2 * MINUTES);
      expect(damage.isAnyTold).toBe(true);
      expect(writer.writes).toBeGreaterThan(30 * MINUTES);
      await expectSound(exporter, samples);
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
    const exporter = await ExporterProcess.start(program.file, [registry.url, ...words]);
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
