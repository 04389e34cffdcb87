import { groupBy } from "../../core/group-by";
import { printable } from "../../core/printable";
import type { CatalogService } from "../catalog";
import { domainKey, familyKeys, serviceRunbooks } from "../catalog-services";
import { atService, type CatalogContext, type CatalogFinding, type CatalogRule } from "./catalog-rule";

const CORE_TIER = "core";

export const coreWithoutRunbook: CatalogRule = {
  name: "core-without-runbook",
  severity: "warning",
  check: ({ services, alerts }) =>
    services
      .filter(({ service, tier }) => tier === CORE_TIER && service.status !== "disabled")
      .filter(({ service }) => service.alerts.length === 0 && serviceRunbooks(service, alerts).length === 0)
      .map((placed) => ({
        message: `${printable(placed.service.name)} is of the tier core, and has neither an alert nor a runbook.`,
        fix: "Name its alerts, or the runbook for when it is down.",
        where: atService(placed),
      })),
};

/** The domain that bears its name counts, as people and probes still go there. */
export const disabledInUse: CatalogRule = {
  name: "disabled-in-use",
  severity: "warning",
  check: (context) => {
    const index = usesOf(context);
    return context.services
      .filter(({ service }) => service.status === "disabled")
      .flatMap((placed) => {
        const { service } = placed;
        const name = printable(service.name);
        const domains = domainsOf(context, index, placed.service);
        const dependents = index.dependents.get(service.name) ?? [];
        return [
          ...uses(domains, (list) => ({
            message: `${name} is disabled, and still has the ${domains.length > 1 ? "domains" : "domain"} ${list}.`,
            fix: "Remove them from DNS and from the catalogue, or give them to what replaced it.",
            where: atService(placed),
          })),
          ...uses(service.alerts, (list) => ({
            message: `${name} is disabled, and still has the alerts ${list}.`,
            fix: "Remove the alerts, or give them to what replaced it.",
            where: atService(placed, "alerts"),
          })),
          ...dependents.map((other) => ({
            message: `${printable(other.service.name)} depends on ${name}, which is disabled.`,
            fix: `Let it depend on ${printable(service.replacedBy ?? "what replaced it")}, or remove the dependency.`,
            where: atService(other, "dependsOn", other.service.dependsOn.indexOf(service.name)),
          })),
        ];
      });
  },
};

/** Who claims a domain, who is listed, and who depends on whom. */
function usesOf({ catalog, services, baseDomain }: CatalogContext) {
  const { proxied, direct } = catalog.domains;
  const running = services.filter(({ service }) => service.status !== "disabled");
  return {
    claiming: groupBy(services, ({ service }) => new Set(claims(service, baseDomain))),
    listed: new Set([...proxied, ...direct].map((one) => domainKey(one, baseDomain))),
    dependents: groupBy(running, ({ service }) => new Set(service.dependsOn)),
  };
}

/** Its own claims, and the listed domains of its name unless another service took that over; families too. */
function domainsOf(
  { catalog, baseDomain }: CatalogContext,
  { claiming, listed }: ReturnType<typeof usesOf>,
  service: CatalogService,
): readonly string[] {
  const own = claims(service, baseDomain);
  const name = domainKey(service.name, baseDomain);
  const isTaken = claiming.get(name)?.some((other) => other.service !== service) === true;
  const keys = [...own, ...(isTaken ? [] : [name])];
  const isListed = listed.has(name);
  const families = catalog.domains.special
    .map(({ pattern }) => pattern)
    .filter((pattern) => familyKeys(pattern, baseDomain).some((key) => keys.includes(key)));
  return [...new Set([...own, ...(isListed && !isTaken ? [name] : []), ...families])];
}

function claims({ domains }: CatalogService, baseDomain: string | null): readonly string[] {
  return [...domains.proxied, ...domains.direct].map((one) => domainKey(one, baseDomain));
}

function uses(names: readonly string[], say: (list: string) => CatalogFinding): readonly CatalogFinding[] {
  return names.length === 0 ? [] : [say(names.map((name) => printable(name)).join(", "))];
}
