import { Duration } from "../../lib/core/duration";

/** What is the same however the cluster is monitored. */
export const registryProbe = {
  registry: {
    host: "registry.viktorbarzin.me:5050",
    /** The VM itself: the name would lead there by way of the router. The certificate is that of the name. */
    address: "10.0.20.10:5050",
    /** Made from Vault by the cluster's own means; keys username and password. */
    credentialsSecret: "registry-integrity-credentials",
  },
  interval: Duration.minutes(15),
  deadline: Duration.minutes(5),
  /** Kyverno sets it on every pod of the cluster. */
  setByPolicy: ["dnsConfig"],
  maxTimeToPage: Duration.minutes(40),
  runbookBaseUrl: "https://github.com/ViktorBarzin/infra/blob/master",
  /** The registry services, whose metrics the host's front serves by their names. */
  metrics: {
    dockerhub: metricsOf("dockerhub"),
    ghcr: metricsOf("ghcr"),
    quay: metricsOf("quay"),
    k8s: metricsOf("k8s"),
    kyverno: metricsOf("kyverno"),
    private: metricsOf("private"),
  },
  /**
   * The registry's VM, whose textfiles tell of its garbage collections, maintenance and scans. The port is our
   * assumption, as no file of the estate names it: it is the node exporter's default.
   */
  hosts: { registry: { addresses: ["10.0.20.10"], port: 9100 } },
  privateService: "private",
} as const;

function metricsOf(name: string) {
  return { addresses: ["10.0.20.10"], port: 5001, path: `/metrics/${name}` } as const;
}
