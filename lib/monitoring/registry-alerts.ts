import { Manifest } from "@cdktf/provider-kubernetes/lib/manifest";
import { Token } from "cdktf";
import { Construct } from "constructs";
import type { Duration } from "../core/duration";
import { ConfigurationError } from "../core/problem";
import { type AlertRef, alertRef } from "../core/references";
import { Artifact } from "../terraform/artifacts";
import type { RuleGroup } from "./alert-model";
import type { AlertSink } from "./alert-sink";
import { checkAlerts } from "./check-alerts";
import { type DetectionTime, worstCaseTimeToPage } from "./detection-time";
import {
  alertThresholds,
  INTEGRITY_ALERTS,
  type IntegrityAlertName,
  type IntegrityAlertOptions,
  integrityAlerts,
} from "./integrity-alerts";
import type { RegistryIntegrityProbe } from "./registry-integrity-probe";
import { renderPrometheusRule } from "./render-prometheus-rule";
import { renderRuleFile } from "./render-rules";

export interface RegistryAlertsProps extends IntegrityAlertOptions {
  /** Its registries, and its schedule, from which every threshold derives. */
  readonly probe: RegistryIntegrityProbe;
  readonly sink: AlertSink;
  /**
   * The longest time from a loss to its page that is borne; a schedule that cannot keep it is refused.
   * @default none
   */
  readonly maxTimeToPage?: Duration;
  /**
   * Where the rule file is written, below the output's artifacts.
   * @default monitoring/rules.yml
   */
  readonly ruleFile?: string;
  /**
   * On the PrometheusRule beside the sink's own labels.
   * @default none
   */
  readonly labels?: Readonly<Record<string, string>>;
  /**
   * On the PrometheusRule.
   * @default none
   */
  readonly annotations?: Readonly<Record<string, string>>;
}

/** The alerts on what the probe reports, each with its runbook. */
export class RegistryAlerts extends Construct {
  readonly groups: readonly RuleGroup[];
  /** For the services and runbooks that meet the alerts in a stack. */
  readonly all: readonly AlertRef[];
  readonly byName: Readonly<Record<IntegrityAlertName, AlertRef>>;
  /** From a loss to RegistryManifestIntegrityFailure, at worst. */
  readonly timeToPage: DetectionTime;
  readonly ruleFile: Artifact;
  /** Where the sink is one. */
  readonly prometheusRule?: Manifest;

  /** @throws ConfigurationError with all that is wrong with the props */
  constructor(scope: Construct, id: string, props: RegistryAlertsProps) {
    super(scope, id);
    const { probe, sink, labels = {}, annotations = {} } = props;
    const { spec } = probe;
    this.timeToPage = worstCaseTimeToPage({ ...spec.times, for: alertThresholds(spec).confirmedFor });
    ConfigurationError.throwIfAny(checkAlerts(props, this.timeToPage, (text) => Token.isUnresolved(text)));

    this.groups = integrityAlerts(spec, props);
    const [failure, stale, inaccessible] = INTEGRITY_ALERTS;
    this.byName = {
      [failure]: alertRef(failure),
      [stale]: alertRef(stale),
      [inaccessible]: alertRef(inaccessible),
    };
    this.all = INTEGRITY_ALERTS.map((name) => this.byName[name]);
    this.ruleFile = new Artifact(this, "rule-file", {
      path: props.ruleFile ?? "monitoring/rules.yml",
      content: renderRuleFile(this.groups),
    });
    if (sink.kind === "prometheusRule") {
      const labelled = { ...sink, labels: { ...labels, ...sink.labels } };
      const manifest = renderPrometheusRule(spec, this.groups, labelled, annotations);
      this.prometheusRule = new Manifest(this, "prometheus-rule", { manifest });
    }
  }
}
