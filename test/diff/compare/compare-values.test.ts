import fc from "fast-check";
import { canonicalJson } from "../../../lib/diff/compare/canonical-json";
import { compareValues, type ValueDelta } from "../../../lib/diff/compare/compare-values";
import { identities } from "../../../lib/diff/compare/list-identity";
import { isJsonObject, type Json } from "../../../lib/diff/json";
import { applyDeltas } from "./apply-deltas";

const probe = { name: "probe", image: "node:22.11.0", env: [{ name: "TZ", value: "UTC" }] };
const sidecar = { name: "sidecar", image: "busybox:1.36.1" };

/** `path: before → after`, with nothing where there is none. */
function told(before: Json, after: Json): string[] {
  return compareValues(before, after).map(
    (delta) => `${delta.path.join("/")}: ${show(delta.before)} → ${show(delta.after)}`,
  );
}

function show(value: Json | undefined): string {
  return value === undefined ? "" : canonicalJson(value);
}

test.each<[string, Json, Json, string[]]>([
  [
    "an object's members",
    { a: 1, b: 2, c: { d: 3 } },
    { a: 1, b: 4, c: { e: 5 } },
    ["b: 2 → 4", "c/d: 3 → ", "c/e:  → 5"],
  ],
  ["another type", { a: "1" }, { a: 1 }, ['a: "1" → 1']],
  ["null is a value", { a: null }, {}, ["a: null → "]],
  [
    "a named element's value",
    [probe, sidecar],
    [{ ...probe, image: "node:22.12.0" }, sidecar],
    ['name=probe/image: "node:22.11.0" → "node:22.12.0"'],
  ],
  [
    "a named element inside another",
    { c: [probe] },
    { c: [{ ...probe, env: [{ name: "TZ", value: "CET" }] }] },
    ['c/name=probe/env/name=TZ/value: "UTC" → "CET"'],
  ],
  [
    "a named element added before",
    [sidecar],
    [{ name: "first" }, sidecar],
    ['name=first:  → {"name":"first"}'],
  ],
  [
    "named elements in another order",
    [probe, sidecar],
    [sidecar, probe],
    ['(order): ["name=probe","name=sidecar"] → ["name=sidecar","name=probe"]'],
  ],
  ["an insertion is one difference", ["a", "b", "c"], ["x", "a", "b", "c"], ['0:  → "x"']],
  ["a removal is one difference", ["a", "b", "c"], ["b", "c"], ['0: "a" → ']],
  [
    "an option with another value",
    ["--a", "--interval=15m", "--b"],
    ["--a", "--interval=1h", "--new", "--b"],
    ['2:  → "--new"', '1: "--interval=15m" → "--interval=1h"'],
  ],
  [
    "a list of one block",
    { spec: [{ replicas: 1 }] },
    { spec: [{ replicas: 2 }] },
    ["spec/0/replicas: 1 → 2"],
  ],
  [
    "the name of a single block changes",
    { metadata: [{ name: "a" }] },
    { metadata: [{ name: "b" }] },
    ['metadata/0/name: "a" → "b"'],
  ],
  [
    "rules by alert, beside recording ones",
    {
      rules: [
        { alert: "A", for: "1m" },
        { record: "r", expr: "1" },
      ],
    },
    {
      rules: [
        { alert: "A", for: "2m" },
        { record: "r", expr: "1" },
      ],
    },
    ['rules/alert=A/for: "1m" → "2m"'],
  ],
  [
    "the same alert twice, by its labels",
    [
      { alert: "A", labels: { severity: "warning" }, for: "1m" },
      { alert: "A", labels: { severity: "critical" }, for: "1m" },
    ],
    [
      { alert: "A", labels: { severity: "warning" }, for: "1m" },
      { alert: "A", labels: { severity: "critical" }, for: "9m" },
    ],
    ['alert=A{severity="critical"}/for: "1m" → "9m"'],
  ],
  [
    "manifests by kind and name",
    [
      { kind: "A", metadata: { name: "x" }, v: 1 },
      { kind: "B", metadata: { name: "x", namespace: "n" }, v: 1 },
    ],
    [
      { kind: "A", metadata: { name: "x" }, v: 1 },
      { kind: "B", metadata: { name: "x", namespace: "n" }, v: 2 },
    ],
    ["kind=B,namespace=n,name=x/v: 1 → 2"],
  ],
  [
    "ports by number and protocol",
    [
      { port: 53, protocol: "UDP" },
      { port: 53, protocol: "TCP", t: 1 },
    ],
    [
      { port: 53, protocol: "UDP" },
      { port: 53, protocol: "TCP", t: 2 },
    ],
    ["port=53,protocol=TCP/t: 1 → 2"],
  ],
  [
    "a document inside a string",
    { data: { "a.yml": { "(document)": { groups: [{ name: "g", interval: "1m" }] } } } },
    { data: { "a.yml": { "(document)": { groups: [{ name: "g", interval: "2m" }] } } } },
    ['data/a.yml/(document)/groups/name=g/interval: "1m" → "2m"'],
  ],
  [
    "a document that is none any more",
    { a: { "(document)": { b: 1 } } },
    { a: "b: [" },
    ['a: {"(document)":{"b":1}} → "b: ["'],
  ],
  [
    "a nameless object changed, another inserted",
    [{ a: 1, b: 2, c: 3 }, { z: 1 }],
    [{ n: 1 }, { a: 1, b: 2, c: 4 }, { z: 1 }],
    ['0:  → {"n":1}', "1/c: 3 → 4"],
  ],
])("%s", (_, before, after, expected) => {
  expect(told(before, after)).toEqual(expected);
});

