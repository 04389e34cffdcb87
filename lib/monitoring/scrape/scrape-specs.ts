import { toLabelName } from "../../core/kube-names";
import { LABEL_REGISTRY, PUSHGATEWAY_JOB, REGISTRY_HOST_JOB, REGISTRY_JOB } from "./scrape-jobs";
import type { ScrapeOptions, ScrapeSpec } from "./scrape-target";

export const DEFAULT_SCRAPE_NAME = "registry-scrape";
/** Every metric that a registry host writes, and none of the node exporter's own. */
const HOST_SERIES = "registry_.*";

/** The registries in their order, then the hosts, then the Pushgateway. */
export function scrapeSpecs(options: ScrapeOptions): readonly ScrapeSpec[] {
  const gateway = pushgatewaySpec(options);
  return [...registrySpecs(options), ...hostSpecs(options), ...(gateway === null ? [] : [gateway])];
}

export function registrySpecs(
  options: ScrapeOptions,
): readonly (ScrapeSpec & { readonly registry: string })[] {
  const { registries = {}, name = DEFAULT_SCRAPE_NAME } = options;
  return Object.entries(registries).map(([registry, target]) => ({
    registry,
    job: REGISTRY_JOB,
    id: `registry-${registry}`,
    name: toLabelName(`${name}-${registry}`),
    seriesLabels: { [LABEL_REGISTRY]: registry },
    honorLabels: false,
    keepMetrics: null,
    target,
  }));
}

export function hostSpecs(options: ScrapeOptions): readonly (ScrapeSpec & { readonly host: string })[] {
  const { hosts = {}, name = DEFAULT_SCRAPE_NAME } = options;
  return Object.entries(hosts).map(([host, target]) => ({
    host,
    job: REGISTRY_HOST_JOB,
    id: `host-${host}`,
    name: toLabelName(`${name}-host-${host}`),
    seriesLabels: {},
    // The label `instance` is the registry's: of several on one host each has its own.
    honorLabels: true,
    keepMetrics: HOST_SERIES,
    target,
  }));
}

/** null where there is none to scrape. */
export function pushgatewaySpec(options: ScrapeOptions): ScrapeSpec | null {
  const { pushgateway, name = DEFAULT_SCRAPE_NAME } = options;
  if (pushgateway === undefined) return null;
  return {
    job: PUSHGATEWAY_JOB,
    id: PUSHGATEWAY_JOB,
    name: toLabelName(`${name}-${PUSHGATEWAY_JOB}`),
    seriesLabels: {},
    honorLabels: true,
    keepMetrics: null,
    target: pushgateway,
  };
}

/** `host:port`, with the brackets that an IPv6 address needs. */
export function hostPort(address: string, port: number): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}
