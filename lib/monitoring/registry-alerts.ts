import { posix } from "node:path";
import type { Release } from "@cdktf/provider-helm/lib/release";
import type { ConfigMapV1 } from "@cdktf/provider-kubernetes/lib/config-map-v1";
import type { Manifest } from "@cdktf/provider-kubernetes/lib/manifest";
import { Token } from "cdktf";
import { Construct } from "constructs";
import type { Duration } from "../core/duration";
import { ConfigurationError } from "../core/problem";
import { type AlertRef, alertRef } from "../core/references";
import { checkShapes } from "../core/shape";
import { Artifact } from "../terraform/artifacts";
import type { RuleGroup } from "./alert-model";
import type { AlertSink } from "./alert-sink";
import { ALERT_NAMES, type AlertName } from "./alerts/alert-names";
import { type InhibitRule, renderInhibitRules } from "./alerts/inhibit-rules";
import { renderProofs } from "./alerts/proofs/render-proofs";
import { type PageTime, ruleSet } from "./alerts/rule-set";
import type { RuleSetOptions } from "./alerts/rule-set-options";
import { checkAlerts } from "./check-alerts";
import type { DetectionTime } from "./detection-time";
import { renderDetectionTimes } from "./detection-times";
import type { ProbeRun } from "./probe-run";
import type { RegistryIntegrityProbe } from "./registry-integrity-probe";
import type { KubePrometheusStackValues, PrometheusChartValues } from "./release-values";
import { renderRuleFile } from "./render-rules";
import { PROBE, RUNBOOK_BASE_URL, SINK } from "./shapes";
import { createSink } from "./sinks/create-sink";

export interface RegistryAlertsProps extends RuleSetOptions {
  /** Its registries, and its schedule, from which every threshold derives. */
  readonly probe: RegistryIntegrityProbe<ProbeRun>;
  readonly sink: AlertSink;
  /**
   * The longest time from a loss to the page of any critical alert on the registries' integrity that is borne; a
   * schedule that cannot keep it is refused.
   * @default none
   */
  readonly maxTimeToPage?: Duration;
  /**
   * Where the rule file is written, below the output's artifacts; its proofs (`<name>.test.yml`), inhibit-rules.yml,
   * detection-times.json and the sinks' values files stand beside it.
   * @default monitoring/rules.yml
   */
  readonly ruleFile?: string;
  /**
   * On the sink's object beside the sink's own labels.
   * @default none
   */
  readonly labels?: Readonly<Record<string, string>>;
  /**
   * On the sink's object.
   * @default none
   */
  readonly annotations?: Readonly<Record<string, string>>;
}

/** The alerts on a probe's registries, each with its runbook and its proof, and the sink that they go to. */
export class RegistryAlerts extends Construct {
  readonly groups: readonly RuleGroup[];
  readonly inhibitRules: readonly InhibitRule[];
  /** Those that there are, for the services and runbooks that meet the alerts in a stack. */
  readonly all: readonly AlertRef[];
  /** Every alert by its name, whether it is among these or not. */
  readonly byName: Readonly<Record<AlertName, AlertRef>>;
  /** From a loss to RegistryManifestIntegrityFailure, at worst. */
  readonly timeToPage: DetectionTime;
  /** The worst case from what went wrong to the alert, of every rule. */
  readonly pages: readonly PageTime[];
  readonly ruleFile: Artifact;
  /** Test cases for `promtool test rules`, in the rule file's folder. */
  readonly proofFile: Artifact;
  readonly inhibitRulesFile: Artifact;
  /** `pages` as JSON, for whoever compares two outputs. */
  readonly detectionTimesFile: Artifact;
  /** Where the sink is one by manifest. */
  readonly prometheusRule?: Manifest;
  /** Where the sink is a PrometheusRule by Helm. */
  readonly prometheusRuleRelease?: Release;
  /** Where the sink is one. */
  readonly configMap?: ConfigMapV1;
  /** The rules for a release of the prometheus chart, whatever the sink. */
  readonly prometheusValues: PrometheusChartValues;
  /** The rules for a release of the kube-prometheus-stack chart, whatever the sink. */
  readonly kubePrometheusStackValues: KubePrometheusStackValues;

  /** @throws ConfigurationError with all that is wrong with the props */
  constructor(scope: Construct, id: string, props: RegistryAlertsProps) {
    super(scope, id);
    const required = { probe: PROBE, sink: SINK, runbookBaseUrl: RUNBOOK_BASE_URL };
    ConfigurationError.throwIfAny(checkShapes(props, required));
    const { probe, sink, labels = {}, annotations = {}, ruleFile = "monitoring/rules.yml" } = props;
    const { spec } = probe;
    ConfigurationError.throwIfAny(checkAlerts(props, spec, (text) => Token.isUnresolved(text)));
    const rules = ruleSet(spec, props);

    this.groups = rules.groups;
    this.inhibitRules = rules.inhibitRules;
    this.byName = alertRefs();
    this.all = rules.alerts.map((name) => this.byName[name]);
    this.pages = rules.pages;
    this.timeToPage = rules.timeToPage;
    const folder = posix.dirname(ruleFile);
    const name = posix.basename(ruleFile);
    this.ruleFile = new Artifact(this, "rule-file", {
      path: ruleFile,
      content: renderRuleFile(this.groups),
    });
    this.proofFile = new Artifact(this, "proof-file", {
      path: posix.join(folder, name.replace(/(?:\.ya?ml)?$/, ".test.yml")),
      content: renderProofs(rules.proofs, name),
    });
    this.inhibitRulesFile = new Artifact(this, "inhibit-rules", {
      path: posix.join(folder, "inhibit-rules.yml"),
      content: renderInhibitRules(this.inhibitRules),
    });
    this.detectionTimesFile = new Artifact(this, "detection-times", {
      path: posix.join(folder, "detection-times.json"),
      content: renderDetectionTimes(this.pages),
    });
    const { namespace } = spec;
    const names = { name: spec.name, namespace, labels, annotations, artifactFolder: folder };
    const created = createSink(this, sink, this.groups, names);
    this.prometheusValues = created.prometheusValues;
    this.kubePrometheusStackValues = created.kubePrometheusStackValues;
    if (created.prometheusRule !== undefined) this.prometheusRule = created.prometheusRule;
    if (created.release !== undefined) this.prometheusRuleRelease = created.release;
    if (created.configMap !== undefined) this.configMap = created.configMap;
  }
}

function alertRefs(): Readonly<Record<AlertName, AlertRef>> {
  const refs: Partial<Record<AlertName, AlertRef>> = {};
  for (const name of ALERT_NAMES) refs[name] = alertRef(name);
  return refs as Readonly<Record<AlertName, AlertRef>>;
}
