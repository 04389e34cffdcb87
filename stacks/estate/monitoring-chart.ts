import type { MonitoringChartEstate } from "../monitoring-chart";
import { registryProbe } from "./registry-probe";

/** The estate as it is: the prometheus chart, no operator, and a Pushgateway that the chart brings. */
export const monitoringChartEstate: MonitoringChartEstate = {
  ...registryProbe,
  namespace: "monitoring",
  pushgateway: "http://prometheus-prometheus-pushgateway.monitoring:9091",
  /** The group of the shell script that this probe follows, which wrote the same series. */
  replaceGroup: "job=registry-integrity-probe",
  release: "prometheus",
  /** Its alerting_rules.yml and the rest stay in the file that the estate has: it goes first in the list of values. */
  ownValues: { "prometheus-pushgateway": { enabled: true } },
};
