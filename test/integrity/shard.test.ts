import fc from "fast-check";
import { MAX_SHARDS } from "../../lib/integrity/contract";
import { formatShard, isInShard, parseShard, settleShard, shardOf } from "../../lib/integrity/shard";

const names = fc
  .array(fc.stringMatching(/^[a-z0-9]{1,12}(?:[._-][a-z0-9]{1,6})?$/), { minLength: 1, maxLength: 3 })
  .map((parts) => parts.join("/"));
const counts = fc.integer({ min: 1, max: MAX_SHARDS });

describe("who walks what is stable for ever", () => {
  // Of shards of two versions at once both would walk what one of them changed, or neither.
  test.each([
    ["app", [1, 2, 3, 4, 8, 256], [1, 1, 1, 1, 1, 1]],
    ["library/alpine", [1, 2, 3, 4, 8, 256], [1, 1, 1, 1, 1, 20]],
    ["team/app", [1, 2, 3, 4, 8, 256], [1, 2, 2, 2, 8, 186]],
    ["viktorbarzin/infra-ci", [1, 2, 3, 4, 8, 256], [1, 1, 1, 4, 4, 176]],
    ["a", [1, 2, 3, 4, 8, 256], [1, 2, 2, 2, 8, 127]],
    ["名前/\u0000", [1, 2, 3, 4, 8, 256], [1, 2, 2, 2, 2, 214]],
  ])("%s", (name, shards, expected) => {
    expect(shards.map((n) => shardOf(name, n))).toEqual(expected);
  });
});

test("every name is in exactly one shard", () => {
  fc.assert(
    fc.property(fc.oneof(names, fc.string()), counts, (name, n) => {
      const takers = Array.from({ length: n }, (_, at) => ({ i: at + 1, n })).filter((shard) =>
        isInShard(name, shard),
      );
      expect(takers).toEqual([{ i: shardOf(name, n), n }]);
      expect(isInShard(name, null)).toBe(true);
    }),
    { numRuns: 40 },
  );
});

test("a further shard takes names, and no other gets any", () => {
  fc.assert(
    fc.property(names, fc.integer({ min: 1, max: MAX_SHARDS - 1 }), (name, n) => {
      const [before, after] = [shardOf(name, n), shardOf(name, n + 1)];
      expect([before, n + 1]).toContain(after);
    }),
    { numRuns: 300 },
  );
});

describe.each([2, 3, 4, 8, 32])("of 6,000 like names, %i shards", (n) => {
  const COUNT = 6_000;
  // Names as people give them: long beginnings in common, numbers that count up.
  const all = Array.from({ length: COUNT }, (_, at) => `registry/team-${at % 37}/service-${at}`);
  const share = COUNT / n;

  test("have like parts", () => {
    const sizes = new Array<number>(n).fill(0);
    for (const name of all) {
      const at = shardOf(name, n) - 1;
      sizes[at] = (sizes[at] ?? 0) + 1;
    }
    // Five times what chance alone spreads them.
    const spread = 5 * Math.sqrt(share);
    expect(Math.min(...sizes)).toBeGreaterThan(share - spread);
    expect(Math.max(...sizes)).toBeLessThan(share + spread);
  });

  test("give about an equal part of theirs to one more", () => {
    const moved = all.filter((name) => shardOf(name, n) !== shardOf(name, n + 1)).length;
    const expected = COUNT / (n + 1);
    expect(Math.abs(moved - expected)).toBeLessThan(5 * Math.sqrt(expected));
  });
});

test.each([
  ["1/1", { i: 1, n: 1 }],
  ["2/4", { i: 2, n: 4 }],
  ["256/256", { i: 256, n: 256 }],
  ["auto/8", { i: "auto", n: 8 }],
])("%s is a shard", (text, spec) => {
  expect(parseShard(text)).toEqual(spec);
});

test.each([
  "",
  "0/4",
  "5/4",
  "1/0",
  "1/257",
  "1",
  "1/",
  "/4",
  "-1/4",
  "1.5/4",
  "1/4/",
  " 1/4",
  "auto",
  "auto/0",
  "1e0/4",
])("%j is none", (text) => {
  expect(parseShard(text)).toBeNull();
});

test("a pod's index counts from 0, a shard from 1", () => {
  const auto = { i: "auto", n: 4 } as const;
  expect(["0", "3", "4", "-1", "x", "", undefined].map((index) => settleShard(auto, index))).toEqual([
    { i: 1, n: 4 },
    { i: 4, n: 4 },
    null,
    null,
    null,
    null,
    null,
  ]);
  expect(settleShard({ i: 2, n: 4 }, "0")).toEqual({ i: 2, n: 4 });
  expect(formatShard({ i: 2, n: 4 })).toBe("2/4");
});
