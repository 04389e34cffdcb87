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

/**
 * A domain of the catalogue's lists or of a service, in the one form that two spellings share.
 *
 * @param baseDomain that subdomains stand below: with it `blog` and `blog.example.com` are one
 */
export function domainKey(domain: string, baseDomain: string | null = null): string {
  const key = domain.trim().toLowerCase().replace(/\.$/, "");
  const end = baseDomain === null ? "" : `.${domainKey(baseDomain).replace(/^\.+/, "")}`;
  return end.length > 1 && key.length > end.length && key.endsWith(end) ? key.slice(0, -end.length) : key;
}

/** Keys of the domains that a service claims, and of the one that bears its name. */
export function servedKeys({ name, domains }: CatalogService, baseDomain: string | null): readonly string[] {
  return [name, ...domains.proxied, ...domains.direct].map((one) => domainKey(one, baseDomain));
}

/**
 * Keys by which a service may answer a family of names, the nearest first: `*.viktor.blog` is that of
 * `viktor.blog`, else of `blog`.
 */
export function familyKeys(pattern: string, baseDomain: string | null): readonly string[] {
  const key = domainKey(pattern, baseDomain);
  const labels = key.split(".").filter((label) => label !== "*" && label !== "");
  return [key, ...labels.map((_, at) => labels.slice(at).join("."))];
}
