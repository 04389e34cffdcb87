import fc from "fast-check";
import { compareOutputs } from "../../../../lib/diff/compare/compare-outputs";
import type { Delta } from "../../../../lib/diff/delta";
import { placeName } from "../../../../lib/diff/delta";
import { isJsonObject, type Json, type JsonObject } from "../../../../lib/diff/json";
import type { SynthesizedOutput } from "../../../../lib/diff/output";
import type { DomainRule, Judged } from "../../../../lib/diff/rules/domain-rule";
import { makeOutput } from "../../compare/make-output";

/** By address in the stack `monitoring`; further stacks by `<stack>/<address>`. */
export type Resources = Readonly<Record<string, JsonObject>>;
export type Artifacts = Readonly<Record<string, Json>>;

export function output(resources: Resources = {}, artifacts: Artifacts = {}): SynthesizedOutput {
  const stacks: Record<string, { resources: Record<string, JsonObject> }> = {};
  for (const [name, values] of Object.entries(resources)) {
    const [stack = "", address] = name.includes("/") ? name.split("/") : ["monitoring", name];
    const made = stacks[stack] ?? { resources: {} };
    stacks[stack] = made;
    made.resources[address ?? name] = values;
  }
  return makeOutput(stacks, artifacts);
}

export interface Judgement {
  /** `<grade> <kind> <where>: <text>`. */
  readonly lines: readonly string[];
  readonly judged: readonly Judged[];
  /** Places and paths of the deltas that nothing covers. */
  readonly open: readonly string[];
}

export function judgeWith(rule: DomainRule, base: SynthesizedOutput, head: SynthesizedOutput): Judgement {
  const { deltas, renames } = compareOutputs(base, head);
  const judged = rule.judge({ base, head, deltas, renames });
  const covered = new Set<Delta>(judged.flatMap(({ covers }) => covers));
  return {
    judged,
    lines: judged.map(({ change }) => `${change.grade} ${change.kind} ${change.where}: ${change.text}`),
    open: deltas
      .filter((delta) => !covered.has(delta))
      .map(({ place, path }) => `${placeName(place)} ${path.join(".")}`),
  };
}

/** `<grade> <kind>` of each. */
export function kindsOf({ judged }: Judgement): readonly string[] {
  return judged.map(({ change }) => `${change.grade} ${change.kind}`);
}

/** Random JSON in which the keys that the rules look for are frequent, so that odd shapes really reach them. */
export function oddJson(keys: readonly string[]): fc.Arbitrary<Json> {
  const key = fc.oneof(fc.constantFrom(...keys), fc.string({ maxLength: 4 }));
  const leaf: fc.Arbitrary<Json> = fc.oneof(
    fc.constant(null),
    fc.boolean(),
    fc.integer(),
    fc.string({ maxLength: 6 }),
    fc.constantFrom("probe", "serve", "registry", "--newest", "1h", "* * * * *", "critical", ...keys),
  );
  const { tree } = fc.letrec<{ tree: Json }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 6, withCrossShrink: true },
      leaf,
      fc.array(tie("tree"), { maxLength: 4 }),
      fc.dictionary(key, tie("tree"), { maxKeys: 5 }),
    ),
  }));
  return tree;
}

/** Says nothing of two equal outputs, and never throws for any two. */
export function holdsForOddJson(rule: DomainRule, type: string, keys: readonly string[]): void {
  const json = oddJson([...keys, "(document)", "name", "spec", "metadata", "kind"]);
  fc.assert(
    fc.property(json, json, (one, other) => {
      const [base, head] = [one, other].map((value) =>
        output({ [`${type}.a`]: { manifest: value, ...objectOr(value) } }, { "monitoring/a.json": value }),
      );
      if (base === undefined || head === undefined) throw new Error("two were made");
      judgeWith(rule, base, head);
      expect(judgeWith(rule, base, base).judged).toEqual([]);
    }),
    { numRuns: 150 },
  );
}

function objectOr(value: Json): JsonObject {
  return isJsonObject(value) ? value : {};
}
