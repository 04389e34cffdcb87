import { Duration } from "../../core/duration";
import { LABEL_INSTANCE } from "../../integrity/contract";
import { LABEL_REGISTRY, REGISTRY_JOB } from "../scrape/scrape-jobs";
import type { AlertContext } from "./alert-context";
import type { AlertDefinition } from "./alert-definition";
import { absent, and, compare, divide, foreign, max, minus, or, rate, sum, sumOverSubquery } from "./promql";
import { downProof, hitRateProof, maintenanceProof } from "./proofs/service-proofs";
import type { RegistryService } from "./rule-set-options";

export const LEAST_HIT_RATE = 0.25;
const HIT_RATE_OVER = Duration.hours(1);
/** A maintenance that was never ended must not silence anything for ever. */
export const LONGEST_MAINTENANCE_MINUTES = 240;
const ONE_MINUTE = Duration.minutes(1);
const BY_REGISTRY = [LABEL_REGISTRY] as const;

/** Neither of them depends on the probe. */
export function serviceAlerts({ options }: AlertContext): readonly AlertDefinition[] {
  const services = Object.entries(options.services ?? {});
  const instances = new Set(services.map(([name, service]) => service.instance ?? name));
  return [
    ...services.map(([name, service]) => down(name, service)),
    ...services
      .filter(([, { kind }]) => kind === "cache")
      .map(([name, service]) => lowHitRate(name, service)),
    ...[...instances].map(maintenance),
  ];
}

const CONTAINERS = "kubectl get events -A --field-selector reason=Failed | grep -i pull";

function down(name: string, { kind, instance = name }: RegistryService): AlertDefinition {
  const up = foreign("up", { job: REGISTRY_JOB, [LABEL_REGISTRY]: name });
  const isPrivate = kind === "private";
  return {
    alert: "RegistryDown",
    reason: "target_down",
    instance,
    severity: isPrivate ? "critical" : "warning",
    for: Duration.minutes(5),
    expr: or(compare(max(BY_REGISTRY, up), "==", 0), absent(up)),
    summary: `The registry ${name} does not answer`,
    description: isPrivate
      ? "Its metrics cannot be scraped, or nobody scrapes them. Pulls and pushes of its images fail, and pods that " +
        "move to a node without the image do not start."
      : "Its metrics cannot be scraped, or nobody scrapes them. Nodes that pull through this cache go to its upstream, " +
        "where they may, and spend its quota.",
    command: CONTAINERS,
    source: "scrape",
    cases: (times) => downProof(name, times),
  };
}

function lowHitRate(name: string, { instance = name }: RegistryService): AlertDefinition {
  const labels = { job: REGISTRY_JOB, [LABEL_REGISTRY]: name };
  const perSecond = (type: string) =>
    sum(BY_REGISTRY, rate(foreign("cacheTotal", { ...labels, type }), HIT_RATE_OVER));
  // By the misses: there is no series of hits before the first hit.
  const hitRate = minus(1, divide(perSecond("Miss"), perSecond("Request")));
  return {
    alert: "RegistryLowCacheHitRate",
    reason: "low_hit_rate",
    instance,
    severity: "info",
    for: Duration.minutes(30),
    expr: compare(hitRate, "<", LEAST_HIT_RATE),
    summary: `The cache ${name} answers little by itself`,
    description:
      "{{ $value | humanizePercentage }} of its look-ups in the last hour were hits. After a restart that is so for a " +
      "while; else its blobs are purged too early, or nothing is pulled twice.",
    command: CONTAINERS,
    source: "scrape",
    cases: (times) => hitRateProof(name, times),
  };
}

/** Tells of work that is going on, and inhibits RegistryDown meanwhile, for four hours at most. */
function maintenance(instance: string): AlertDefinition {
  const flag = max([LABEL_INSTANCE], foreign("maintenance", { [LABEL_INSTANCE]: instance }));
  const minutes = sumOverSubquery(flag, Duration.minutes(LONGEST_MAINTENANCE_MINUTES), ONE_MINUTE);
  return {
    alert: "RegistryMaintenance",
    reason: "maintenance",
    instance,
    severity: "info",
    for: Duration.seconds(0),
    expr: and(compare(flag, "==", 1), [LABEL_INSTANCE], compare(minutes, "<", LONGEST_MAINTENANCE_MINUTES)),
    summary: "{{ $labels.instance }} is being worked on",
    description: "Its host says so. That it is down is no news meanwhile, for four hours at most.",
    command: CONTAINERS,
    source: "scrape",
    cases: (times) => maintenanceProof(instance, times),
  };
}
