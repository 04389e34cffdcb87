import fc from "fast-check";
import type { JsonObject } from "../../../lib/diff/json";
import { findRenames } from "../../../lib/diff/renames/find-renames";
import { type MadeStack, makeOutput } from "../compare/make-output";

const map = (name: string, data: JsonObject = {}): JsonObject => ({
  metadata: { name, namespace: "n" },
  data,
});
const type = "kubernetes_config_map_v1";

function told(
  base: Readonly<Record<string, MadeStack>>,
  head: Readonly<Record<string, MadeStack>>,
): string[] {
  return findRenames(makeOutput(base), makeOutput(head)).map(
    ({ from, to, isKept }) =>
      `${from.stack}/${from.address} → ${to.stack}/${to.address}${isKept ? " kept" : ""}`,
  );
}

test("the same name in the cluster is the same object, whatever else changes", () => {
  const base = { m: { resources: { [`${type}.a`]: map("x", { one: "1" }) } } };
  const head = { m: { resources: { [`${type}.b`]: map("x", { two: "2", three: "3" }) } } };
  expect(told(base, head)).toEqual([`m/${type}.a → m/${type}.b`]);
});

test.each<[string, JsonObject, JsonObject, number]>([
  ["equal values", { input: "a", list: [1, 2] }, { list: [1, 2], input: "a" }, 1],
  ["nearly equal values", { a: 1, b: 2, c: 3, d: 4, e: 5 }, { a: 1, b: 2, c: 3, d: 4, e: 6 }, 1],
  ["less in common", { a: 1, b: 2, c: 3, d: 4 }, { a: 1, b: 2, c: 3, d: 5 }, 0],
  ["a line in a long script", { s: "a\nb\nc\nd\ne\nf" }, { s: "a\nb\nc\nd\ne\ng" }, 1],
])("%s", (_, before, after, count) => {
  const base = { m: { resources: { "terraform_data.a": before } } };
  const head = { m: { resources: { "terraform_data.b": after } } };
  expect(told(base, head)).toHaveLength(count);
});

test("another type, and data that is only read, are other resources", () => {
  const base = { m: { resources: { "t.a": { v: 1 } } } };
  expect(told(base, { m: { resources: { "u.a": { v: 1 } } } })).toEqual([]);
  expect(told(base, { m: { resources: { "data.t.a": { v: 1 } } } })).toEqual([]);
});

test("a template is no name in the cluster", () => {
  const base = { m: { resources: { [`${type}.a`]: map(`\${var.x}`, { one: "1", two: "2" }) } } };
  const head = { m: { resources: { [`${type}.b`]: map(`\${var.x}`, { three: "3", four: "4" }) } } };
  expect(told(base, head)).toEqual([]);
});

test("a move to another stack, where the same stack has none", () => {
  const base = { m: { resources: { "t.a": { v: 1 } } }, n: {} };
  expect(told(base, { m: {}, n: { resources: { "t.a": { v: 1 } } } })).toEqual(["m/t.a → n/t.a"]);
  const both = { m: { resources: { "t.z": { v: 1 } } }, n: { resources: { "t.a": { v: 1 } } } };
  expect(told(base, both)).toEqual(["m/t.a → m/t.z"]);
});

test("among equals the one with the same end of its construct path", () => {
  const same = { v: 1 };
  const base = {
    m: { resources: { "t.a": same, "t.b": same }, paths: { "t.a": "m/old/x", "t.b": "m/old/y" } },
  };
  const head = {
    m: { resources: { "t.c": same, "t.d": same }, paths: { "t.c": "m/new/y", "t.d": "m/new/x" } },
  };
  expect(told(base, head)).toEqual(["m/t.b → m/t.c", "m/t.a → m/t.d"]);
});

test("the most similar are paired first", () => {
  const v = (n: number) =>
    Object.fromEntries(Array.from({ length: 10 }, (_, at) => [`k${at}`, at < n ? 1 : 0]));
  const base = { m: { resources: { "t.a": v(2), "t.b": v(4) } } };
  const head = { m: { resources: { "t.c": v(5), "t.d": v(2) } } };
  expect(told(base, head)).toEqual(["m/t.b → m/t.c", "m/t.a → m/t.d"]);
});

