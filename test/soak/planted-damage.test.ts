/** The truth that the soaks hold reports against, by reports that are told apart by it. */
import type { Report } from "../../lib/integrity/report";
import { type Harm, PlantedDamage } from "./planted-damage";
import { SeededRandom } from "./seeded-random";

const DIGEST = "sha256:aa";
const MARK = { kind: "truncated", repository: "fragile", digest: DIGEST } as const;
const MENDING = { kind: "layer_missing", repository: "fragile", digest: DIGEST } as const;

interface Told {
  readonly kind: string;
  readonly repository?: string;
  readonly digest?: string;
}

function report(beganMs: number, endedMs: number, told: readonly Told[], complete = true): string {
  const findings = told.map((one) => ({
    severity: "damage",
    repository: "fragile",
    digest: DIGEST,
    tags: ["prod"],
    detail: "",
    ...one,
  }));
  const durationMs = endedMs - beganMs - 1;
  const part: Partial<Report> = { startedAt: new Date(beganMs).toISOString(), durationMs, complete };
  return JSON.stringify({ ...part, findings });
}

/** Broken at 1000, for all to see at 1100; from 2000 mended, until 2100. */
async function broken(patienceMs = 0): Promise<PlantedDamage> {
  let nowMs = 0;
  const clock = jest.spyOn(Date, "now").mockImplementation(() => nowMs);
  let hasPaused = false;
  const harm: Harm = {
    name: "cut",
    marks: [MARK],
    mendingMarks: [MENDING],
    begin: async () => {
      nowMs = 1_100;
    },
    mend: async () => {
      nowMs = 2_100;
    },
  };
  const damage = new PlantedDamage(() => harm, new SeededRandom(1));
  const pause = async (): Promise<void> => {
    nowMs = hasPaused ? 2_000 : 1_000;
    hasPaused = true;
  };
  await damage.breakAndMend(() => nowMs === 2_100, pause, patienceMs);
  clock.mockRestore();
  damage.wrong.length = 0;
  return damage;
}

const CUT = [{ kind: "truncated" }];

test.each<[string, string, number]>([
  ["silent before it", report(100, 999, []), 0],
  ["told before it", report(100, 999, CUT), 1],
  ["told while it breaks", report(900, 1_050, CUT), 0],
  ["silent while it breaks", report(1_050, 1_500, []), 0],
  ["told while it stands", report(1_200, 1_500, CUT), 0],
  ["silent while it stands", report(1_200, 1_500, []), 1],
  ["silent while it stands, and incomplete", report(1_200, 1_500, [], false), 0],
  ["another kind while it stands", report(1_200, 1_500, [{ kind: "digest_mismatch" }]), 2],
  [
    "another repository besides",
    report(1_200, 1_500, [...CUT, { kind: "truncated", repository: "team" }]),
    1,
  ],
  ["another object besides", report(1_200, 1_500, [...CUT, { kind: "truncated", digest: "sha256:bb" }]), 1],
  ["the mending's kind too early", report(1_200, 1_500, [...CUT, { kind: "layer_missing" }]), 1],
  ["the mending's kind while it is mended", report(1_500, 2_050, [{ kind: "layer_missing" }]), 0],
  ["silent while it is mended", report(1_500, 2_050, []), 0],
  ["told once it is whole", report(2_200, 2_300, CUT), 1],
])("%s: %s", async (_, text, wrong) => {
  const damage = await broken();
  damage.hold(text);
  expect(damage.wrong).toHaveLength(wrong);
});

test("what nobody tells in time is wrong, whatever the reports say", async () => {
  const clock = jest.spyOn(Date, "now").mockReturnValue(1_000);
  let pauses = 0;
  const harm: Harm = {
    name: "cut",
    marks: [MARK],
    begin: async () => undefined,
    mend: async () => undefined,
  };
  const damage = new PlantedDamage(() => harm, new SeededRandom(1));
  await damage.breakAndMend(
    () => pauses > 1,
    async () => void pauses++,
    0,
  );
  clock.mockRestore();
  expect(damage.wrong).toEqual(["cut (truncated) was not told within 0 ms. There is no report"]);
});

test("what is half done may be told, and need not be", async () => {
  const clock = jest.spyOn(Date, "now").mockReturnValue(1_000);
  const damage = new PlantedDamage(() => {
    throw new Error("none is chosen");
  }, new SeededRandom(1));
  await damage.halfDone({ kind: "manifest_missing", repository: "team" }, async () => undefined);
  clock.mockRestore();
  damage.hold(report(900, 1_100, []));
  damage.hold(report(900, 1_100, [{ kind: "manifest_missing", repository: "team" }]));
  damage.hold(report(1_200, 1_300, [{ kind: "manifest_missing", repository: "team" }]));
  expect(damage.wrong).toHaveLength(1);
  expect(damage.isAnyTold).toBe(false);
});
