import type { Duration } from "../core/duration";

/** https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/ */
export interface AlertingRule {
  readonly alert: string;
  readonly expr: string;
  readonly for: Duration;
  /**
   * How long it goes on firing after the expression has ended; Prometheus 2.42 or later.
   * @default not at all
   */
  readonly keepFiringFor?: Duration;
  readonly labels: Readonly<Record<string, string>>;
  /** Values are Go templates: `{{ $value }}`. */
  readonly annotations: Readonly<Record<string, string>>;
}

export interface RuleGroup {
  /** Once per rule file. */
  readonly name: string;
  readonly rules: readonly AlertingRule[];
}

/** Text as a PromQL string literal: https://prometheus.io/docs/prometheus/latest/querying/basics/#string-literals */
export function promqlString(text: string): string {
  return JSON.stringify(text);
}
