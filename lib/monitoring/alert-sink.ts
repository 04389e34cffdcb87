/** Where the rules go, beside the artifact that is always written. */
export type AlertSink = PrometheusRuleSink | RuleFileSink;

/** A PrometheusRule: for clusters with the Prometheus Operator, whose CRD must be there when Terraform plans. */
export interface PrometheusRuleSink extends PrometheusRuleOptions {
  readonly kind: "prometheusRule";
}

/** Nothing in the cluster: the artifact is taken up by whoever keeps Prometheus' own configuration. */
export interface RuleFileSink {
  readonly kind: "ruleFile";
}

export interface PrometheusRuleOptions {
  /**
   * Beside the usual ones: kube-prometheus-stack selects rules by `release` unless told otherwise.
   * @default none
   */
  readonly labels?: Readonly<Record<string, string>>;
  /**
   * May be a token.
   * @default the probe's
   */
  readonly namespace?: string;
  /** @default the probe's name */
  readonly name?: string;
}

export const AlertSink = {
  prometheusRule(options: PrometheusRuleOptions = {}): PrometheusRuleSink {
    return { kind: "prometheusRule", ...options };
  },

  ruleFile(): RuleFileSink {
    return { kind: "ruleFile" };
  },
};
