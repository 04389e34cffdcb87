import { Release } from "@cdktf/provider-helm/lib/release";
import { Token } from "cdktf";
import { Construct } from "constructs";
import { ConfigurationError } from "../core/problem";
import { checkShapes } from "../core/shape";
import {
  CHART_REPOSITORY,
  KUBE_PROMETHEUS_STACK_CHART_VERSION,
  PROMETHEUS_CHART_VERSION,
} from "../core/versions";
import { escapeTerraform } from "../terraform/escape";
import { checkRelease } from "./check-release";
import { type KubePrometheusStackValues, type PrometheusChartValues, renderValues } from "./release-values";
import { CHART, NAMESPACE } from "./shapes";

/** A chart and the values that it takes. */
export type MonitoringChart =
  | {
      readonly chart: "prometheus";
      /**
       * Merged in order as Helm does it: maps deeply, lists replaced by the last that has them.
       * @default the chart's own
       */
      readonly values?: readonly PrometheusChartValues[];
    }
  | {
      readonly chart: "kube-prometheus-stack";
      /**
       * Merged in order as Helm does it: maps deeply, lists replaced by the last that has them.
       * @default the chart's own
       */
      readonly values?: readonly KubePrometheusStackValues[];
    };

export type MonitoringReleaseProps = MonitoringReleaseOptions & MonitoringChart;

export interface MonitoringReleaseOptions {
  /** May be a token. */
  readonly namespace: string;
  /**
   * Of the release: names of the chart's objects begin with it.
   * @default prometheus
   */
  readonly name?: string;
  /**
   * Exact.
   * @default PROMETHEUS_CHART_VERSION or KUBE_PROMETHEUS_STACK_CHART_VERSION
   */
  readonly version?: string;
  /**
   * Where the chart comes from: a mirror for instance, `oci://…` too.
   * @default CHART_REPOSITORY
   */
  readonly repository?: string;
  /** @default false: the namespace is somebody else's */
  readonly createNamespace?: boolean;
}

const DEFAULT_VERSIONS: Readonly<Record<MonitoringChart["chart"], string>> = {
  prometheus: PROMETHEUS_CHART_VERSION,
  "kube-prometheus-stack": KUBE_PROMETHEUS_STACK_CHART_VERSION,
};

/** Prometheus itself, by one of the community's two charts at an exact version. It makes no provider: the stack has one. */
export class MonitoringRelease extends Construct {
  readonly release: Release;

  /** @throws ConfigurationError with all that is wrong with the props */
  constructor(scope: Construct, id: string, props: MonitoringReleaseProps) {
    super(scope, id);
    ConfigurationError.throwIfAny(checkShapes(props, { namespace: NAMESPACE, chart: CHART }));
    const { chart, values = [], name = "prometheus" } = props;
    const { version = DEFAULT_VERSIONS[chart], repository = CHART_REPOSITORY } = props;
    ConfigurationError.throwIfAny(
      checkRelease({ namespace: props.namespace, name, version, values }, (text) => Token.isUnresolved(text)),
    );
    this.release = new Release(this, "release", {
      name,
      namespace: escapeTerraform(props.namespace),
      chart,
      version,
      repository: escapeTerraform(repository),
      createNamespace: props.createNamespace ?? false,
      values: values.map((one) => escapeTerraform(renderValues(one))),
      // A failed upgrade is rolled back: else nobody would be told that nobody is told.
      atomic: true,
      maxHistory: 5,
    });
  }
}
