/** Rules that live faster, so that a test need not wait for a real night: https://prometheus.io/docs/prometheus/latest/querying/basics/ */
import type { LRParser } from "@lezer/lr";
import { isObject } from "../../lib/oci/descriptor";
import { parseYaml, renderYaml, type YamlValue } from "../../lib/text/yaml";

// By require: the package has a CommonJS build, but declares its types for ES modules alone.
const { parser }: { readonly parser: LRParser } = require("@prometheus-io/lezer-promql");

type SyntaxNode = ReturnType<LRParser["parse"]>["topNode"];

const DURATION_KEYS: readonly string[] = ["for", "keep_firing_for", "interval"];
const COMPARISONS: readonly string[] = ["Gtr", "Lss", "Gte", "Lte", "Eql", "Neq"];
/** Values that are counted in seconds by their metric's name; counters that are not, such as `_total`, are left. */
const TIME_METRIC = /_(?:seconds|timestamp)$/;
/** An instant since 1970, from 2001 on: no length of time, and so not scaled. */
const FIRST_INSTANT_SECONDS = 1e9;
/** What no longer has the unit of its argument. */
const UNITLESS: readonly string[] = ["absent", "absent_over_time", "changes", "count_over_time", "resets"];
const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/**
 * A rule file in which every length of time is that many times shorter: `for`, `keep_firing_for`, ranges, steps,
 * offsets, and the numbers that times are compared with. Nothing else changes.
 */
export function scaleRuleFile(text: string, divisor: number): string {
  return renderYaml(scaleTree(parseYaml(text), divisor));
}

function scaleTree(value: unknown, divisor: number, key = ""): YamlValue {
  if (typeof value === "string") {
    if (key === "expr") return scalePromql(value, divisor);
    return DURATION_KEYS.includes(key) ? scaleDuration(value, divisor) : value;
  }
  if (Array.isArray(value)) return value.map((entry: unknown) => scaleTree(entry, divisor));
  if (isObject(value)) {
    const keep = key === "annotations" || key === "labels";
    return Object.fromEntries(
      Object.entries(value).map(([name, entry]) => [name, scaleTree(entry, divisor, keep ? "" : name)]),
    );
  }
  if (value === null || typeof value === "number" || typeof value === "boolean") return value;
  throw new Error(`a rule file holds no ${typeof value}`);
}

/** @throws Error where the text is no PromQL */
export function scalePromql(expr: string, divisor: number): string {
  const edits: { from: number; to: number; text: string }[] = [];
  const edit = (node: SyntaxNode, scale: (text: string) => string): void => {
    edits.push({ from: node.from, to: node.to, text: scale(expr.slice(node.from, node.to)) });
  };
  parser.parse(expr).iterate({
    enter: ({ node }) => {
      if (node.type.isError) throw new Error(`no PromQL at ${node.from}: ${expr}`);
      if (node.name === "NumberDurationLiteralInDurationContext") {
        edit(node, (text) => scaleDuration(text, divisor));
      }
      const threshold = timeThreshold(node, expr);
      if (threshold !== null) edit(threshold, (text) => scaleSeconds(text, divisor));
    },
  });
  return edits
    .sort((a, b) => b.from - a.from)
    .reduce((text, { from, to, text: scaled }) => text.slice(0, from) + scaled + text.slice(to), expr);
}

/** The number that a time is compared with; null where the node is no such comparison. */
function timeThreshold(node: SyntaxNode, expr: string): SyntaxNode | null {
  if (node.name !== "BinaryExpr" || !COMPARISONS.some((name) => node.getChild(name) !== null)) return null;
  const { firstChild: left, lastChild: right } = node;
  if (left === null || right === null) return null;
  if (right.name === "NumberDurationLiteral" && isTime(left, expr)) return right;
  return left.name === "NumberDurationLiteral" && isTime(right, expr) ? left : null;
}

/** Whether what the expression yields is counted in seconds. */
function isTime(node: SyntaxNode, expr: string): boolean {
  if (node.name === "VectorSelector") {
    const name = node.getChild("Identifier");
    return name !== null && TIME_METRIC.test(expr.slice(name.from, name.to));
  }
  if (node.name === "FunctionCall") {
    const name = node.getChild("FunctionIdentifier");
    const called = name === null ? "" : expr.slice(name.from, name.to);
    if (called === "time" || called === "timestamp") return true;
    if (UNITLESS.includes(called)) return false;
  }
  if (node.name === "AggregateExpr" && node.getChild("AggregateOp")?.getChild("Count")) return false;
  // A ratio of two times has no unit; a comparison, `and` and `unless` yield their left side.
  const isProduct = ["Mul", "Div", "Mod"].some((name) => node.getChild(name) !== null);
  const isSum = ["Add", "Sub", "Or"].some((name) => node.getChild(name) !== null);
  const operands = childrenOf(node).filter(({ name }) => !/Modifier|Matchers|Clause/.test(name));
  if (node.name !== "BinaryExpr" || isSum) return operands.some((child) => isTime(child, expr));
  const [left, right] = [operands.at(0), operands.at(-1)];
  if (left === undefined || right === undefined) return false;
  return isProduct ? isTime(left, expr) !== isTime(right, expr) : isTime(left, expr);
}

function childrenOf(node: SyntaxNode): SyntaxNode[] {
  const children: SyntaxNode[] = [];
  for (let child = node.firstChild; child !== null; child = child.nextSibling) children.push(child);
  return children;
}

function scaleSeconds(text: string, divisor: number): string {
  const seconds = Number(text);
  if (Number.isNaN(seconds)) throw new Error(`a time is compared with no number: ${JSON.stringify(text)}`);
  return seconds < FIRST_INSTANT_SECONDS ? String(seconds / divisor) : text;
}

/** In whole milliseconds, at least one: Prometheus knows nothing shorter. */
function scaleDuration(text: string, divisor: number): string {
  const parts = [...text.matchAll(/(\d+)(ms|[smhdw])/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join("") !== text) {
    throw new Error(`no duration: ${JSON.stringify(text)}`);
  }
  const ms = parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (UNIT_MS[unit ?? ""] ?? 0), 0);
  if (ms === 0) return "0s";
  return `${Math.max(1, Math.round(ms / divisor))}ms`;
}
