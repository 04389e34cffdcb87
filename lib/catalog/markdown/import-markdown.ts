import type { MarkdownNode } from "../../text/markdown/nodes";
import { nodesWithin } from "../../text/markdown/nodes-within";
import {
  CATALOG_SCHEMA,
  type Catalog,
  type CatalogDomains,
  type CatalogGroup,
  type CatalogSection,
  type Surface,
} from "../catalog";
import { CATALOG_TITLE, DOMAINS_TITLE, SERVICE_COLUMNS, SURFACE_COLUMNS, SURFACES_TITLE } from "./form";
import { readGroupTitle } from "./group-heading";
import { type MarkdownPart, type MarkdownProblem, MarkdownSource, shown, splitAt } from "./markdown-source";
import { readDomains } from "./read-domains";
import { readServices } from "./read-group";
import { readSurfaces } from "./read-surfaces";
import { readTablePart, resemblesTableOf } from "./read-table";

/** The catalogue, or everything that kept the text from being one, in the order of the text. */
export type CatalogImport =
  | { readonly catalog: Catalog; readonly problems: readonly [] }
  | { readonly catalog: null; readonly problems: readonly MarkdownProblem[] };

/**
 * Reads a catalogue in Markdown: `## Title (Tier: core)` over tables of Service, Description, Stack, then
 * `## Cloudflare Domains` and `## Key Runbooks`; any other text is kept as a section in its place.
 */
export function importCatalog(markdown: string): CatalogImport {
  const reader = new CatalogReader(new MarkdownSource(markdown));
  const catalog = reader.read();
  const { problems } = reader.source;
  return problems.length > 0 ? { catalog: null, problems } : { catalog, problems: [] };
}

class CatalogReader {
  private readonly groups: CatalogGroup[] = [];
  private domains: CatalogDomains = { proxied: [], direct: [], special: [] };
  private surfaces: readonly Surface[] = [];
  private readonly sections: CatalogSection[] = [];
  private readonly titles = new Set<string>();
  private last: string | null = null;

  constructor(readonly source: MarkdownSource) {}

  read(): Catalog {
    // Titles of the whole stand before the first part; a # behind that begins a section.
    const from = this.source.blocks.findIndex(({ type, depth }) => type === "heading" && depth === 2);
    const end = from < 0 ? this.source.blocks.length : from;
    this.tellTables(this.source.blocks.slice(0, end));
    const begin = this.source.slice(this.source.blocks.slice(0, end));
    if (begin !== "" && begin !== CATALOG_TITLE) this.keep(begin);
    const { parts } = splitAt(this.source.blocks.slice(end), ({ depth }) => (depth ?? 1) <= 2);
    for (const part of parts) this.readPart(part);
    this.tellNoService();
    const { groups, domains, surfaces } = this;
    return { schema: CATALOG_SCHEMA, groups, domains, surfaces, sections: this.inOrder() };
  }

  private readPart(part: MarkdownPart): void {
    const title = this.source.inside(part.heading);
    const isPart = part.heading.depth === 2;
    if (isPart && title === DOMAINS_TITLE) this.readDomainPart(part);
    else if (isPart && title === SURFACES_TITLE) this.readSurfacePart(part);
    else if (isPart && this.isGroup(part)) {
      this.readGroup(part, title);
      return;
    } else this.keep(this.source.slice([part.heading, ...part.blocks]));
    this.tellTables(part.blocks);
  }

  /** Services outside a group would be taken for free text. */
  private tellTables(blocks: readonly MarkdownNode[]): void {
    for (const block of blocks.flatMap(nodesWithin)) {
      if (!resemblesTableOf(this.source, block, SERVICE_COLUMNS)) continue;
      const fix = "Put it right under a ## heading, as ## Storage & Security (Tier: cluster).";
      this.source.wrong(block.position.start, "this table of services is in no group", fix);
    }
  }

  private tellNoService(): void {
    if (this.source.problems.length > 0 || this.groups.some(({ services }) => services.length > 0)) return;
    const fix = `Write a ## heading, and a table that begins | ${SERVICE_COLUMNS.join(" | ")} |.`;
    this.source.wrong({ line: 1, column: 1, offset: 0 }, "no service is in this text", fix);
  }

  private isGroup({ heading, blocks }: MarkdownPart): boolean {
    if (/\(Tier: .*\)$/.test(this.source.inside(heading))) return true;
    return blocks.some((block) => resemblesTableOf(this.source, block, SERVICE_COLUMNS));
  }

  private readGroup(part: MarkdownPart, titleSource: string): void {
    const heading = readGroupTitle(titleSource);
    if (heading === null) {
      const fix = "Write words alone, as ## Storage & Security (Tier: cluster).";
      this.source.wrong(part.heading.position.start, `${shown(titleSource)} is no title of a group`, fix);
    }
    const { title, tier } = heading ?? { title: titleSource, tier: null };
    this.enter(part, title);
    const table = readTablePart(this.source, part, SERVICE_COLUMNS);
    if (table === null) return;
    this.groups.push({ title, tier, services: readServices(this.source, table.rows) });
    this.around(table.intro, table.tail);
  }

  private readDomainPart(part: MarkdownPart): void {
    this.enter(part, DOMAINS_TITLE);
    const { domains, intro } = readDomains(this.source, part);
    this.domains = domains;
    this.around(intro, "");
  }

  /** Without a table it has words alone. */
  private readSurfacePart(part: MarkdownPart): void {
    this.enter(part, SURFACES_TITLE);
    if (!part.blocks.some(({ type }) => type === "table")) {
      this.around(this.source.slice(part.blocks), "");
      return;
    }
    const table = readTablePart(this.source, part, SURFACE_COLUMNS);
    if (table === null) return;
    this.surfaces = readSurfaces(this.source, table.rows);
    this.around(table.intro, table.tail);
  }

  private enter(part: MarkdownPart, title: string): void {
    if (this.titles.has(title)) {
      const fix = "Join the two, or give one another title.";
      this.source.wrong(part.heading.position.start, `the heading ${shown(title)} is there twice`, fix);
    }
    this.titles.add(title);
    this.last = title;
  }

  /** The empty section says that the one behind it is no introduction. */
  private around(intro: string, tail: string): void {
    if (intro !== "" || tail !== "") this.keep(intro);
    if (tail !== "") this.keep(tail);
  }

  private keep(markdown: string): void {
    this.sections.push({ after: this.last, markdown });
  }

  /** As they come in Markdown once the parts stand in their order. */
  private inOrder(): readonly CatalogSection[] {
    const order = [null, ...this.groups.map(({ title }) => title), DOMAINS_TITLE, SURFACES_TITLE];
    const rank = ({ after }: CatalogSection): number => order.indexOf(after);
    return [...this.sections].sort((a, b) => rank(a) - rank(b));
  }
}
