import { ConfigMapV1 } from "@cdktf/provider-kubernetes/lib/config-map-v1";
import { Token } from "cdktf";
import { Construct } from "constructs";
import { checkLabelName, checkLabels, checkSubdomainName, toLabelName } from "../../core/kube-names";
import { ConfigurationError, type Problem } from "../../core/problem";
import { checkShapes } from "../../core/shape";
import { Artifact } from "../../terraform/artifacts";
import { escapeTerraform, escapeTerraformMap } from "../../terraform/escape";
import { checkOwnLabels, objectLabels } from "../../terraform/labels";
import { checkLiteral, type IsToken, literalEntries } from "../literal";
import type { ProbeRun } from "../probe-run";
import type { RegistryIntegrityProbe } from "../registry-integrity-probe";
import { PROBE, RUNBOOK_BASE_URL } from "../shapes";
import { type DashboardSpec, DEFAULT_TITLE, MAX_UID_LENGTH } from "./dashboard-spec";
import { renderDashboardFile } from "./render-dashboard";

export interface IntegrityDashboardProps {
  /** Its registries and its times are shown. */
  readonly probe: RegistryIntegrityProbe<ProbeRun>;
  /** As for RegistryAlerts; may be a token. */
  readonly runbookBaseUrl: string;
  /**
   * Of the ConfigMap, where Grafana's sidecar looks; may be a token.
   * @default the probe's
   */
  readonly namespace?: string;
  /** @default the probe's name and `-dashboard` */
  readonly name?: string;
  /** @default Registry integrity */
  readonly title?: string;
  /**
   * In the dashboard's URL; Grafana takes another uid for another dashboard.
   * @default the name, cut to 40 characters
   */
  readonly uid?: string;
  /**
   * By which the sidecar finds the ConfigMap.
   * @default grafana_dashboard: "1", as Grafana's chart has it
   */
  readonly sidecarLabel?: Readonly<Record<string, string>>;
  /**
   * Grafana's folder, as the annotation grafana_folder, which the chart's sidecar.dashboards.folderAnnotation names.
   * @default Grafana's own choice
   */
  readonly folder?: string;
  /** @default none */
  readonly labels?: Readonly<Record<string, string>>;
  /** @default none */
  readonly annotations?: Readonly<Record<string, string>>;
  /**
   * Where the JSON is written, below the output's artifacts.
   * @default monitoring/dashboard.json
   */
  readonly file?: string;
}

const UID = /^[A-Za-z0-9_-]+$/;

/** What the probe proves, for Grafana: eight panels of one contract, and one each for shards and for slices where there are some. */
export class IntegrityDashboard extends Construct {
  readonly configMap: ConfigMapV1;
  /** The same JSON, for those who import it by hand. */
  readonly file: Artifact;

  /** @throws ConfigurationError with all that is wrong with the props */
  constructor(scope: Construct, id: string, props: IntegrityDashboardProps) {
    super(scope, id);
    ConfigurationError.throwIfAny(checkShapes(props, { probe: PROBE, runbookBaseUrl: RUNBOOK_BASE_URL }));
    const probe = props.probe.spec;
    const name = props.name ?? `${probe.name}-dashboard`;
    const uid = props.uid ?? toLabelName(name, MAX_UID_LENGTH);
    ConfigurationError.throwIfAny(
      checkDashboard({ ...props, name, uid }, (text) => Token.isUnresolved(text)),
    );
    const { title = DEFAULT_TITLE, runbookBaseUrl } = props;
    const content = renderDashboardFile({ probe, title, uid, runbookBaseUrl } satisfies DashboardSpec);
    this.file = new Artifact(this, "file", { path: props.file ?? "monitoring/dashboard.json", content });

    const { sidecarLabel = { grafana_dashboard: "1" }, folder } = props;
    const labels = objectLabels(
      { name: "registry-integrity-probe", instance: probe.name, component: "dashboard" },
      { ...props.labels, ...sidecarLabel },
    );
    const annotations = { ...props.annotations, ...(folder === undefined ? {} : { grafana_folder: folder }) };
    this.configMap = new ConfigMapV1(this, "config-map", {
      metadata: {
        name,
        namespace: escapeTerraform(props.namespace ?? probe.namespace),
        labels: escapeTerraformMap(labels),
        ...(Object.keys(annotations).length === 0 ? {} : { annotations: escapeTerraformMap(annotations) }),
      },
      // The sidecar keeps all dashboards in one folder: a file's name is as unique as its uid.
      data: { [`${uid}.json`]: escapeTerraform(content) },
    });
  }
}

function checkDashboard(
  dashboard: IntegrityDashboardProps & { readonly name: string; readonly uid: string },
  isToken: IsToken,
): readonly Problem[] {
  const { namespace, name, uid, sidecarLabel, labels = {}, annotations } = dashboard;
  return [
    ...(namespace === undefined || isToken(namespace) ? [] : checkLabelName(namespace, "namespace")),
    ...checkLiteral(name, "name", isToken, checkSubdomainName),
    ...checkLiteral(uid, "uid", isToken, checkUid),
    ...checkLabels(literalEntries(sidecarLabel, isToken), "sidecarLabel"),
    ...checkLabels(literalEntries(labels, isToken), "labels"),
    ...checkOwnLabels(labels, "labels"),
    ...checkLabels(literalEntries(annotations, isToken), "annotations", false),
  ];
}

function checkUid(uid: string, path: string): readonly Problem[] {
  if (UID.test(uid) && uid.length <= MAX_UID_LENGTH) return [];
  const fix = "Use letters, digits, - and _, such as registry-integrity.";
  return [{ path, rule: `be 1 to ${MAX_UID_LENGTH} plain characters`, value: uid, fix }];
}
