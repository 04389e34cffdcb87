import type { Duration } from "../../core/duration";

/** Where metrics are served. */
export type ScrapeTarget = ServiceTarget | ExternalTarget;

interface Endpoint {
  /** @default /metrics */
  readonly path?: string;
  /** @default http */
  readonly scheme?: "http" | "https";
}

/** A Service of the cluster, found by its labels. */
export interface ServiceTarget extends ServiceTargetOptions {
  readonly kind: "service";
}

export interface ServiceTargetOptions extends Endpoint {
  readonly matchLabels: Readonly<Record<string, string>>;
  /** The port's name in the Service. */
  readonly port: string;
  /**
   * Of the Service; literal.
   * @default that of the scrape
   */
  readonly namespace?: string;
}

/** Hosts outside the cluster. */
export interface ExternalTarget extends ExternalTargetOptions {
  readonly kind: "external";
}

export interface ExternalTargetOptions extends Endpoint {
  /** IP addresses; names too via scrapeConfig. */
  readonly addresses: readonly string[];
  readonly port: number;
  /**
   * The name in the certificate, where an address is dialled.
   * @default what is dialled
   */
  readonly serverName?: string;
  /**
   * How an operator learns of them. `scrapeConfig` is one object, where the operator's CRD of that kind knows
   * `jobName` and, for hosts, `metricRelabelings`. `endpointSlice` is a Service without selector, an EndpointSlice
   * and a ServiceMonitor: seen only by a Prometheus whose `serviceDiscoveryRole` is EndpointSlice, as by default the
   * operator reads Endpoints, which nobody makes from a slice.
   * @default scrapeConfig
   */
  readonly via?: "scrapeConfig" | "endpointSlice";
}

export const ScrapeTarget = {
  service(options: ServiceTargetOptions): ServiceTarget {
    return { kind: "service", ...options };
  },

  external(options: ExternalTargetOptions): ExternalTarget {
    return { kind: "external", ...options };
  },
};

export interface ScrapeOptions {
  /** Of the objects that are made; may be a token. */
  readonly namespace: string;
  /**
   * Registry services by the name that becomes the label `registry`, and a part of the objects' names.
   * @default none
   */
  readonly registries?: Readonly<Record<string, ScrapeTarget>>;
  /**
   * Node exporters of the registry hosts, by a name that becomes a part of the objects' names. Of each only the
   * series `registry_*` of its textfiles are kept, under the job `registry-host` and with the `instance` that the
   * host wrote (honorLabels). The exporter's own series are left to whatever job scrapes it already.
   * @default none
   */
  readonly hosts?: Readonly<Record<string, ScrapeTarget>>;
  /**
   * The Pushgateway, of which the pushed `job` and `instance` are kept (honorLabels).
   * @default none: the prometheus chart's own jobs scrape its Pushgateway already
   */
  readonly pushgateway?: ScrapeTarget;
  /**
   * `operator` makes objects for the Prometheus Operator, `file` nothing in the cluster: the artifact is taken up by
   * whoever keeps Prometheus' own configuration.
   * @default operator
   */
  readonly via?: "operator" | "file";
  /**
   * Of the objects; the name of the registry follows, or `host-` and that of the host.
   * @default registry-scrape
   */
  readonly name?: string;
  /** @default Prometheus' own */
  readonly interval?: Duration;
  /**
   * By which a Prometheus selects monitors: kube-prometheus-stack by `release` unless told otherwise.
   * @default none
   */
  readonly labels?: Readonly<Record<string, string>>;
  /** @default none */
  readonly annotations?: Readonly<Record<string, string>>;
}

/** One job's target, with every default filled in. */
export interface ScrapeSpec {
  readonly job: string;
  /** Of its constructs: it does not change with the scrape's name. */
  readonly id: string;
  /** Kubernetes name of its objects. */
  readonly name: string;
  /** Series labels beside `job` and `instance`. */
  readonly seriesLabels: Readonly<Record<string, string>>;
  readonly honorLabels: boolean;
  /** What the whole name of a series has to match to be stored, as an RE2 expression; null keeps all. */
  readonly keepMetrics: string | null;
  readonly target: ScrapeTarget;
}
