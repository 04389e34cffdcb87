import { renderTerminal } from "../../bench/report/render-blocks";
import { type Contender, type Run, runRounds, type Series } from "../../bench/walk/contender";
import {
  CEILING,
  type EstateResult,
  estateBars,
  estateBlocks,
  frontTable,
} from "../../bench/walk/walk-content";

const NAMES = { craneFast: "crane", curl: "curl" };

const run = (wallSeconds: number, changes: Partial<Run> = {}): Run => ({
  wallSeconds,
  cpuSeconds: wallSeconds / 2,
  registryCpuSeconds: 1,
  maxResidentMiB: 60,
  disagreement: null,
  ...changes,
});

const series = (name: string, ...runs: readonly Run[]): Series => ({ name, asked: "all", runs });

const estate = (...all: readonly Series[]): EstateResult => ({
  name: "2.8",
  tags: 2,
  counts: { indexes: 2, manifests: 4, blobs: 14 },
  asked: new Map([["manifests by GET", 6]]),
  series: all,
});

const WALK = series("walk", run(2), run(4), run(20));

test("bars are of the rounds that both took part in", () => {
  const all = estate(
    WALK,
    series(CEILING, run(1.9), run(3.6), run(10)),
    series("crane", run(4)),
    series("curl", run(40)),
  );
  const large = { ...all, counts: { indexes: 1_000, manifests: 2_000, blobs: 7_000 } };
  const beside = [
    [0.5, "at most", 1],
    [0.05, "at most", 0.1],
  ];
  const barsOf = (one: EstateResult) =>
    estateBars(one, NAMES).map(({ measured, rule, limit }) => [measured, rule, limit]);
  expect(barsOf(large)).toEqual([[0.9, "at least", 0.9], ...beside]);
  // So few references are over before the program's start weighs little.
  expect(barsOf(all)).toEqual(beside);
});

test("a rival that is not there has no bar", () => {
  expect(estateBars(estate(WALK), NAMES)).toEqual([]);
});

test("the table has raw figures, medians and ratios; the truth stands below", () => {
  const text = renderTerminal(estateBlocks(estate(WALK, series("crane", run(8)))));
  expect(text).toContain("2 tags, 20 references (2 indexes, 4 images, 14 blobs, each once a repository)");
  expect(text).toContain("The walk asked: 6 manifests by GET.");
  expect(text).toMatch(
    /^walk +2\.00 · 4\.00 · 20\.0 +4\.00 +5\.00 +1\.00 +2\.00 +1\.00 +0\.75 +60\.0 {2}all$/m,
  );
  expect(text).toMatch(/^crane +8\.00 +8\.00 +2\.50 +4\.00 /m);
  expect(text).toContain("that it is whole, which is the truth.");
});

test("what a contender says against the truth is shown once", () => {
  const wrong = run(8, { disagreement: "says no" });
  const text = renderTerminal(estateBlocks(estate(WALK, series("crane", wrong, wrong))));
  expect(text).toContain("Against the truth, that every image is whole: crane says no.");
});

test("a front's share is of its own ceiling", () => {
  const fronts = [{ name: "TLS", walk: WALK, ceiling: series(CEILING, run(1), run(3), run(10)) }];
  expect(frontTable(fronts, 100).rows[0]?.[5]).toBe("0.50");
});

test("contenders take turns, each in as many rounds as it is to", async () => {
  const order: string[] = [];
  const contender = (name: string, rounds?: number): Contender => ({
    name,
    asked: "all",
    ...(rounds === undefined ? {} : { rounds }),
    run: async () => {
      order.push(name);
      return run(order.length);
    },
  });
  const found = await runRounds([contender("a"), contender("b", 1)], 2);
  expect(order).toEqual(["a", "b", "a"]);
  expect(found.map(({ runs }) => runs.map(({ wallSeconds }) => wallSeconds))).toEqual([[1, 3], [2]]);
});
