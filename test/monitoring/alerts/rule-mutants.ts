import { Duration } from "../../../lib/core/duration";
import type { AlertingRule } from "../../../lib/monitoring/alert-model";

export interface Mutant {
  /** What was changed. */
  readonly name: string;
  readonly rule: AlertingRule;
}

const MINUTE = Duration.minutes(1);
const FLIPPED: Readonly<Record<string, readonly string[]>> = {
  ">": ["<=", ">="],
  "<": [">=", "<="],
  ">=": ["<", ">"],
  "==": ["!="],
  "!=": ["=="],
};

/** The rule with one thing wrong: a comparison turned round, a number moved, `for` a minute off, an alternative lost. */
export function mutants(rule: AlertingRule): readonly Mutant[] {
  return [
    ...ofTimes(rule),
    ...ofExpression(rule.expr).map(([name, expr]) => ({ name, rule: { ...rule, expr } })),
  ];
}

function ofTimes(rule: AlertingRule): readonly Mutant[] {
  const { for: pending, keepFiringFor: keep } = rule;
  const shorter = (time: Duration) => Duration.seconds(time.toSeconds() - 60);
  return [
    { name: "for a minute longer", rule: { ...rule, for: pending.plus(MINUTE) } },
    ...(pending.toSeconds() < 60
      ? []
      : [{ name: "for a minute shorter", rule: { ...rule, for: shorter(pending) } }]),
    ...(keep === undefined
      ? []
      : [
          { name: "kept a minute longer", rule: { ...rule, keepFiringFor: keep.plus(MINUTE) } },
          { name: "kept a minute shorter", rule: { ...rule, keepFiringFor: shorter(keep) } },
        ]),
  ];
}

function ofExpression(expr: string): readonly (readonly [string, string])[] {
  // Of the same length, so that a place in the one is that place in the other.
  const masked = expr.replace(/"(?:[^"\\]|\\.)*"|\[[^\]]*\]/g, (text) => "_".repeat(text.length));
  const replaceAt = (at: number, length: number, text: string) =>
    expr.slice(0, at) + text + expr.slice(at + length);
  // Only the changes of a comparison to 0 and 1 are counted: turned round, it changes as often.
  const comparisons = [...masked.matchAll(/ (>=|==|!=|>|<) (?!bool)/g)].flatMap(({ index, 1: sign = "" }) =>
    (FLIPPED[sign] ?? []).map(
      (other) => [`${sign} at ${index} is ${other}`, replaceAt(index + 1, sign.length, other)] as const,
    ),
  );
  const numbers = [...masked.matchAll(/(?<![\w.])\d+(?:\.\d+)?(?![\w.])/g)].flatMap(({ index, 0: text }) => {
    const number = Number(text);
    const shift = number >= 60 ? 60 : Number.isInteger(number) ? 1 : 0.1;
    return [number - shift, number + shift].map(
      (other) => [`${text} at ${index} is ${other}`, replaceAt(index, text.length, `${other}`)] as const,
    );
  });
  const alternatives = expr.split("\nor\n");
  const lost =
    alternatives.length < 2
      ? []
      : alternatives.map(
          (text, at) =>
            [`without "${text}"`, alternatives.filter((_, i) => i !== at).join("\nor\n")] as const,
        );
  return [...comparisons, ...numbers, ...lost];
}
