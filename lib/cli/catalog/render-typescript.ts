import type { Catalog, CatalogGroup, CatalogService } from "../../catalog/catalog";
import { renderLiteral } from "./render-literal";

/** A data file, and what the form of a record keyed by name cannot hold; with any of that there is no file. */
export interface CatalogTypescript {
  readonly text: string;
  /** Sentences. */
  readonly lost: readonly string[];
}

/** A module that exports the catalogue by defineCatalog; what is as by default is left out. */
export function renderCatalogTypescript({ groups, domains, surfaces, sections }: Catalog): CatalogTypescript {
  const { proxied, direct, special } = domains;
  const definition = {
    groups: groups.map(({ title, tier, services }) => ({
      title,
      ...(tier === null ? {} : { tier }),
      services: new Map(services.map((service) => [service.name, shortService(service)])),
    })),
    ...present({ domains: present({ proxied, direct, special }), surfaces, sections }),
  };
  const body = renderLiteral(definition, "export const catalog = defineCatalog(", ");");
  const text = `import { defineCatalog } from "tallyman";\n\nexport const catalog = defineCatalog(${body});\n`;
  return { text, lost: groups.flatMap(lostIn) };
}

function shortService(service: CatalogService) {
  const { name: _, status, domains, ...rest } = service;
  const isImplied = status === (service.replacedBy === null ? "active" : "disabled");
  return present({ ...rest, ...(isImplied ? {} : { status }), domains: present({ ...domains }) });
}

/** Without what is null, empty text, or an empty list or record. */
function present(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(fields).filter(
      ([, value]) =>
        value !== null && value !== "" && !(typeof value === "object" && Object.keys(value).length === 0),
    ),
  );
}

/** Of two services with one name a record keeps one, and it puts names that are numbers first. */
function lostIn({ title, services }: CatalogGroup): readonly string[] {
  const names = services.map(({ name }) => name);
  const where = `the group ${JSON.stringify(title)}`;
  return [
    ...names
      .filter((name, at) => names.indexOf(name) !== at)
      .map(
        (name) =>
          `${JSON.stringify(name)} is there twice in ${where}. Give one another name, or use --format json.`,
      ),
    ...names
      .filter((name) => /^(?:0|[1-9][0-9]*)$/.test(name))
      .map((name) => `${JSON.stringify(name)} would change its place in ${where}. Use --format json.`),
  ];
}
