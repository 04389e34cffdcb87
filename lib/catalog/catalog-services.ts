import type { Catalog, CatalogGroup, CatalogService } from "./catalog";
import { alertRunbook, type CatalogAlert } from "./catalog-alert";

/** A service where it stands. */
export interface PlacedService {
  readonly service: CatalogService;
  readonly group: CatalogGroup;
  /** Its own, else its group's. */
  readonly tier: string | null;
  /** In the catalogue's JSON. */
  readonly path: CatalogPath;
}

/** Keys from the catalogue's root, as `["groups", 0, "services", 3]`. */
export type CatalogPath = readonly (string | number)[];

/** All services, in the catalogue's order. */
export function catalogServices(catalog: Catalog): readonly PlacedService[] {
  return catalog.groups.flatMap((group, groupAt) =>
    group.services.map((service, at) => ({
      service,
      group,
      tier: service.tier ?? group.tier,
      path: ["groups", groupAt, "services", at],
    })),
  );
}

/** Files of the service's runbooks: those of its alerts, then its own, each once. Anchors stay on its own. */
export function serviceRunbooks(
  service: CatalogService,
  alerts: readonly CatalogAlert[] | null = null,
): readonly string[] {
  const followed = service.alerts.map((name) => alertRunbook(name, alerts)).filter((file) => file !== null);
  return [...new Set([...followed, ...service.runbooks])];
}

/** A domain of the catalogue's lists or of a service, in the one form that two spellings share. */
export function domainKey(domain: string): string {
  return domain.trim().toLowerCase().replace(/\.$/, "");
}

/** The domains that a service claims, and the one that bears its name. */
export function servesDomain(service: CatalogService, domain: string): boolean {
  const key = domainKey(domain);
  const claimed = [...service.domains.proxied, ...service.domains.direct];
  return domainKey(service.name) === key || claimed.some((one) => domainKey(one) === key);
}
