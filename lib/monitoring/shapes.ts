import { isRecord, kindOf, listOf, objectWith, recordOf, type Shape, text } from "../core/shape";

export const NAMESPACE: Shape = text('Write its name, such as "monitoring".');

export const RUNBOOK_BASE_URL: Shape = text(
  'Write where docs/runbooks stands, such as "https://git.example.com/infra/blob/main".',
);

export const PROBE: Shape = objectWith(
  "be a RegistryIntegrityProbe",
  "Give the construct itself.",
  ({ spec }) => isRecord(spec) && Array.isArray(spec.registries) && isRecord(spec.times),
);

export const REGISTRIES: Shape = listOf(
  objectWith(
    "be a Registry",
    'Write Registry.at("registry.example.com:5050").',
    ({ host, options }) => typeof host === "string" && isRecord(options),
  ),
  "be a list of Registry",
  'Write [Registry.at("registry.example.com:5050")].',
);

export const RUN: Shape = kindOf(
  "be a ProbeRun",
  'Write ProbeRun.cronJob({ pushgateway: "http://pushgateway.monitoring:9091" }), or ProbeRun.exporter().',
  ["cronJob", "exporter"],
);

/** Of `RegistryScrape`. */
export const TARGET: Shape = {
  ...kindOf("be a ScrapeTarget", "Write ScrapeTarget.external({ … }) or ScrapeTarget.service({ … }).", [
    "service",
    "external",
  ]),
  fields: ({ kind }) =>
    kind === "service"
      ? {
          matchLabels: objectWith("be labels", "Name labels that this Service alone has.", () => true),
          port: text("Write the port's name in the Service."),
        }
      : {
          addresses: listOf(text('Write "192.0.2.10".'), "be a list of hosts", 'Write ["192.0.2.10"].'),
        },
};

export const TARGETS: Shape = recordOf(
  TARGET,
  "be an object of targets by their names",
  "Write { main: ScrapeTarget.external({ … }) }.",
);

export const SINK: Shape = kindOf("be an AlertSink", "Write AlertSink.prometheusRule() or another of them.", [
  "prometheusRule",
  "kubePrometheusStackValues",
  "prometheusChartValues",
  "configMap",
  "ruleFile",
]);

export const CHART: Shape = {
  rule: "be prometheus or kube-prometheus-stack",
  fix: 'Write chart: "prometheus".',
  isMet: (value) => value === "prometheus" || value === "kube-prometheus-stack",
};
