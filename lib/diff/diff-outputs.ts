import { type Change, DIFF_SCHEMA, GRADES, type OutputDiff, worstGrade } from "./change";
import { byCodeUnit } from "./compare/canonical-json";
import { compareOutputs } from "./compare/compare-outputs";
import type { Delta } from "./delta";
import type { SynthesizedOutput } from "./output";
import { isToldByRename } from "./renames/state-blocks";
import type { DomainRule, Judged, RuleInput } from "./rules/domain-rule";
import { DOMAIN_RULES } from "./rules/domain-rules";
import { maskSecrets, SECRET } from "./secret-values";
import { wordDeltas } from "./wording/word-deltas";
import { wordRename } from "./wording/word-whole";

/** Places beside the first that a text is said of. */
const MAX_OTHER_PLACES = 3;

/**
 * What differs between two outputs, in words of the domain where a rule knows them, in plain words where none does. A
 * rule that fails costs its words alone.
 *
 * @param rules default: every rule there is
 */
export function diffOutputs(
  base: SynthesizedOutput,
  head: SynthesizedOutput,
  rules: readonly DomainRule[] = DOMAIN_RULES,
): OutputDiff {
  const { deltas, renames } = compareOutputs(base, head);
  const input: RuleInput = { base, head, deltas, renames };
  const context = { base, head, renames };
  const judged = rules.flatMap((rule) => judge(rule, input));
  const covered = new Set<Delta>(judged.flatMap(({ covers }) => covers));
  const touched = new Set<Delta>(judged.flatMap(({ touches = [] }) => touches));
  const open = deltas.filter(
    (delta) => !covered.has(delta) && !touched.has(delta) && !isToldByRename(delta, renames),
  );
  const rest = deltas.filter((delta) => !covered.has(delta) && touched.has(delta));
  const changes = told(
    [
      ...judged.map(({ change }) => change),
      ...renames.map((rename) => wordRename(rename, context)),
      ...wordDeltas(open, context),
      // What they mean is said already, so far as a rule knows it.
      ...wordDeltas(rest, context).map((change): Change => ({ ...change, grade: "info" })),
    ].map(withoutSecrets),
  );
  return { schema: DIFF_SCHEMA, grade: worstGrade(changes), changes };
}

/** The error itself is left out: it may quote a value. */
function judge(rule: DomainRule, input: RuleInput): readonly Judged[] {
  try {
    return rule.judge(input);
  } catch {
    const text = `The rule ${rule.name} failed on these outputs: what it knows of is told in plain words, or not at all.`;
    const change = {
      grade: "risk",
      kind: "rule_failed",
      where: `rules/${rule.name}`,
      before: null,
      after: null,
      text,
    } as const;
    return [{ change, covers: [] }];
  }
}

/** Words are made of values: whatever a rule forgot that shows by its own shape is taken out here. */
function withoutSecrets(change: Change): Change {
  const { where, before, after, text } = change;
  return {
    ...change,
    where: masked(where),
    before: before === null ? null : masked(before),
    after: after === null ? null : masked(after),
    text: masked(text),
  };
}

function masked(text: string): string {
  const safe = maskSecrets(text, { place: { kind: "artifact", path: "" } });
  return typeof safe === "string" ? safe : SECRET;
}

/** Sorted, and no text twice: what is said of several places names them. */
function told(changes: readonly Change[]): readonly Change[] {
  const sorted = changes.filter(({ grade }) => grade !== "none").sort(byWeight);
  const byText = new Map<string, { change: Change; others: Set<string> }>();
  for (const change of sorted) {
    const known = byText.get(change.text);
    if (known === undefined) byText.set(change.text, { change, others: new Set() });
    else if (change.where !== known.change.where) known.others.add(change.where);
  }
  return [...byText.values()].map(({ change, others }) =>
    others.size === 0 ? change : { ...change, text: `${change.text} Also at ${list([...others])}.` },
  );
}

function list(places: readonly string[]): string {
  const more = places.length - MAX_OTHER_PLACES;
  const named = places.slice(0, MAX_OTHER_PLACES).join(", ");
  return more > 0 ? `${named} and ${more} more` : named;
}

/** A total order, so that neither the order of the rules nor that of the stacks shows. */
function byWeight(a: Change, b: Change): number {
  return (
    GRADES.indexOf(b.grade) - GRADES.indexOf(a.grade) ||
    byCodeUnit(a.where, b.where) ||
    byCodeUnit(a.kind, b.kind) ||
    byCodeUnit(a.text, b.text) ||
    byCodeUnit(JSON.stringify([a.before, a.after]), JSON.stringify([b.before, b.after]))
  );
}
