import { isIPv4, isIPv6 } from "node:net";
import { checkLabelName, checkLabels, checkSubdomainName } from "../../core/kube-names";
import type { Problem } from "../../core/problem";
import { checkOwnLabels } from "../../terraform/labels";
import { checkLiteral, checkPort, type IsToken, literalEntries } from "../literal";
import { REGISTRY_HOST_JOB } from "./scrape-jobs";
import { scrapeSpecs } from "./scrape-specs";
import type { ExternalTarget, ScrapeOptions, ScrapeTarget, ServiceTarget } from "./scrape-target";

const PATH = /^\/[\x21-\x7e]*$/;

/** Everything wrong with a scrape, to be shown together. */
export function checkScrape(options: ScrapeOptions, isToken: IsToken): readonly Problem[] {
  const { namespace, registries = {}, hosts = {}, pushgateway, name, labels, annotations } = options;
  return [
    ...(isToken(namespace) ? [] : checkLabelName(namespace, "namespace")),
    ...(name === undefined ? [] : checkLiteral(name, "name", isToken, checkLabelName)),
    ...checkNamed(registries, "registries", isToken),
    ...checkNamed(hosts, "hosts", isToken),
    ...(pushgateway === undefined ? [] : checkTarget(pushgateway, "pushgateway", isToken)),
    ...checkSomething(options),
    ...checkDistinct(options),
    ...checkLabels(literalEntries(labels, isToken), "labels"),
    ...checkOwnLabels(labels ?? {}, "labels"),
    ...checkLabels(literalEntries(annotations, isToken), "annotations", false),
  ];
}

function checkNamed(
  targets: Readonly<Record<string, ScrapeTarget>>,
  field: "registries" | "hosts",
  isToken: IsToken,
): readonly Problem[] {
  return Object.entries(targets).flatMap(([name, target]) => {
    const path = `${field}[${JSON.stringify(name)}]`;
    return [...checkLiteral(name, path, isToken, checkLabelName), ...checkTarget(target, path, isToken)];
  });
}

function checkSomething(options: ScrapeOptions): readonly Problem[] {
  if (scrapeSpecs(options).length > 0) return [];
  const fix = "Write registries: { main: ScrapeTarget.external({ … }) }, hosts, or a pushgateway.";
  return [{ path: "registries", rule: "name at least one target", value: {}, fix }];
}

/** A registry called `pushgateway` or `host-a` beside such a target, or two names cut to one. */
function checkDistinct(options: ScrapeOptions): readonly Problem[] {
  const specs = scrapeSpecs(options);
  const names = specs.map((spec) => spec.name);
  return specs
    .filter(({ name }, at) => names.indexOf(name) !== at)
    .map(({ name, job }) => ({
      path: job === REGISTRY_HOST_JOB ? "hosts" : "registries",
      rule: "give every target an object's name of its own",
      value: name,
      fix: job === REGISTRY_HOST_JOB ? "Rename the host." : "Rename one of the registries.",
    }));
}

function checkTarget(target: ScrapeTarget, path: string, isToken: IsToken): readonly Problem[] {
  const { path: metricsPath = "/metrics" } = target;
  const fix = "Write it as /metrics.";
  return [
    ...(PATH.test(metricsPath)
      ? []
      : [{ path: `${path}.path`, rule: "be a URL's path", value: metricsPath, fix }]),
    ...(target.kind === "service"
      ? checkService(target, path, isToken)
      : checkExternal(target, path, isToken)),
  ];
}

function checkService(target: ServiceTarget, path: string, isToken: IsToken): readonly Problem[] {
  const { matchLabels, namespace } = target;
  const isEmpty = Object.keys(matchLabels).length === 0;
  const fix = "Name labels that this Service alone has.";
  return [
    ...(isEmpty ? [{ path: `${path}.matchLabels`, rule: "name a label", value: matchLabels, fix }] : []),
    ...checkLabels(literalEntries(matchLabels, isToken), `${path}.matchLabels`),
    ...checkLiteral(target.port, `${path}.port`, isToken, checkLabelName),
    ...(namespace === undefined ? [] : checkLiteral(namespace, `${path}.namespace`, isToken, checkLabelName)),
  ];
}

function checkExternal(target: ExternalTarget, path: string, isToken: IsToken): readonly Problem[] {
  const { addresses, serverName } = target;
  const families = new Set(addresses.map((address) => isIPv6(address)));
  const isMixed = target.via === "endpointSlice" && families.size > 1;
  return [
    ...checkPort(target.port, `${path}.port`),
    ...(addresses.length > 0
      ? []
      : [{ path: `${path}.addresses`, rule: "name a host", value: [], fix: 'Write ["192.0.2.10"].' }]),
    ...addresses.flatMap((address, at) =>
      checkLiteral(address, `${path}.addresses[${at}]`, isToken, (text, where) =>
        checkAddress(text, where, target),
      ),
    ),
    ...(isMixed
      ? [
          {
            path: `${path}.addresses`,
            rule: "be of one family, as an EndpointSlice holds",
            value: addresses,
            fix: "Leave out those of one family, or take via: scrapeConfig.",
          },
        ]
      : []),
    ...(serverName === undefined
      ? []
      : checkLiteral(serverName, `${path}.serverName`, isToken, checkSubdomainName)),
  ];
}

function checkAddress(address: string, path: string, target: ExternalTarget): readonly Problem[] {
  if (isIPv4(address) || isIPv6(address)) return [];
  if (target.via !== "endpointSlice") return checkSubdomainName(address, path);
  const fix = "Write an IP address, or take via: scrapeConfig, which takes names.";
  return [{ path, rule: "be an IP address, as an EndpointSlice holds", value: address, fix }];
}
