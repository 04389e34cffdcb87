import { Duration } from "../../lib/core/duration";
import type { MonitoringEstate } from "../monitoring";

export const monitoringEstate: MonitoringEstate = {
  namespace: "monitoring",
  registry: {
    host: "registry.viktorbarzin.me:5050",
    /** The VM itself: the name would lead there by way of the router. The certificate is that of the name. */
    address: "10.0.20.10:5050",
    /** Made from Vault by the cluster's own means; keys username and password. */
    credentialsSecret: "registry-integrity-credentials",
  },
  interval: Duration.minutes(15),
  deadline: Duration.minutes(5),
  pushgateway: "http://prometheus-prometheus-pushgateway.monitoring:9091",
  /** The group of the shell script that this probe follows, which wrote the same series. */
  replaceGroup: "job=registry-integrity-probe",
  /** Kyverno sets it on every pod of the cluster. */
  setByPolicy: ["dnsConfig"],
  maxTimeToPage: Duration.minutes(40),
  runbookBaseUrl: "https://github.com/ViktorBarzin/infra/blob/master",
};
