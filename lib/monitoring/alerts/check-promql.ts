/** The grammar that Prometheus' own editor uses: https://github.com/prometheus/prometheus/tree/main/web/ui/module */
import type { LRParser } from "@lezer/lr";
import { ConfigurationError, type Problem } from "../../core/problem";

// By require: the package has a CommonJS build, but declares its types for ES modules alone.
const { parser }: { readonly parser: LRParser } = require("@prometheus-io/lezer-promql");

const SHOWN_LENGTH = 40;

/**
 * What keeps the text from being PromQL, at the first place where it is not; empty when nothing does.
 *
 * @param path what the error calls the expression, as its alert
 */
export function checkPromql(text: string, path: string): readonly Problem[] {
  let position: number | null = null;
  parser.parse(text).iterate({
    enter: (node) => {
      if (node.type.isError) position ??= node.from;
      return position === null;
    },
  });
  if (position === null) return [];
  const rule = `be PromQL, which it is not from position ${position} on`;
  const value = text.slice(position, position + SHOWN_LENGTH);
  return [{ path, rule, value, fix: "Check the names and texts that the rule is made of." }];
}

/** Two ways to monitor one registry have the same rules: what was PromQL once is not parsed again. */
const MAX_KNOWN = 1_000;
const known = new Set<string>();

/** @throws ConfigurationError that names the alert and the position */
export function requirePromql(text: string, alert: string): string {
  if (known.has(text)) return text;
  ConfigurationError.throwIfAny(checkPromql(text, `${alert}.expr`));
  if (known.size < MAX_KNOWN) known.add(text);
  return text;
}
