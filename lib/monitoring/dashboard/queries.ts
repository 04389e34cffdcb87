import { LABEL_INSTANCE, type MetricKey, metricName } from "../../integrity/contract";
import { promqlString } from "../alert-model";
import { alertThresholds } from "../integrity-alerts";
import type { ProbeSpec } from "../probe-spec";

/** The dashboard's variable: the registries chosen, all of them at first. */
export const INSTANCE_VARIABLE = "instance";

/** States of a registry, from best to worst. */
export const STATES = [
  { value: 0, text: "Whole", color: "green" },
  { value: 1, text: "Whole as far as known", color: "yellow" },
  { value: 2, text: "DAMAGED", color: "red" },
  { value: 3, text: "Not known", color: "purple" },
] as const;

/** The worst of the series of one registry, of those that the variable chooses. */
export function worst(key: MetricKey, by: readonly string[] = []): string {
  return `max by (${[LABEL_INSTANCE, ...by].join(", ")}) (${chosen(key)})`;
}

export function least(key: MetricKey): string {
  return `min by (${LABEL_INSTANCE}) (${chosen(key)})`;
}

/** Age of the oldest slice. */
export function bytesAge(): string {
  return `time() - ${least("bytes_verified_timestamp")}`;
}

/**
 * The state of each of the probe's registries, whatever the variable chooses; one of which there is no series at all
 * is there too, as not known: a dashboard that leaves it out would look green.
 */
export function stateQuery(probe: ProbeSpec): string {
  const own = probe.registries.map(({ instance }) => instance);
  const series = (key: MetricKey) =>
    `${metricName(key)}{${LABEL_INSTANCE}=~${promqlString(own.map(escapeRegex).join("|"))}}`;
  const max = (key: MetricKey) => `max by (${LABEL_INSTANCE}) (${series(key)})`;
  const min = (key: MetricKey) => `min by (${LABEL_INSTANCE}) (${series(key)})`;
  const stale = alertThresholds(probe).staleAfter.toSeconds();
  return [
    `(${min("catalog_accessible")} == 0) * 0 + 3`,
    `(time() - ${max("last_run_timestamp")} > ${stale}) * 0 + 3`,
    `(${max("failures")} > 0) * 0 + 2`,
    `(${min("coverage_ratio")} < 1) * 0 + 1`,
    `${max("failures")} * 0`,
    ...own.map((one) => `label_replace(vector(3), "${LABEL_INSTANCE}", ${promqlString(one)}, "", "")`),
  ].join("\nor\n");
}

function chosen(key: MetricKey): string {
  return `${metricName(key)}{${LABEL_INSTANCE}=~"$${INSTANCE_VARIABLE}"}`;
}

function escapeRegex(text: string): string {
  return text.replace(/[\\^$.|?*+()[\]{}]/g, "\\$&");
}
