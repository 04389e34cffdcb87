import { EndpointSliceV1 } from "@cdktf/provider-kubernetes/lib/endpoint-slice-v1";
import { Manifest } from "@cdktf/provider-kubernetes/lib/manifest";
import { ServiceV1 } from "@cdktf/provider-kubernetes/lib/service-v1";
import { Token } from "cdktf";
import { Construct } from "constructs";
import { ConfigurationError, type Problem } from "../../core/problem";
import { checkShape, checkShapes } from "../../core/shape";
import { Artifact } from "../../terraform/artifacts";
import { escapeTerraform, escapeTerraformMap, escapeTerraformTree } from "../../terraform/escape";
import { OWN_FIELDS } from "../own-fields";
import type { PrometheusChartValues } from "../release-values";
import { NAMESPACE, TARGET, TARGETS } from "../shapes";
import { checkScrape } from "./check-scrape";
import {
  renderEndpointSlice,
  renderExternalService,
  renderScrapeConfigObject,
  renderServiceMonitor,
  scrapeMetadata,
} from "./render-monitors";
import { renderScrapeFile, scrapeChartValues } from "./render-scrape-file";
import { hostSpecs, pushgatewaySpec, registrySpecs } from "./scrape-specs";
import type { ExternalTarget, ScrapeOptions, ScrapeSpec } from "./scrape-target";

export interface RegistryScrapeProps extends ScrapeOptions {
  /**
   * Where the plain scrape configuration is written, below the output's artifacts.
   * @default monitoring/scrape-config.yml
   */
  readonly scrapeConfigFile?: string;
}

/** What one target is made of. */
export interface ScrapeObjects {
  /** A ServiceMonitor or a ScrapeConfig. */
  readonly monitor: Manifest;
  /** Of hosts outside, via endpointSlice. */
  readonly service?: ServiceV1;
  readonly endpointSlice?: EndpointSliceV1;
}

/** Has Prometheus scrape registries, their hosts and the Pushgateway, under the labels that the alerts select. */
export class RegistryScrape extends Construct {
  /** By the registry services' names; empty via file. */
  readonly registries: Readonly<Record<string, ScrapeObjects>>;
  /** By the names that `hosts` gives them; empty via file. */
  readonly hosts: Readonly<Record<string, ScrapeObjects>>;
  /** Where one is given, and not via file. */
  readonly pushgateway?: ScrapeObjects;
  /** The same jobs without an operator. */
  readonly scrapeConfigFile: Artifact;
  /** The same jobs for a MonitoringRelease of the prometheus chart. */
  readonly prometheusValues: PrometheusChartValues;

  /** @throws ConfigurationError with all that is wrong with the props */
  constructor(scope: Construct, id: string, props: RegistryScrapeProps) {
    super(scope, id);
    ConfigurationError.throwIfAny(checkShapes(props, { namespace: NAMESPACE }));
    ConfigurationError.throwIfAny(checkTargetShapes(props));
    ConfigurationError.throwIfAny(checkScrape(props, (text) => Token.isUnresolved(text)));
    const isFile = props.via === "file";
    this.registries = Object.fromEntries(
      isFile ? [] : registrySpecs(props).map((spec) => [spec.registry, this.create(spec, props)]),
    );
    this.hosts = Object.fromEntries(
      isFile ? [] : hostSpecs(props).map((spec) => [spec.host, this.create(spec, props)]),
    );
    const gateway = pushgatewaySpec(props);
    if (gateway !== null && !isFile) this.pushgateway = this.create(gateway, props);
    this.prometheusValues = scrapeChartValues(props);
    this.scrapeConfigFile = new Artifact(this, "scrape-config", {
      path: props.scrapeConfigFile ?? "monitoring/scrape-config.yml",
      content: renderScrapeFile(props),
    });
  }

  private create(spec: ScrapeSpec, options: ScrapeOptions): ScrapeObjects {
    const { target } = spec;
    const scope = new Construct(this, spec.id);
    if (target.kind === "external" && target.via !== "endpointSlice") {
      const manifest = escapeTerraformTree(renderScrapeConfigObject(spec, target, options));
      return { monitor: new Manifest(scope, "scrape-config", { manifest, ...OWN_FIELDS }) };
    }
    const behind = target.kind === "external" ? createService(scope, spec, target, options) : {};
    const manifest = escapeTerraformTree(renderServiceMonitor(spec, options));
    return { monitor: new Manifest(scope, "service-monitor", { manifest, ...OWN_FIELDS }), ...behind };
  }
}

function checkTargetShapes({ registries, hosts, pushgateway }: RegistryScrapeProps): readonly Problem[] {
  return [
    ...(registries === undefined ? [] : checkShape(registries, TARGETS, "registries")),
    ...(hosts === undefined ? [] : checkShape(hosts, TARGETS, "hosts")),
    ...(pushgateway === undefined ? [] : checkShape(pushgateway, TARGET, "pushgateway")),
  ];
}

function createService(scope: Construct, spec: ScrapeSpec, target: ExternalTarget, options: ScrapeOptions) {
  const { labels, annotations, ...rest } = scrapeMetadata(spec, options);
  const metadata = {
    ...rest,
    namespace: escapeTerraform(rest.namespace),
    labels: escapeTerraformMap(labels),
    ...(annotations === undefined ? {} : { annotations: escapeTerraformMap(annotations) }),
  };
  const service = new ServiceV1(scope, "service", { metadata, spec: renderExternalService(target) });
  const { labels: sliceLabels, ...slice } = renderEndpointSlice(spec, target);
  const endpointSlice = new EndpointSliceV1(scope, "endpoint-slice", {
    ...slice,
    metadata: { ...metadata, labels: { ...metadata.labels, ...sliceLabels } },
    // A slice without its Service is nobody's.
    dependsOn: [service],
  });
  return { service, endpointSlice };
}
