import type { Place } from "../../delta";
import { isJsonObject, type Json, type JsonObject } from "../../json";
import { type Carrier, childOf, documentAround, listOf, objectOf, textOf, visitObjects } from "./carriers";

/** What Prometheus is told to scrape: by an object of its operator, or by a job of a configuration. */
export interface ScrapeView {
  readonly name: string;
  readonly place: Place;
  readonly scope: string;
  /** Addresses with their path; empty where they are discovered. */
  readonly targets: readonly string[];
  /** As written, of every endpoint; null where Prometheus's own default holds. */
  readonly interval: string | null;
  readonly value: JsonObject;
  /** The lists that hold the addresses, and what holds them. */
  readonly targetLists: readonly object[];
  readonly owned: readonly object[];
}

/** https://prometheus-operator.dev/docs/api-reference/api/ */
const OPERATOR_KINDS = ["ScrapeConfig", "ServiceMonitor", "PodMonitor", "Probe"];

export function scrapesIn(carrier: Carrier): readonly ScrapeView[] {
  const found: ScrapeView[] = [];
  visitObjects(carrier.value, (object, around) => {
    const view = operatorObject(carrier, object, around) ?? scrapeJob(carrier, object, around);
    if (view !== null) found.push(view);
  });
  return found;
}

function operatorObject(carrier: Carrier, value: JsonObject, around: readonly object[]): ScrapeView | null {
  const kind = textOf(value, "kind");
  const spec = childOf(value, "spec");
  if (kind === undefined || !OPERATOR_KINDS.includes(kind) || spec === undefined) return null;
  const { place, scope } = carrier;
  const endpoints = ["endpoints", "podMetricsEndpoints"].flatMap((key) => listOf(spec[key]));
  const intervals = endpoints.flatMap((one) => textOf(objectOf(one), "interval") ?? []);
  const interval =
    textOf(spec, "scrapeInterval", "interval") ?? (intervals.length > 0 ? intervals.join(", ") : null);
  return {
    name: textOf(childOf(value, "metadata"), "name") ?? kind,
    place,
    scope,
    ...targetsOf(spec.staticConfigs, textOf(spec, "metricsPath")),
    interval,
    value,
    owned: [value, ...documentAround(around)],
  };
}

/** https://prometheus.io/docs/prometheus/latest/configuration/configuration/#scrape_config */
function scrapeJob(
  { place, scope }: Carrier,
  value: JsonObject,
  around: readonly object[],
): ScrapeView | null {
  const name = textOf(value, "job_name");
  const [list, owner] = around;
  if (name === undefined || !Array.isArray(list)) return null;
  return {
    name,
    place,
    scope,
    ...targetsOf(value.static_configs, textOf(value, "metrics_path")),
    interval: textOf(value, "scrape_interval") ?? null,
    value,
    owned: [value, list, ...(owner === undefined ? [] : [owner]), ...documentAround(around.slice(2))],
  };
}

function targetsOf(
  configs: Json | undefined,
  path = "/metrics",
): Pick<ScrapeView, "targets" | "targetLists"> {
  const objects = listOf(configs).filter(isJsonObject);
  const lists = objects.map(({ targets }) => targets).filter((list) => Array.isArray(list));
  const addresses = lists.flatMap((list) => listOf(list).filter((one) => typeof one === "string"));
  const outer = typeof configs === "object" && configs !== null ? [configs] : [];
  return {
    targets: [...new Set(addresses.map((address) => `${address}${path}`))].sort(),
    targetLists: [...outer, ...objects, ...lists],
  };
}