describe("an object is kept", () => {
  const one = { m: { resources: { "t.a": { v: 1 } } } };
  const to = { resources: { "t.b": { v: 1 } } };
  const forgotten = { from: "t.a", lifecycle: [{ destroy: false }] };

  test.each<[string, Readonly<Record<string, MadeStack>>, string[]]>([
    [
      "by a moved block",
      { m: { ...to, settings: { moved: [{ from: "t.a", to: "t.b" }] } } },
      ["m/t.a → m/t.b kept"],
    ],
    [
      "by one written as an object and a template",
      { m: { ...to, settings: { moved: { from: `\${t.a}`, to: "t.b" } } } },
      ["m/t.a → m/t.b kept"],
    ],
    [
      "by two that lead there",
      {
        m: {
          ...to,
          settings: {
            moved: [
              { from: "t.x", to: "t.b" },
              { from: "t.a", to: "t.x" },
            ],
          },
        },
      },
      ["m/t.a → m/t.b kept"],
    ],
    [
      "by a moved block, even where nothing else is the same",
      { m: { resources: { "t.b": { w: 2 } }, settings: { moved: [{ from: "t.a", to: "t.b" }] } } },
      ["m/t.a → m/t.b kept"],
    ],
    [
      "by an import beside a removed one",
      { m: { ...to, settings: { removed: [forgotten], import: [{ to: "t.b", id: "x" }] } } },
      ["m/t.a → m/t.b kept"],
    ],
    [
      "by an import where the older stack is gone",
      { n: { ...to, settings: { import: [{ to: "t.b", id: "x" }] } } },
      ["m/t.a → n/t.b kept"],
    ],
    [
      "not by an import alone",
      { m: { ...to, settings: { import: [{ to: "t.b", id: "x" }] } } },
      ["m/t.a → m/t.b"],
    ],
    [
      "not by a removed block that destroys",
      {
        m: {
          ...to,
          settings: {
            removed: [{ ...forgotten, lifecycle: { destroy: true } }],
            import: [{ to: "t.b", id: "x" }],
          },
        },
      },
      ["m/t.a → m/t.b"],
    ],
    [
      "not by a moved block of another resource",
      { m: { ...to, settings: { moved: [{ from: "t.y", to: "t.b" }] } } },
      ["m/t.a → m/t.b"],
    ],
    [
      "not by moved blocks in a circle",
      {
        m: {
          ...to,
          settings: {
            moved: [
              { from: "t.a", to: "t.c" },
              { from: "t.c", to: "t.a" },
            ],
          },
        },
      },
      ["m/t.a → m/t.b"],
    ],
  ])("%s", (_, head, expected) => {
    expect(told(one, head)).toEqual(expected);
  });
});

test("random renames are found, each as what it was", () => {
  const names = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,8}$/), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(names, fc.boolean(), (ids, isMoved) => {
      const before = Object.fromEntries(ids.map((id, at) => [`t.${id}`, { id, at, same: true }]));
      const after = Object.fromEntries(ids.map((id, at) => [`t.${id}_2`, { id, at, same: true }]));
      const stack = isMoved ? "n" : "m";
      expect(
        told({ m: { resources: before }, n: {} }, { m: {}, n: {}, [stack]: { resources: after } }),
      ).toEqual(
        ids
          .map((id) => `m/t.${id} → ${stack}/t.${id}_2`)
          .sort((a, b) => ((a.split("→ ")[1] ?? "") < (b.split("→ ")[1] ?? "") ? -1 : 1)),
      );
    }),
  );
});

test("the other way round the same pairs are found, also among equally similar ones", () => {
  const values = fc
    .array(fc.integer({ min: 0, max: 2 }), { minLength: 6, maxLength: 6 })
    .map((list): JsonObject => {
      const last = list.reduce((sum, each) => sum + each, 0) % 3;
      return { a: 1, b: 2, c: 3, d: 4, e: 5, f: 6, g: 7, h: 8, last, own: list[0] ?? 0 };
    });
  const side = (prefix: string) =>
    fc.array(values, { maxLength: 5 }).map(
      (list): Readonly<Record<string, MadeStack>> => ({
        m: { resources: Object.fromEntries(list.map((one, at) => [`t.${prefix}${at}`, one])) },
      }),
    );
  fc.assert(
    fc.property(side("x"), side("w"), (base, head) => {
      const back = told(head, base).map((line) => line.split(" → ").reverse().join(" → "));
      expect(back.sort()).toEqual([...told(base, head)].sort());
    }),
    { numRuns: 300 },
  );
});

test("thousands of resources under another scope are found by the end of their construct path", () => {
  const stack = (scope: string, extra: JsonObject): MadeStack => {
    const ids = Array.from({ length: 1_000 }, (_, at) => `c${at}`);
    return {
      resources: Object.fromEntries(
        ids.map((id) => [`t.${scope}_${id}`, { id, a: 1, b: 2, c: 3, d: 4, ...extra }]),
      ),
      paths: Object.fromEntries(ids.map((id) => [`t.${scope}_${id}`, `m/${scope}/${id}`])),
    };
  };
  expect(told({ m: stack("x", {}) }, { m: stack("y", { e: 5 }) })).toHaveLength(1_000);
});
