/**
 * The pieces that expressions are made of: https://prometheus.io/docs/prometheus/latest/querying/basics/
 * A piece is bracketed as the operator that takes it needs; nothing is ever pasted in as text.
 */
import type { Duration } from "../../core/duration";
import { type MetricKey, metricName } from "../../integrity/contract";
import { promqlString } from "../alert-model";
import { FOREIGN_METRICS, type ForeignMetric, type LabelName } from "./foreign-metrics";

/** An instant vector or a scalar. */
export interface Expr {
  readonly promql: string;
  /** Whether an operator stands outermost, which must be bracketed before another takes it. */
  readonly isOpen: boolean;
}

/** A selector, which alone can take a range. */
export interface Series extends Expr {
  readonly isSeries: true;
}

/** By equality, or by a regular expression that matches the whole value. */
export type Matchers = Readonly<Partial<Record<LabelName, string | { readonly matches: string }>>>;

type Comparison = ">" | "<" | "==" | "!=" | ">=" | "<=";
type OverTime = "max" | "min" | "last" | "sum";

/** Series of the contract. */
export function series(key: MetricKey, matchers: Matchers): Series {
  return select(metricName(key), matchers);
}

/** Series that others write. */
export function foreign(metric: ForeignMetric, matchers: Matchers): Series {
  return select(FOREIGN_METRICS[metric], matchers);
}

function select(name: string, matchers: Matchers): Series {
  const parts = Object.entries(matchers).map(([label, value]) =>
    typeof value === "string"
      ? `${label}=${promqlString(value)}`
      : `${label}=~${promqlString(value.matches)}`,
  );
  return { promql: `${name}{${parts.join(",")}}`, isOpen: false, isSeries: true };
}

export function max(by: readonly LabelName[], inner: Expr): Expr {
  return closed(`max by (${by.join(", ")}) (${inner.promql})`);
}

export function min(by: readonly LabelName[], inner: Expr): Expr {
  return closed(`min by (${by.join(", ")}) (${inner.promql})`);
}

export function sum(by: readonly LabelName[], inner: Expr): Expr {
  return closed(`sum by (${by.join(", ")}) (${inner.promql})`);
}

export function count(by: readonly LabelName[], inner: Expr): Expr {
  return closed(`count by (${by.join(", ")}) (${inner.promql})`);
}

/** `max_over_time(series[range])` and its like. */
export function overTime(kind: OverTime, inner: Series, range: Duration): Expr {
  return closed(`${kind}_over_time(${inner.promql}[${range.toPrometheus()}])`);
}

export function rate(inner: Series, range: Duration): Expr {
  return closed(`rate(${inner.promql}[${range.toPrometheus()}])`);
}

/** How often the value differs from the one before. */
export function changes(inner: Expr, range: Duration, step: Duration): Expr {
  return closed(`changes(${subquery(inner, range, step)})`);
}

export function sumOverSubquery(inner: Expr, range: Duration, step: Duration): Expr {
  return closed(`sum_over_time(${subquery(inner, range, step)})`);
}

function subquery(inner: Expr, range: Duration, step: Duration): string {
  return `${bracketed(inner)}[${range.toPrometheus()}:${step.toPrometheus()}]`;
}

/** 1 while there is no such series; carries the labels of matchers by equality. */
export function absent(inner: Series): Expr {
  return closed(`absent(${inner.promql})`);
}

/** Seconds since the Unix time that the series holds. */
export function age(inner: Expr): Expr {
  return open(`time() - ${bracketed(inner)}`);
}

/** Keeps the samples for which the comparison holds. */
export function compare(left: Expr, operator: Comparison, right: number | Expr): Expr {
  // A difference binds tighter than a comparison, and reads better without brackets.
  return open(`${left.promql} ${operator} ${typeof right === "number" ? right : bracketed(right)}`);
}

/** 1 where the comparison holds, else 0. */
export function compareBool(left: Expr, operator: Comparison, right: number): Expr {
  return open(`${bracketed(left)} ${operator} bool ${right}`);
}

export function minus(left: number | Expr, right: Expr): Expr {
  return open(`${operand(left)} - ${bracketed(right)}`);
}

export function divide(left: Expr, right: number | Expr): Expr {
  return open(`${bracketed(left)} / ${operand(right)}`);
}

export function times(factor: number, right: Expr): Expr {
  return open(`${factor} * ${bracketed(right)}`);
}

/** The left side's samples that have a partner with the same labels `on` at the right. */
export function and(left: Expr, on: readonly LabelName[], right: Expr): Expr {
  return open(`${bracketed(left)} and on (${on.join(", ")}) ${bracketed(right)}`);
}

/** The left side's samples that have none. */
export function unless(left: Expr, on: readonly LabelName[], right: Expr): Expr {
  return open(`${bracketed(left)} unless on (${on.join(", ")}) ${bracketed(right)}`);
}

/** One alternative a line. */
export function or(...alternatives: readonly Expr[]): Expr {
  const [first] = alternatives;
  if (alternatives.length === 1 && first !== undefined) return first;
  return open(alternatives.map(bracketed).join("\nor\n"));
}

/** @param replacement with `$1` for the first group of the pattern, which matches whole values of `source` */
export function labelReplace(
  inner: Expr,
  target: LabelName,
  replacement: string,
  source: LabelName,
  pattern: string,
): Expr {
  const texts = [target, replacement, source, pattern].map(promqlString).join(", ");
  return closed(`label_replace(${inner.promql}, ${texts})`);
}

/** Literal text in a pattern of Prometheus' own (RE2). */
export function escapeRegex(text: string): string {
  return text.replace(/[\\^$.|?*+()[\]{}]/g, "\\$&");
}

function closed(promql: string): Expr {
  return { promql, isOpen: false };
}

function open(promql: string): Expr {
  return { promql, isOpen: true };
}

function bracketed(expr: Expr): string {
  return expr.isOpen ? `(${expr.promql})` : expr.promql;
}

function operand(side: number | Expr): string {
  return typeof side === "number" ? String(side) : bracketed(side);
}
