import { Duration } from "../../core/duration";
import { checkLabels } from "../../core/kube-names";
import type { Problem } from "../../core/problem";
import { checkOwnLabels } from "../../terraform/labels";
import { checkEgress } from "../check-egress";
import { checkNoShards } from "../check-shards";
import { type IsToken, literalEntries } from "../literal";
import type { ExporterRun } from "../probe-run";
import { DEFAULT_METRICS_PORT } from "./metrics-ports";

const SHORTEST = Duration.minutes(1);
/** A longer timer would fire at once. */
const LONGEST = Duration.days(24);
const FIRST_UNPRIVILEGED_PORT = 1_024;
const LAST_PORT = 65_535;

/** One that walks, one that stands by, and one for while a node is drained; more would only ask the API. */
const MOST_REPLICAS = 3;

/** https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#rfc-1035-label-names */
const SERVICE_NAME = /^[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** What is wrong with an exporter beside its times and its walk. @param registries how many it has */
export function checkExporter(
  run: ExporterRun,
  path: string,
  isToken: IsToken,
  registries: number,
): readonly Problem[] {
  const { serviceMonitor } = run;
  const labels = serviceMonitor === false ? {} : (serviceMonitor?.labels ?? {});
  return [
    ...checkInterval(run.interval, `${path}.interval`),
    ...checkPorts(run.port ?? DEFAULT_METRICS_PORT, `${path}.port`, registries),
    ...checkReplicas(run.replicas ?? 1, `${path}.replicas`),
    ...(run.apiServer ?? []).flatMap((rule, at) => checkEgress(rule, `${path}.apiServer[${at}]`)),
    ...checkLabels(literalEntries(labels, isToken), `${path}.serviceMonitor.labels`),
    ...checkOwnLabels(labels, `${path}.serviceMonitor.labels`),
    ...checkNoShards(run, `${path}.shards`),
  ];
}

/** For a Service, whose name is a part of a DNS name. */
export function checkServiceName(name: string, path: string): readonly Problem[] {
  if (SERVICE_NAME.test(name)) return [];
  const fix = "Use at most 63 of a-z, 0-9 and -, beginning with a letter and ending with a letter or digit.";
  return [{ path, rule: "be an RFC 1035 label, as a Service has it", value: name, fix }];
}

function checkInterval(interval: Duration | undefined, path: string): readonly Problem[] {
  if (interval === undefined) return [];
  const isWhole = Number.isInteger(interval.toSeconds());
  if (isWhole && interval.compare(SHORTEST) >= 0 && interval.compare(LONGEST) <= 0) return [];
  const rule = `be whole seconds, from ${SHORTEST} to ${LONGEST}`;
  return [{ path, rule, value: interval, fix: "Leave it out for 15m." }];
}

function checkReplicas(replicas: number, path: string): readonly Problem[] {
  if (Number.isInteger(replicas) && replicas >= 1 && replicas <= MOST_REPLICAS) return [];
  const rule = `be a whole number from 1 to ${MOST_REPLICAS}`;
  return [{ path, rule, value: replicas, fix: "Write 2: one walks, and the other takes over." }];
}

function checkPorts(port: number, path: string, registries: number): readonly Problem[] {
  const last = LAST_PORT - Math.max(0, registries - 1);
  if (Number.isInteger(port) && port >= FIRST_UNPRIVILEGED_PORT && port <= last) return [];
  const rule = `be a port from ${FIRST_UNPRIVILEGED_PORT} to ${last}, with one for each registry`;
  return [{ path, rule, value: port, fix: `Leave it out for ${DEFAULT_METRICS_PORT}.` }];
}