test("keys that every object inherits are ordinary keys", () => {
  const odd: Json = JSON.parse('{"__proto__": {"a": 1}, "constructor": 1, "toString": 2}');
  expect(told({}, odd)).toEqual(['__proto__:  → {"a":1}', "constructor:  → 1", "toString:  → 2"]);
  expect(told(odd, odd)).toEqual([]);
});

test("a value nested beyond reason is compared without a stack overflow", () => {
  const nested = (leaf: Json): Json =>
    Array.from({ length: 1_000 }).reduce<Json>((inner) => ({ a: inner }), leaf);
  expect(compareValues(nested(1), nested(1))).toEqual([]);
  expect(compareValues(nested(1), nested(2)).map(({ path }) => path.length)).toEqual([200]);
});

const leaf = fc.oneof(
  fc.constantFrom<Json>("a", "b", "--x=1", "--x=2", "", true, false, null),
  fc.integer({ min: 0, max: 3 }),
);
const key = fc.constantFrom("name", "alert", "labels", "metadata", "kind", "spec", "a", "(document)");
const { json } = fc.letrec<{ json: Json }>((tie) => ({
  json: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    leaf,
    fc.array(tie("json"), { maxLength: 5 }),
    fc.array(fc.record({ name: fc.constantFrom("p", "q", "r", "s"), v: tie("json") }), { maxLength: 4 }),
    fc.dictionary(key, tie("json"), { maxKeys: 4 }),
  ),
}));

test("a value does not differ from itself, with its keys in whatever order", () => {
  fc.assert(
    fc.property(json, (value) => {
      expect(compareValues(value, turned(value))).toEqual([]);
    }),
  );
});

test("nothing differs only where the canonical forms are equal", () => {
  fc.assert(
    fc.property(json, json, (a, b) => {
      expect(compareValues(a, b).length === 0).toBe(canonicalJson(a) === canonicalJson(b));
    }),
  );
});

test("the other way round what was added is removed, and what changed changes back", () => {
  fc.assert(
    fc.property(json, json, (a, b) => {
      const back = compareValues(b, a).map((delta) => ({
        ...delta,
        before: delta.after,
        after: delta.before,
      }));
      expect(mirrorable(compareValues(a, b))).toEqual(mirrorable(back));
    }),
  );
});

test("what differs, applied to the older value, gives the newer", () => {
  fc.assert(
    fc.property(json, json, (a, b) => {
      expect(canonicalJson(unplaced(applyDeltas(a, compareValues(a, b))))).toBe(canonicalJson(unplaced(b)));
    }),
    { numRuns: 500 },
  );
});

function turned(value: Json): Json {
  if (Array.isArray(value)) return value.map(turned);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([name, member]) => [name, turned(member)] as const)
      .reverse(),
  );
}

/** Indices are those of one side. */
function mirrorable(deltas: readonly ValueDelta[]): string[] {
  return deltas
    .map(({ path, before, after }) => {
      const generic = path.map((segment) => (/^[0-9]+$/.test(segment) ? "*" : segment)).join("/");
      return JSON.stringify([generic, show(before), show(after)]);
    })
    .sort();
}

/** Lists of named elements sorted: where an added one stands among the others is not told. */
function unplaced(value: Json, under?: string): Json {
  if (Array.isArray(value)) {
    const inner = value.map((element) => unplaced(element));
    return identities(under, value, []) === null ? inner : inner.sort((a, b) => (show(a) < show(b) ? -1 : 1));
  }
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, unplaced(member, name)]));
}
