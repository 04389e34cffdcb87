import { type Catalog, TIERS } from "../catalog";
import type { CatalogAlert } from "../catalog-alert";
import { type CatalogPath, catalogServices, type PlacedService } from "../catalog-services";

export type CatalogSeverity = "error" | "warning";

/** Where in the catalogue a problem lies. */
export interface CatalogPlace {
  /** Title. */
  readonly group: string | null;
  /** Name. */
  readonly service: string | null;
  readonly path: CatalogPath;
}

/** What a rule says; its name and severity are added by whoever runs it. */
export interface CatalogFinding {
  /** A sentence with the value in it. */
  readonly message: string;
  /** A sentence that says what to do. */
  readonly fix: string;
  readonly where: CatalogPlace;
}

export interface CatalogProblem extends CatalogFinding {
  readonly rule: string;
  readonly severity: CatalogSeverity;
  /** Of the catalogue's JSON, where that was given. */
  readonly file?: string;
  /** From 1. */
  readonly line?: number;
}

/** What is known around the catalogue. What is null is not known, and rules on it say nothing. */
export interface CatalogContext {
  readonly catalog: Catalog;
  /** In the catalogue's order. */
  readonly services: readonly PlacedService[];
  /** Anchors of every runbook that there is, by its file from the repository's root. */
  readonly runbooks: ReadonlyMap<string, ReadonlySet<string>> | null;
  readonly alerts: readonly CatalogAlert[] | null;
  readonly stacks: readonly string[] | null;
  readonly tiers: readonly string[];
  /** Files of another repository: their absence is no error. */
  readonly externalRunbooks: readonly string[];
  /** That subdomains stand below; null where it is not known. */
  readonly baseDomain: string | null;
}

/** What a rule may need to be known; where it is null the rule says nothing of it. */
export const CATALOG_KNOWLEDGE = ["runbooks", "alerts", "stacks"] as const;
export type CatalogKnowledge = (typeof CATALOG_KNOWLEDGE)[number];

/** One thing that is always true of a sound catalogue. */
export interface CatalogRule {
  /** In kebab case; estates grade rules by it, so it can never be changed quietly. */
  readonly name: string;
  /** Unless the estate grades it otherwise. */
  readonly severity: CatalogSeverity;
  /** @default nothing but the catalogue */
  readonly needs?: readonly CatalogKnowledge[];
  readonly check: (context: CatalogContext) => readonly CatalogFinding[];
}

/** What surrounds a catalogue; what is left out is not known. */
export interface CatalogSurroundings {
  readonly runbooks?: ReadonlyMap<string, ReadonlySet<string>> | null;
  readonly alerts?: readonly CatalogAlert[] | null;
  readonly stacks?: readonly string[] | null;
  /** @default TIERS */
  readonly tiers?: readonly string[];
  /** @default none */
  readonly externalRunbooks?: readonly string[];
  /** With it `blog` and `blog.example.com` are one domain. */
  readonly baseDomain?: string | null;
}

export function catalogContext(catalog: Catalog, around: CatalogSurroundings = {}): CatalogContext {
  return {
    catalog,
    services: catalogServices(catalog),
    runbooks: around.runbooks ?? null,
    alerts: around.alerts ?? null,
    stacks: around.stacks ?? null,
    tiers: around.tiers ?? TIERS,
    externalRunbooks: around.externalRunbooks ?? [],
    baseDomain: around.baseDomain ?? null,
  };
}

/** @param keys below the service, as `"dependsOn", 0` */
export function atService(placed: PlacedService, ...keys: CatalogPath): CatalogPlace {
  return { group: placed.group.title, service: placed.service.name, path: [...placed.path, ...keys] };
}

/** For what belongs to no service. */
export function atPath(path: CatalogPath, group: string | null = null): CatalogPlace {
  return { group, service: null, path };
}
