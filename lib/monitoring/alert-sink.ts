/** Where the rules go, beside the artifacts that are always written. All of them carry the same groups. */
export type AlertSink =
  | PrometheusRuleSink
  | KubePrometheusStackValuesSink
  | PrometheusChartValuesSink
  | ConfigMapSink
  | RuleFileSink;

/** A PrometheusRule: for clusters with the Prometheus Operator. */
export interface PrometheusRuleSink extends PrometheusRuleOptions {
  readonly kind: "prometheusRule";
}

/** Nothing in the cluster by itself: values for a release of the kube-prometheus-stack chart. */
export interface KubePrometheusStackValuesSink extends KubePrometheusStackValuesOptions {
  readonly kind: "kubePrometheusStackValues";
}

/** Nothing in the cluster by itself: values for a release of the prometheus chart. */
export interface PrometheusChartValuesSink extends PrometheusChartValuesOptions {
  readonly kind: "prometheusChartValues";
}

/** A ConfigMap with the rule file, for a sidecar or a mount that brings it into `rule_files`. */
export interface ConfigMapSink extends ConfigMapSinkOptions {
  readonly kind: "configMap";
}

/** Nothing in the cluster: the artifact is taken up by whoever keeps Prometheus' own configuration. */
export interface RuleFileSink {
  readonly kind: "ruleFile";
}

/** Keys of the prometheus chart's `serverFiles` that its `rule_files` load. */
export type ServerFilesKey = "alerts" | "alerting_rules.yml";

export interface PrometheusRuleOptions {
  /**
   * `manifest` shows every rule in the plan and sees a hand edit, but needs the API and the CRD when Terraform plans.
   * `helm` needs neither, but its plan shows a revision alone, and a rule edited or deleted by hand stays so; text
   * that only Terraform knows cannot travel in it.
   * @default manifest
   */
  readonly via?: "manifest" | "helm";
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

export interface KubePrometheusStackValuesOptions {
  /**
   * Key below `additionalPrometheusRulesMap`, with which the PrometheusRule's name ends.
   * @default the probe's name
   */
  readonly key?: string;
  /**
   * On the PrometheusRule; the chart adds its own, `release` among them.
   * @default none
   */
  readonly labels?: Readonly<Record<string, string>>;
}

export interface PrometheusChartValuesOptions {
  /**
   * Key below `serverFiles`. Helm replaces lists: under a key that another values file has too, one of the two sets
   * of groups is lost.
   * @default alerts, as most estates keep groups of their own in alerting_rules.yml
   */
  readonly key?: ServerFilesKey;
}

export interface ConfigMapSinkOptions {
  /** @default the probe's name and `-rules` */
  readonly name?: string;
  /**
   * By which the sidecar finds it.
   * @default none
   */
  readonly labels?: Readonly<Record<string, string>>;
  /**
   * May be a token.
   * @default the probe's
   */
  readonly namespace?: string;
}

export const AlertSink = {
  prometheusRule(options: PrometheusRuleOptions = {}): PrometheusRuleSink {
    return { kind: "prometheusRule", ...options };
  },

  kubePrometheusStackValues(options: KubePrometheusStackValuesOptions = {}): KubePrometheusStackValuesSink {
    return { kind: "kubePrometheusStackValues", ...options };
  },

  prometheusChartValues(options: PrometheusChartValuesOptions = {}): PrometheusChartValuesSink {
    return { kind: "prometheusChartValues", ...options };
  },

  configMap(options: ConfigMapSinkOptions = {}): ConfigMapSink {
    return { kind: "configMap", ...options };
  },

  ruleFile(): RuleFileSink {
    return { kind: "ruleFile" };
  },
};
