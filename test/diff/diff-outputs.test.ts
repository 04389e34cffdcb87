import fc from "fast-check";
import { type Change, GRADES, isAtLeast, worstGrade } from "../../lib/diff/change";
import { diffOutputs } from "../../lib/diff/diff-outputs";
import type { JsonObject } from "../../lib/diff/json";
import type { DomainRule } from "../../lib/diff/rules/domain-rule";
import { makeOutput } from "./compare/make-output";

const base = makeOutput({ m: { resources: { "t.a": { v: 1, w: 1 }, "t.b": { v: 1 } } } });
const head = makeOutput({ m: { resources: { "t.a": { v: 2, w: 2 }, "t.b": { v: 1 } } } });

function change(of: Partial<Change>): Change {
  return { grade: "risk", kind: "slower", where: "m/t.a v", before: "1", after: "2", text: "Slower.", ...of };
}

/** A rule that accounts for every difference at a key. */
function covering(key: string, ...changes: readonly Change[]): DomainRule {
  return {
    name: `covers-${key}`,
    judge: ({ deltas }) =>
      changes.map((one) => ({ change: one, covers: deltas.filter(({ path }) => path[0] === key) })),
  };
}

const failing: DomainRule = {
  name: "failing",
  judge: () => {
    throw new Error("hunter2 in a message");
  },
};

test("an output against itself is an empty diff", () => {
  expect(diffOutputs(base, base)).toEqual({ schema: "tallyman.diff/1", grade: "none", changes: [] });
});

test("what a rule accounts for is told in its words, the rest in plain ones, the worst first", () => {
  const { grade, changes } = diffOutputs(base, head, [covering("v", change({}))]);
  expect(grade).toBe("risk");
  expect(changes).toEqual([
    change({}),
    {
      grade: "notice",
      kind: "value_changed",
      where: "m/t.a w",
      before: "1",
      after: "2",
      text: "t.a: w changes from 1 to 2.",
    },
  ]);
});

test("a rule that fails costs its words alone, and its message is not shown", () => {
  const { changes } = diffOutputs(base, head, [failing, covering("w", change({ where: "m/t.a w" }))]);
  expect(changes.map(({ kind, where }) => `${kind} ${where}`)).toEqual([
    "slower m/t.a w",
    "rule_failed rules/failing",
    "value_changed m/t.a v",
  ]);
  expect(JSON.stringify(changes)).not.toContain("hunter2");
});

test("a judgement of no weight accounts for its differences and is not listed", () => {
  expect(
    diffOutputs(base, head, [
      covering("v", change({ grade: "none" })),
      covering("w", change({ grade: "none" })),
    ]),
  ).toEqual({ schema: "tallyman.diff/1", grade: "none", changes: [] });
});

test("the same text is said once, with every place that it is said of", () => {
  const rules = ["e", "d", "c", "b", "a"].map((name) => covering("v", change({ where: `m/t.${name}` })));
  const texts = diffOutputs(base, head, [...rules, covering("w", change({ where: "m/t.a" }))]).changes;
  expect(texts).toEqual([
    change({ where: "m/t.a", text: "Slower. Also at m/t.b, m/t.c, m/t.d and 1 more." }),
  ]);
});

test("a secret that a rule quotes is taken out", () => {
  const token = `ghp_${"a1B2".repeat(9)}`;
  const rule = covering("v", change({ before: token, text: `It was ${token}.`, where: `m/t.a x=${token}` }));
  expect(JSON.stringify(diffOutputs(base, head, [rule]))).not.toContain(token);
});

test("sorted by weight, and by nothing that the order of rules decides", () => {
  const some = fc.record({
    grade: fc.constantFrom(...GRADES),
    kind: fc.constantFrom("k", "l"),
    where: fc.constantFrom("m/t.a", "m/t.b"),
    before: fc.constantFrom("1", null),
    after: fc.constant(null),
    text: fc.constantFrom("One.", "Two.", "Three."),
  });
  fc.assert(
    fc.property(fc.array(some, { maxLength: 8 }), (changes) => {
      const rules = changes.map((one) => covering("v", one));
      const diff = diffOutputs(base, head, rules);
      expect(diffOutputs(base, head, [...rules].reverse())).toEqual(diff);
      expect(diff.grade).toBe(worstGrade(diff.changes));
      expect(
        diff.changes.every((one, at) => isAtLeast(diff.changes[at - 1]?.grade ?? "danger", one.grade)),
      ).toBe(true);
      const texts = diff.changes.map(({ text }) => text.replace(/ Also at .*/, ""));
      expect(new Set(texts).size).toBe(texts.length);
    }),
  );
});

test("of a text that a rule speaks of, the rest is told as information", () => {
  const before = makeOutput({}, { "nginx.conf": "a\nlisten 1;\n" });
  const after = makeOutput({}, { "nginx.conf": "a\nlisten 2;\n" });
  const touching: DomainRule = {
    name: "touches",
    judge: ({ deltas }) => [
      { change: change({ text: "No server on port 1." }), covers: [], touches: deltas },
    ],
  };
  const { changes } = diffOutputs(before, after, [touching]);
  expect(changes.map(({ grade, kind }) => `${grade} ${kind}`)).toEqual(["risk slower", "info value_changed"]);
  expect(changes[1]?.text).toContain("+ listen 2;");
});

test("a moved block is told by the rename that it keeps, and another by itself", () => {
  const moved = [{ from: "t.a", to: "t.c" }];
  const one = (address: string, settings: JsonObject = {}) =>
    makeOutput({ m: { resources: { [address]: { v: 1, name: "x" } }, settings } });
  const kindsOf = (blocks: readonly JsonObject[]) =>
    diffOutputs(one("t.a"), one("t.c", { moved: blocks })).changes.map(({ kind }) => kind);
  expect(kindsOf(moved)).toEqual(["resource_renamed"]);
  expect(kindsOf([...moved, { from: "t.x", to: "t.y" }])).toEqual(["value_added", "resource_renamed"]);
});

test("of 10,000 resources the hundred that changed are told", () => {
  const stack = (image: string) => ({
    resources: Object.fromEntries(
      Array.from({ length: 10_000 }, (_, at) => {
        const container = {
          name: "c",
          image: at < 100 ? `${image}-${at}` : "busybox:1.36.1",
          args: [`--i=${at}`],
        };
        const spec = { template: { spec: { container: [container] } } };
        return [`kubernetes_deployment_v1.d${at}`, { metadata: { name: `d-${at}`, namespace: "n" }, spec }];
      }),
    ),
  });
  const [older, newer] = [
    makeOutput({ m: stack("busybox:1.36.1") }),
    makeOutput({ m: stack("busybox:1.35.0") }),
  ];
  expect(diffOutputs(older, newer).changes).toHaveLength(100);
});
