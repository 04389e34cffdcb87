import { encodeCell, parseInline } from "../../text/markdown/parse-markdown";
import { escapeAll, inlineOf, plainText } from "../../text/markdown/plain-text";
import type { Catalog, CatalogDomains, CatalogGroup, SpecialDomain, Surface } from "../catalog";
import { domainKey } from "../catalog-services";
import {
  CATALOG_TITLE,
  DOMAIN_LISTS,
  DOMAINS_TITLE,
  SERVICE_TABLE_HEAD,
  SPECIAL_HEADING,
  SURFACE_TABLE_HEAD,
  SURFACES_TITLE,
} from "./form";
import { renderGroupHeading } from "./group-heading";
import { oneLine } from "./one-line";
import { placeSections } from "./section-places";
import { renderServiceRow } from "./service-row";

/**
 * The catalogue as people read it: groups of services, domains, key runbooks. It has no place for a service's alerts,
 * runbooks, images, dependencies, owner and pipeline, and names its domains in the common lists alone.
 */
export function renderCatalogMarkdown(catalog: Catalog): string {
  const { sections } = catalog;
  const begin = placeSections(sections, null, 2);
  const titles = new Set([null, DOMAINS_TITLE, SURFACES_TITLE, ...catalog.groups.map(({ title }) => title)]);
  // Repeated titles are an error of the checks; their sections are written once.
  const seen = new Set<string>();
  const parts = [
    begin.intro === "" ? CATALOG_TITLE : begin.intro,
    ...begin.rest,
    ...catalog.groups.flatMap((group) => {
      const { intro, rest } = placeSections(seen.has(group.title) ? [] : sections, group.title);
      seen.add(group.title);
      return [part(renderGroupHeading(group), intro, groupTable(group)), ...rest];
    }),
    ...fixedPart(catalog, DOMAINS_TITLE, domainLists(allDomains(catalog)), "\n\n"),
    ...fixedPart(catalog, SURFACES_TITLE, surfaceTable(catalog.surfaces), "\n"),
    ...sections.filter(({ after }) => !titles.has(after)).map(({ markdown }) => markdown.trimEnd()),
  ];
  return `${parts.filter((text) => text !== "").join("\n\n")}\n`;
}

function part(heading: string, intro: string, body: string, gap = "\n"): string {
  if (intro !== "") return [heading, intro, ...(body === "" ? [] : [body])].join("\n\n");
  return body === "" ? heading : `${heading}${gap}${body}`;
}

function fixedPart({ sections }: Catalog, title: string, body: string, gap: string): readonly string[] {
  const { intro, rest } = placeSections(sections, title);
  if (body === "" && intro === "" && rest.length === 0) return [];
  return [part(`## ${title}`, intro, body, gap), ...rest];
}

function groupTable({ services }: CatalogGroup): string {
  return [SERVICE_TABLE_HEAD, ...services.map(renderServiceRow)].join("\n");
}

/** The lists, then what services claim beyond them. */
function allDomains({ domains, groups }: Catalog): CatalogDomains {
  const withClaims = (kind: "proxied" | "direct"): readonly string[] => {
    const all = [...domains[kind]];
    const known = new Set(all.map((domain) => domainKey(domain)));
    for (const domain of groups.flatMap(({ services }) => services.flatMap((one) => one.domains[kind]))) {
      if (!known.has(domainKey(domain))) all.push(domain);
      known.add(domainKey(domain));
    }
    return all;
  };
  return { proxied: withClaims("proxied"), direct: withClaims("direct"), special: domains.special };
}

function domainLists(domains: CatalogDomains): string {
  const lists = DOMAIN_LISTS.filter(({ kind }) => domains[kind].length > 0).map(
    ({ kind, heading, width }) => `### ${heading}\n\`\`\`\n${fill(domains[kind], width)}\n\`\`\``,
  );
  if (domains.special.length > 0) {
    lists.push([`### ${SPECIAL_HEADING}`, ...domains.special.map(specialItem)].join("\n"));
  }
  return lists.join("\n\n");
}

/** Separated by commas, in lines as long as the width allows. */
function fill(names: readonly string[], width: number): string {
  const lines: string[] = [];
  names.forEach((name, at) => {
    const word = at === names.length - 1 ? name : `${name},`;
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  });
  return lines.join("\n");
}

function specialItem({ pattern, description }: SpecialDomain): string {
  const words = oneLine(description);
  return `- ${codeSpan(pattern)}${words === "" ? "" : ` - ${words}`}`;
}

/** Between more backticks than stand together in it. */
function codeSpan(text: string): string {
  const runs = text.match(/`+/g) ?? [];
  const fence = "`".repeat(Math.max(0, ...runs.map((run) => run.length)) + 1);
  const isPadded = /^[` ]|[` ]$/.test(text);
  return isPadded ? `${fence} ${text} ${fence}` : `${fence}${text}${fence}`;
}

function surfaceTable(surfaces: readonly Surface[]): string {
  if (surfaces.length === 0) return "";
  const rows = surfaces.map(({ surface, title, href }) => {
    const link = (source: string): string => `[${source}](${destination(href)})`;
    // Code and HTML bind closer than a link does, and may reach from its words into its address.
    const isLink = (source: string): boolean => {
      const [only, ...more] = parseInline(link(source));
      return only?.type === "link" && more.length === 0 && plainText(only.children ?? []) === title;
    };
    return `| ${encodeCell(inlineOf(surface))} | ${encodeCell(link(inlineOf(title, isLink)))} |`;
  });
  return [SURFACE_TABLE_HEAD, ...rows].join("\n");
}

/** A link's target: as it is where nothing in it could end it or mean something else. */
function destination(href: string): string {
  return /^[\w./#:?=%@~+,;-]*$/.test(href) ? href : `<${escapeAll(href)}>`;
}
