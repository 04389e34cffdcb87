import type { AlertRef, RunbookRef, ServiceRef } from "../core/references";
import {
  CATALOG_SCHEMA,
  type Catalog,
  type CatalogGroup,
  type CatalogSection,
  type CatalogService,
  type ServiceStatus,
  type SpecialDomain,
  type Surface,
  type TIERS,
} from "./catalog";
import { domainKey } from "./catalog-services";

export type Tier = (typeof TIERS)[number];

/** One of TIERS, or a tier of the estate's own, which its checks are then told of. */
export type TierName = Tier | (string & Record<never, never>);

/** A service under its name; `Name` are the names of the catalogue's services. */
export interface ServiceDefinition<Name extends string = string> {
  /** @default "" */
  readonly description?: string;
  /** @default none: no stack deploys it */
  readonly stack?: string | null;
  /** @default that of its group */
  readonly tier?: TierName | null;
  /** @default active; disabled where `replacedBy` is given */
  readonly status?: ServiceStatus;
  /** @default none */
  readonly replacedBy?: Name | ServiceRef | null;
  /** @default none */
  readonly statusNote?: string | null;
  /** @default none */
  readonly tags?: readonly string[];
  /** @default none */
  readonly domains?: { readonly proxied?: readonly string[]; readonly direct?: readonly string[] };
  /** @default none */
  readonly alerts?: readonly (AlertRef | string)[];
  /**
   * Beyond those of its alerts.
   * @default none
   */
  readonly runbooks?: readonly (RunbookRef | string)[];
  /** @default none */
  readonly images?: readonly string[];
  /** @default none */
  readonly dependsOn?: readonly (Name | ServiceRef)[];
  /** @default none */
  readonly owner?: string | null;
  /** @default none */
  readonly pipeline?: string | null;
}

export type ServiceDefinitions<Name extends string = string> = Readonly<
  Record<string, ServiceDefinition<Name>>
>;

export interface GroupDefinition<Services extends ServiceDefinitions = ServiceDefinitions> {
  readonly title: string;
  /** @default none */
  readonly tier?: TierName | null;
  readonly services: Services;
}

/** What stands beside the groups. */
export interface CatalogParts {
  /** @default what the services claim; what is listed here comes first, and need not be claimed */
  readonly domains?: {
    readonly proxied?: readonly string[];
    readonly direct?: readonly string[];
    readonly special?: readonly SpecialDomain[];
  };
  /** @default none */
  readonly surfaces?: readonly Surface[];
  /** @default none */
  readonly sections?: readonly CatalogSection[];
}

/** A catalogue, and the references to alerts that its services were given. */
export interface DefinedCatalog extends Catalog {
  /** Each once; no part of its JSON. */
  readonly alertRefs: readonly AlertRef[];
}

type KeysOf<Services> = Services extends unknown ? keyof Services & string : never;
type NamesOf<Groups extends readonly GroupDefinition[]> = KeysOf<Groups[number]["services"]>;
type Checked<Groups extends readonly GroupDefinition[]> = {
  readonly [At in keyof Groups]: GroupDefinition<ServiceDefinitions<NamesOf<Groups>>>;
};

type WholeDefinition = CatalogParts & { readonly groups: readonly GroupDefinition[] };

/** The group of the short form. */
const ONE_GROUP = "Services";

/**
 * A catalogue of groups in order, with their services by name; or, short, of services alone, in one group. A name in
 * `dependsOn` and `replacedBy` that no service has is an error of types where the names are literal.
 */
export function defineCatalog<const Groups extends readonly GroupDefinition[]>(
  definition: CatalogParts & { readonly groups: Groups & Checked<Groups> },
): DefinedCatalog;
export function defineCatalog<const Services extends ServiceDefinitions>(
  services: Services & ServiceDefinitions<keyof Services & string>,
): DefinedCatalog;
export function defineCatalog(definition: WholeDefinition | ServiceDefinitions): DefinedCatalog {
  const whole = isWhole(definition) ? definition : { groups: [{ title: ONE_GROUP, services: definition }] };
  const groups = whole.groups.map(toGroup);
  const claims = groups.flatMap(({ services }) => services.map(({ domains }) => domains));
  const { domains = {}, surfaces = [], sections = [] }: CatalogParts = whole;
  return {
    schema: CATALOG_SCHEMA,
    groups,
    domains: {
      proxied: union([domains.proxied ?? [], ...claims.map(({ proxied }) => proxied)]),
      direct: union([domains.direct ?? [], ...claims.map(({ direct }) => direct)]),
      special: domains.special ?? [],
    },
    surfaces,
    sections,
    alertRefs: alertRefsOf(whole.groups),
  };
}

/** A service that is called groups is an object; the groups are a list. */
function isWhole(definition: WholeDefinition | ServiceDefinitions): definition is WholeDefinition {
  return Array.isArray(definition.groups);
}

function toGroup({ title, tier = null, services }: GroupDefinition): CatalogGroup {
  return { title, tier, services: Object.entries(services).map(([name, one]) => toService(name, one)) };
}

function toService(name: string, given: ServiceDefinition): CatalogService {
  const replacedBy = given.replacedBy ?? null;
  const { domains = {}, alerts = [], runbooks = [], dependsOn = [] } = given;
  return {
    name,
    description: given.description ?? "",
    stack: given.stack ?? null,
    tier: given.tier ?? null,
    status: given.status ?? (replacedBy === null ? "active" : "disabled"),
    replacedBy: replacedBy === null ? null : nameOf(replacedBy),
    statusNote: given.statusNote ?? null,
    tags: given.tags ?? [],
    domains: { proxied: domains.proxied ?? [], direct: domains.direct ?? [] },
    alerts: alerts.map(nameOf),
    runbooks: runbooks.map((one) => (typeof one === "string" ? one : one.path)),
    images: given.images ?? [],
    dependsOn: dependsOn.map(nameOf),
    owner: given.owner ?? null,
    pipeline: given.pipeline ?? null,
  };
}

function nameOf(reference: string | AlertRef | ServiceRef): string {
  return typeof reference === "string" ? reference : reference.name;
}

/** The lists one after the other; of what several say only the first. Repetitions within a list stay: a check tells of them. */
function union(lists: readonly (readonly string[])[]): readonly string[] {
  const [first = [], ...rest] = lists;
  const all = [...first];
  const seen = new Set(all.map((domain) => domainKey(domain)));
  for (const domain of rest.flat()) {
    if (!seen.has(domainKey(domain))) all.push(domain);
    seen.add(domainKey(domain));
  }
  return all;
}

function alertRefsOf(groups: readonly GroupDefinition[]): readonly AlertRef[] {
  const refs = groups
    .flatMap(({ services }) => Object.values(services))
    .flatMap(({ alerts = [] }) => alerts)
    .filter((one) => typeof one !== "string");
  return [...new Map(refs.map((ref) => [ref.name, ref])).values()];
}
