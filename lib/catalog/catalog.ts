/**
 * What a service catalogue holds, as data: the one model that its Markdown, its JSON, its checks and its site are
 * made from.
 */
export const CATALOG_SCHEMA = "tallyman.catalog/1";

/** What a service depends on being there: the lower, the more else falls with it. */
export const TIERS = ["core", "cluster", "gpu", "edge", "aux"] as const;

/** `planned_merge`: it runs, and `statusNote` says into what it may go. */
export const SERVICE_STATUSES = ["active", "disabled", "planned_merge"] as const;
export type ServiceStatus = (typeof SERVICE_STATUSES)[number];

export interface ServiceDomains {
  /** Behind the CDN, as subdomain (`blog`) or whole name. */
  readonly proxied: readonly string[];
  /** By DNS straight to the ingress. */
  readonly direct: readonly string[];
}

export interface CatalogService {
  /** Unique in the catalogue. */
  readonly name: string;
  /** Inline Markdown. */
  readonly description: string;
  /** The stack that deploys it; null for none. */
  readonly stack: string | null;
  /** Where it differs from that of its group. */
  readonly tier: string | null;
  readonly status: ServiceStatus;
  /** Of a disabled service: the service that took its place. */
  readonly replacedBy: string | null;
  /** Words about the status, as `may be merged into ebooks stack`. */
  readonly statusNote: string | null;
  /** As `GPU`, `factory pattern`. */
  readonly tags: readonly string[];
  readonly domains: ServiceDomains;
  /** Names of alerts. A service's runbooks follow from them. */
  readonly alerts: readonly string[];
  /** Files of runbooks beyond those, from the repository's root. */
  readonly runbooks: readonly string[];
  /** Repositories of images that it runs or builds, as `infra-ci`. */
  readonly images: readonly string[];
  /** Names of services. */
  readonly dependsOn: readonly string[];
  readonly owner: string | null;
  /** How its images are rebuilt, as a pipeline's file. */
  readonly pipeline: string | null;
}

export interface CatalogGroup {
  /** Heading without the tier. */
  readonly title: string;
  readonly tier: string | null;
  readonly services: readonly CatalogService[];
}

/** A family of names, as `*.freedify`. */
export interface SpecialDomain {
  readonly pattern: string;
  /** Inline Markdown. */
  readonly description: string;
}

export interface CatalogDomains {
  readonly proxied: readonly string[];
  readonly direct: readonly string[];
  readonly special: readonly SpecialDomain[];
}

/** What is no Kubernetes service (a VM, a pipeline, a procedure on a host), with its runbook. */
export interface Surface {
  readonly surface: string;
  /** Of the runbook. */
  readonly title: string;
  readonly href: string;
}

/** Markdown that the model has no fields for, kept in its place. */
export interface CatalogSection {
  /** Title of the part before it; null at the beginning. */
  readonly after: string | null;
  readonly markdown: string;
}

export interface Catalog {
  readonly schema: typeof CATALOG_SCHEMA;
  readonly groups: readonly CatalogGroup[];
  readonly domains: CatalogDomains;
  readonly surfaces: readonly Surface[];
  readonly sections: readonly CatalogSection[];
}
