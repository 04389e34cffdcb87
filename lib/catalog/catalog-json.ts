import { ConfigurationError } from "../core/problem";
import {
  CATALOG_SCHEMA,
  type Catalog,
  type CatalogGroup,
  type CatalogSection,
  type CatalogService,
  SERVICE_STATUSES,
  type SpecialDomain,
  type Surface,
} from "./catalog";
import { type JsonObject, JsonReader } from "./json-reader";

/** The file `tallyman.catalog/1`: equal catalogues give equal bytes. Every key is always there. */
export function formatCatalog({ groups, domains, surfaces, sections }: Catalog): string {
  const file = {
    schema: CATALOG_SCHEMA,
    groups: groups.map(({ title, tier, services }) => ({
      title,
      tier,
      services: services.map(plainService),
    })),
    domains: {
      proxied: domains.proxied,
      direct: domains.direct,
      special: domains.special.map(({ pattern, description }) => ({ pattern, description })),
    },
    surfaces: surfaces.map(({ surface, title, href }) => ({ surface, title, href })),
    sections: sections.map(({ after, markdown }) => ({ after, markdown })),
  };
  return `${JSON.stringify(file, null, 2)}\n`;
}

function plainService(service: CatalogService): CatalogService {
  const { proxied, direct } = service.domains;
  return {
    name: service.name,
    description: service.description,
    stack: service.stack,
    tier: service.tier,
    status: service.status,
    replacedBy: service.replacedBy,
    statusNote: service.statusNote,
    tags: service.tags,
    domains: { proxied, direct },
    alerts: service.alerts,
    runbooks: service.runbooks,
    images: service.images,
    dependsOn: service.dependsOn,
    owner: service.owner,
    pipeline: service.pipeline,
  };
}

/** @throws ConfigurationError with all that is wrong, each with its path, as `groups[0].services[2].tier` */
export function parseCatalog(text: string): Catalog {
  const reader = JsonReader.of(text, "the catalogue");
  const root = reader.object(reader.root, "", ["schema", "groups", "domains", "surfaces", "sections"]);
  if (root.value.schema !== CATALOG_SCHEMA) {
    const fix = "Write it by `tallyman catalog import`, or by a synthesis of this version.";
    reader.wrong("schema", `be "${CATALOG_SCHEMA}"`, root.value.schema, fix);
  }
  const groups = reader.list(root.value.groups, "groups", (value, path) => readGroup(reader, value, path));
  const domains = reader.object(root.value.domains, "domains", ["proxied", "direct", "special"]);
  const catalog: Catalog = {
    schema: CATALOG_SCHEMA,
    groups,
    domains: {
      proxied: reader.texts(domains, "proxied"),
      direct: reader.texts(domains, "direct"),
      special: reader.list(domains.value.special, "domains.special", (value, path): SpecialDomain => {
        const one = reader.object(value, path, ["pattern", "description"]);
        return { pattern: reader.name(one, "pattern"), description: reader.text(one, "description") };
      }),
    },
    surfaces: reader.list(root.value.surfaces, "surfaces", (value, path): Surface => {
      const one = reader.object(value, path, ["surface", "title", "href"]);
      return {
        surface: reader.name(one, "surface"),
        title: reader.text(one, "title"),
        href: reader.text(one, "href"),
      };
    }),
    sections: reader.list(root.value.sections, "sections", (value, path): CatalogSection => {
      const one = reader.object(value, path, ["after", "markdown"]);
      return { after: reader.textOrNull(one, "after"), markdown: reader.text(one, "markdown") };
    }),
  };
  ConfigurationError.throwIfAny(reader.problems);
  return catalog;
}

function readGroup(reader: JsonReader, value: unknown, path: string): CatalogGroup {
  const group = reader.object(value, path, ["title", "tier", "services"]);
  return {
    title: reader.name(group, "title"),
    tier: reader.textOrNull(group, "tier"),
    services: reader.list(group.value.services, `${path}.services`, (one, at) =>
      readService(reader, one, at),
    ),
  };
}

function readService(reader: JsonReader, value: unknown, path: string): CatalogService {
  const one = reader.object(value, path, SERVICE_FIELDS);
  const domains = reader.object(one.value.domains, `${path}.domains`, ["proxied", "direct"]);
  return {
    name: reader.name(one, "name"),
    description: reader.text(one, "description"),
    stack: reader.textOrNull(one, "stack"),
    tier: reader.textOrNull(one, "tier"),
    status: readStatus(reader, one),
    replacedBy: reader.textOrNull(one, "replacedBy"),
    statusNote: reader.textOrNull(one, "statusNote"),
    tags: reader.texts(one, "tags"),
    domains: { proxied: reader.texts(domains, "proxied"), direct: reader.texts(domains, "direct") },
    alerts: reader.texts(one, "alerts"),
    runbooks: reader.texts(one, "runbooks"),
    images: reader.texts(one, "images"),
    dependsOn: reader.texts(one, "dependsOn"),
    owner: reader.textOrNull(one, "owner"),
    pipeline: reader.textOrNull(one, "pipeline"),
  };
}

const SERVICE_FIELDS = [
  ...["name", "description", "stack", "tier", "status", "replacedBy", "statusNote", "tags", "domains"],
  ...["alerts", "runbooks", "images", "dependsOn", "owner", "pipeline"],
];

function readStatus(reader: JsonReader, one: JsonObject): CatalogService["status"] {
  const status = SERVICE_STATUSES.find((known) => known === one.value.status);
  if (status === undefined && "status" in one.value) {
    const fix = `Write ${SERVICE_STATUSES.join(", ")}.`;
    reader.wrong(`${one.path}.status`, "be a status", one.value.status, fix);
  }
  return status ?? "active";
}
