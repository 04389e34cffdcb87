import type { MonitoringEstate } from "../monitoring";
import { registryProbe } from "./registry-probe";

/**
 * The estate with the Prometheus Operator: alerts as a PrometheusRule, scraping by its resources. An alternative to
 * `monitoring-chart`, never beside it: both describe one probe.
 */
export const monitoringEstate: MonitoringEstate = {
  ...registryProbe,
  namespace: "monitoring",
  pushgateway: "http://prometheus-prometheus-pushgateway.monitoring:9091",
  /** The group of the shell script that this probe follows, which wrote the same series. */
  replaceGroup: "job=registry-integrity-probe",
  pushgatewayService: {
    matchLabels: { "app.kubernetes.io/name": "prometheus-pushgateway" },
    port: "http",
  },
  selectedBy: { release: "kube-prometheus-stack" },
};
