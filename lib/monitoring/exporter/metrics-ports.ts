import type { ProbeSpec } from "../probe-spec";
import type { Registry } from "../registry";

/** Where Linux gives none to clients, and what the program listens on by itself. */
export const DEFAULT_METRICS_PORT = 9099;

export interface MetricsPort {
  readonly registry: Registry;
  readonly port: number;
}

/** One port for each registry's container, as they share the pod's address; none for a CronJob. */
export function metricsPorts({ run, registries }: ProbeSpec): readonly MetricsPort[] {
  if (run.kind !== "exporter") return [];
  const first = run.port ?? DEFAULT_METRICS_PORT;
  return registries.map((registry, at) => ({ registry, port: first + at }));
}
