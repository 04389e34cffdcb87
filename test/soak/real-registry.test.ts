/**
 * The exporter for long against real registries, of each version that is there: written to by pushes, restarted,
 * killed, held, and damaged on their disk. TALLYMAN_SOAK_SEED repeats a run's choices, not its timing.
 */
import { setTimeout as pause } from "node:timers/promises";
import { type DistributionVersion, distributionVersions } from "../support/distribution";
import { rawHttp } from "../support/raw-http";
import { twoPlatforms } from "../support/two-platforms";
import { writeImage } from "../support/write-image";
import { diskHarm } from "./disk-harm";
import { ExporterProcess } from "./exporter-process";
import { PlantedDamage } from "./planted-damage";
import { PushingClient } from "./pushing-client";
import { PushingWriter } from "./pushing-writer";
import { CONNECTIONS, expectSound, summary, watch } from "./samples";
import { SeededRandom } from "./seeded-random";
import { buildProgram, type SoakedProgram } from "./soaked-program";
import { StrainedRegistry, strainAtRandom } from "./strained-registry";

/** Of each version: a damage or two, and four walks. */
const SHORT_MINUTES = 0.3;
const SEED = Number(process.env.TALLYMAN_SOAK_SEED ?? Date.now() % 1_000_000);
/**
 * A walk has nine tenths of the interval: a 500 that lasts is damage once it has outlived the retries, some 1.4 s, at
 * two looks.
 */
const WORDS = ["--interval", "5s", "--timeout", "1s", "--rate", "0", "--concurrency", `${CONNECTIONS}`];
/** Restarts and halts included: a walk must once come by. */
const PATIENCE_MS = 90_000;

const versions = distributionVersions("the soak");
const MINUTES =
  process.env.TALLYMAN_SOAK_MINUTES === undefined
    ? SHORT_MINUTES
    : Number(process.env.TALLYMAN_SOAK_MINUTES) / versions.length;
const DURATION_MS = MINUTES * 60_000;
const WARM_UP_MS = Math.min(DURATION_MS / 4, 60_000);

let program: SoakedProgram;
let registry: StrainedRegistry;

beforeAll(async () => {
  program = await buildProgram();
});

afterAll(() => program?.remove());

describe.each(versions)("distribution %s", (version: DistributionVersion) => {
  beforeEach(async () => {
    registry = await StrainedRegistry.start(version);
  });

  afterEach(async () => {
    await registry.stop();
  });

  test(
    "memory flat, nothing left open, no wrong verdict, no damage untold",
    async () => {
      const own = (stream: number): SeededRandom => new SeededRandom(SEED + stream);
      const wait = (ms: number): Promise<void> => pause(ms);
      const client = new PushingClient(registry);
      const damage = new PlantedDamage(diskHarm(registry, client, own(1)), own(2));
      const writer = new PushingWriter(client, damage, own(3));
      await writer.fill();
      const exporter = await ExporterProcess.start(program.file, [registry.real.url, ...WORDS]);
      const end = performance.now() + DURATION_MS;
      const isProof = (): boolean => damage.isAnyTold && damage.complete > 2 * MINUTES;
      // A short run on a busy machine lasts until it proves something.
      const isOver = (): boolean => performance.now() >= (isProof() ? end : end + PATIENCE_MS);
      try {
        const [samples, , strains] = await Promise.all([
          watch(exporter, (report) => damage.hold(report), isOver, WARM_UP_MS),
          writer.write(isOver, wait),
          strainAtRandom(registry, own(4), isOver, wait),
          damage.breakAndMend(isOver, wait, PATIENCE_MS),
        ]);
        console.info(
          [
            `distribution ${version}, seed ${SEED}: ${damage.reports} reports, ${damage.complete} complete, ${writer.writes} writes, ${client.again} begun again`,
            `strains ${JSON.stringify(strains)}, harm ${JSON.stringify(damage.done)}`,
            summary(samples),
          ].join("\n"),
        );
        expect({ seed: SEED, wrong: damage.wrong }).toEqual({ seed: SEED, wrong: [] });
        expect({ isProof: isProof() }).toEqual({ isProof: true });
        expect(writer.writes).toBeGreaterThan(10 * MINUTES);
        await expectSound(exporter, samples);
      } finally {
        exporter.kill();
      }
    },
    DURATION_MS + PATIENCE_MS + 180_000, // a last mending, and what a busy machine takes for it
  );

  test("SIGTERM in the middle of a walk ends it within a second, with exit 0", async () => {
    const { real } = registry;
    for (let i = 0; i < 20; i++)
      writeImage(real.root, "team/app", `v${i}`, twoPlatforms(`soak/sigterm-${i}`));
    const random = new SeededRandom(SEED);
    const ways: Readonly<Record<string, { readonly before: boolean; readonly after: boolean }>> = {
      "it never answered": { before: true, after: true },
      "it answers": { before: false, after: false },
      "it fell silent": { before: false, after: true },
    };
    for (const [registryIs, isHeld] of Object.entries(ways)) {
      const hold = (is: boolean): boolean => is && process.kill(real.pid, "SIGSTOP");
      hold(isHeld.before);
      // Some 180 references at ten a second: the first walk is under way for long.
      const words = ["--timeout", "30s", "--rate", "10"];
      const exporter = await ExporterProcess.start(program.file, [real.url, ...words]);
      try {
        await pause(random.between(0, 700));
        hold(isHeld.after);
        await pause(random.between(0, 300));
        const report = await rawHttp(`${exporter.url}/report`);
        const { code, tookMs } = await exporter.stop();
        const expected = { seed: SEED, registryIs, hasWalked: false, code: 0 };
        expect({ ...expected, hasWalked: report.status === 200, code }).toEqual(expected);
        expect(tookMs).toBeLessThan(1_000);
      } finally {
        exporter.kill();
        process.kill(real.pid, "SIGCONT");
      }
    }
  });
});
