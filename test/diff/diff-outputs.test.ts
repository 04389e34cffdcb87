import fc from "fast-check";
import { type Change, GRADES, isAtLeast, worstGrade } from "../../lib/diff/change";
import { diffOutputs } from "../../lib/diff/diff-outputs";
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
