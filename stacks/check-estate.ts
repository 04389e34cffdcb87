import type { App } from "cdktf";
import { formatProblem, type Problem } from "../lib/core/problem";
import type { RegistryService } from "../lib/monitoring/alerts/rule-set-options";
import { type Registry, splitHostPort } from "../lib/monitoring/registry";
import type { RegistryHost } from "../lib/registry-host/registry-host";
import { MonitoringStack } from "./monitoring";
import { MonitoringChartStack } from "./monitoring-chart";
import { RegistryStack } from "./registry";

/** What stands in several stacks, of which none sees the others. */
export interface EstateParts {
  readonly hosts: readonly Pick<RegistryHost, "registries" | "spec">[];
  /** That the probes walk. */
  readonly probed: readonly Registry[];
  /** That are scraped and have alerts, by their names. */
  readonly services: Readonly<Record<string, RegistryService>>;
}

/** Between the stacks of an app that are there, each of them right by itself. @returns lines */
export function checkStacks(app: App): readonly string[] {
  const stacks = app.node.children;
  const hosts = stacks.flatMap((one) => (one instanceof RegistryStack ? [one.host] : []));
  const monitoring = stacks.filter(
    (one) => one instanceof MonitoringStack || one instanceof MonitoringChartStack,
  );
  if (hosts.length === 0 || monitoring.length === 0) return [];
  const probed = monitoring.flatMap(({ probe }) => probe.spec.registries);
  const services = Object.assign({}, ...monitoring.map((one) => one.services));
  const lines = checkEstate({ hosts, probed, services }).map((one) => `estate: ${formatProblem(one)}`);
  // Two ways to monitor one estate say the same.
  return [...new Set(lines)];
}

/** The hosts, what walks their registries, and what pages for them: by the same names, at the same places. */
export function checkEstate({ hosts, probed, services }: EstateParts): readonly Problem[] {
  return [
    ...probed.flatMap((registry) => hosts.flatMap((host) => checkProbed(registry, host))),
    ...checkServices(services, hosts),
    ...checkMaintained(hosts, probed),
  ];
}

type Host = EstateParts["hosts"][number];

function checkProbed(registry: Registry, host: Host): readonly Problem[] {
  const { key, options, endpoint } = registry;
  const own = Object.entries(host.registries).map(([name, { host: pulled, address }]) => ({
    kind: host.spec.registries[name]?.kind,
    address: splitHostPort(address, 443),
    name: splitHostPort(pulled, 443).host.toLowerCase(),
  }));
  const dialled = endpoint.host.toLowerCase();
  const isAtAddress = own.some(({ address }) => address.host.toLowerCase() === dialled);
  // The name of any of them leads to the whole host.
  if (!isAtAddress && !own.some(({ name }) => name === dialled)) return [];
  const there = own.find(({ address }) => address.port === endpoint.port);
  const found = { path: `probe.registries.${key}`, value: options.address ?? registry.host };
  if (there?.kind === "cache") {
    const fix = "Leave it out; caches are not walked by the probe: they hold what somebody pulled.";
    return [{ ...found, rule: "not be a cache of the registry host", fix }];
  }
  // By its name alone a router may lead elsewhere.
  if (there !== undefined || !isAtAddress) return [];
  const ports = own.map(({ address }) => address.port).join(", ");
  return [{ ...found, rule: "exist on the registry host", fix: `Its registries are on the ports ${ports}.` }];
}

function checkServices(services: EstateParts["services"], hosts: readonly Host[]): readonly Problem[] {
  const names = hosts.flatMap(({ registries }) => Object.keys(registries));
  return Object.keys(services)
    .filter((name) => !names.includes(name))
    .map((name) => ({
      path: `services.${name}`,
      rule: "exist on the registry host",
      value: name,
      fix: `Name one of its registries: ${names.join(", ")}.`,
    }));
}

/** What a maintenance reports is told apart by the instance that the probe's own metrics have. */
function checkMaintained(hosts: readonly Host[], probed: readonly Registry[]): readonly Problem[] {
  const instances = probed.map(({ instance }) => instance);
  return hosts
    .filter(({ spec }) => spec.maintenance !== null)
    .flatMap(({ spec, registries }) =>
      Object.entries(registries).filter(([name]) => spec.registries[name]?.kind === "private"),
    )
    .filter(([, { host }]) => !instances.includes(host))
    .map(([name, { host }]) => ({
      path: `maintenance of ${name}`,
      rule: "report under the instance of a probe",
      value: host,
      fix: `Probe it as ${host}; the probes have ${instances.join(", ") || "no instance"}.`,
    }));
}
