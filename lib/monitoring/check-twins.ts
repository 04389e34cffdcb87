import { formatProblem, type Problem } from "../core/problem";
import type { ProbeSpec } from "./probe-spec";

/** Two probes that share something share one of these. */
export function twinKeys({ name, namespace, registries }: ProbeSpec): readonly string[] {
  return [
    JSON.stringify(["name", name, namespace]),
    ...registries.map(({ instance }) => JSON.stringify(["instance", instance])),
  ];
}

/** What two probes of one stack must not share: their objects' names, and the Pushgateway groups that they write. */
export function checkTwins(spec: ProbeSpec, others: readonly ProbeSpec[]): string[] {
  return others
    .flatMap((other) => [...checkName(spec, other), ...checkInstances(spec, other)])
    .map(formatProblem);
}

function checkName(spec: ProbeSpec, other: ProbeSpec): readonly Problem[] {
  if (spec.name !== other.name || spec.namespace !== other.namespace) return [];
  const fix = "Give one of the two probes a name of its own.";
  return [{ path: "name", rule: "be taken once in a namespace", value: spec.name, fix }];
}

/** The later run would replace what the other proved, and both alerts would read one series. */
function checkInstances(spec: ProbeSpec, other: ProbeSpec): readonly Problem[] {
  const gateways = [spec, other].map(({ run }) => (run.kind === "cronJob" ? run.pushgateway : null));
  const isExporter = gateways.includes(null);
  if (!isExporter && gateways[0] !== gateways[1]) return [];
  const taken = new Set(other.registries.map((registry) => registry.instance));
  return spec.registries
    .map((registry, at) => ({ instance: registry.instance, at }))
    .filter(({ instance }) => taken.has(instance))
    .map(({ instance, at }) => ({
      path: `registries[${at}].instance`,
      rule: isExporter ? "be proven by one probe" : "be pushed by one probe to one Pushgateway",
      value: instance,
      fix: "Leave the registry to one probe, or give it another instance here.",
    }));
}
