import { Html, html, jsonData, NOTHING } from "../../core/html";
import { blockHtml, inlineHtml } from "../../text/markdown/safe-html";
import type { CatalogDomains, CatalogGroup, Surface } from "../catalog";
import type { PlacedService } from "../catalog-services";
import { DOMAINS_TITLE, SURFACES_TITLE } from "../markdown/form";
import { placeSections } from "../markdown/section-places";
import type { Runbook } from "../runbook";
import { serviceBadges, severityBadge, tierBadge } from "./badges";
import { type SiteIndex, type ViewKind, viewId } from "./site-index";
import type { SiteDocument, SiteInput, SiteRunbook } from "./site-input";

/** All there is, in the catalogue's order; each item leads to its view. */
export function overview(index: SiteIndex, input: SiteInput): Html {
  const { catalog, runbooks, externalRunbooks, postMortems } = input;
  const { domains, surfaces } = catalog;
  const groups = catalog.groups.map((group, at) => groupSection(index, input, group, at));
  const alerts = index.alerts.map(
    ({ name, severity, summary }) => html`<li class="item" data-of="${viewId("alert", name)}">
<span class="name">${index.alertLink(name)}</span><span class="said">${summary ?? ""}</span><span class="badges">${severityBadge(severity)}</span></li>`,
  );
  const lists: readonly (readonly [string, string, number])[] = [
    ["runbooks", "Runbooks", runbooks.length + externalRunbooks.length],
    ["alerts", "Alerts", alerts.length],
    ["post-mortems", "Post-mortems", postMortems.length],
    ["surfaces", "Surfaces", surfaces.length],
    ["proxied", "CDN domains", domains.proxied.length],
    ["direct", "Direct domains", domains.direct.length],
  ];
  const surfaceRows = surfaces.map((one) => surfaceRow(index, one));
  const surfaceList = part("surfaces", "Operational surfaces", surfaceRows);
  return html`<div class="view" id="overview">
${jump(lists)}${around(index, input, null, NOTHING)}
${groups}
${part("runbooks", "Runbooks", [...runbooks.map((one) => runbookRow(index, one)), ...externalRunbooks.map(externalRow)])}
${part("alerts", "Alerts", alerts)}
${part(
  "post-mortems",
  "Post-mortems",
  postMortems.map((one) => documentRow(one, "post-mortem", fileName(one.file))),
)}
${around(index, input, SURFACES_TITLE, surfaceList)}
${around(index, input, DOMAINS_TITLE, domainLists(index, domains))}
${lostSections(index, input)}
</div>
`;
}

function domainLists(index: SiteIndex, { proxied, direct, special }: CatalogDomains): Html {
  const families = special.map(
    ({ pattern, description }) =>
      html`<li class="item"><span class="name"><code>${pattern}</code></span><span class="said">${inline(index, description)}</span></li>`,
  );
  return html`${part("proxied", "Domains behind the CDN", domainItems(index, proxied), "chips")}
${part("direct", "Domains by direct DNS", domainItems(index, direct), "chips")}
${part("special", "Special subdomains", families)}`;
}

function groupSection(index: SiteIndex, input: SiteInput, group: CatalogGroup, at: number): Html {
  const rows = index.servicesOf(group).map((one) => serviceRow(index, one));
  const heading = html`${group.title} ${tierBadge(group.tier)}`;
  return around(index, input, group.title, part(`group-${at}`, heading, rows));
}

function serviceRow(index: SiteIndex, placed: PlacedService): Html {
  const { service, tier } = placed;
  const id = viewId("service", service.name);
  return html`<li class="item service ${service.status}" data-of="${id}" data-tier="${jsonData(tier === null ? [] : [tier])}" data-status="${jsonData([service.status])}" data-tags="${jsonData(service.tags)}">
<span class="name"><a href="#${id}">${service.name}</a></span><span class="said">${inline(index, service.description)}</span><span class="badges">${serviceBadges(placed)}</span></li>`;
}

function documentRow({ file, title }: SiteDocument, kind: ViewKind, said: string): Html {
  const id = viewId(kind, file);
  return html`<li class="item wide" data-of="${id}">
<span class="name"><a href="#${id}">${title}</a></span><span class="said quiet">${said}</span></li>`;
}

function runbookRow(index: SiteIndex, runbook: SiteRunbook): Html {
  return documentRow(runbook, "runbook", index.whenToUse(runbook.file) ?? fileName(runbook.file));
}

function externalRow({ title, whenToUse }: Runbook): Html {
  return html`<li class="item wide"><span class="name">${title}</span><span class="said quiet">${whenToUse} (in another repository)</span></li>`;
}

function fileName(file: string): string {
  return file.split("/").at(-1) ?? file;
}

function surfaceRow(index: SiteIndex, { surface, title, href }: Surface): Html {
  const to = /^https?:\/\//i.test(href) ? href : index.documentHref(href, "");
  const runbook =
    to === null
      ? html`${title} <span class="quiet">(not on this page)</span>`
      : html`<a href="${to}">${title}</a>`;
  return html`<li class="item wide"><span class="name">${surface}</span><span class="said">${runbook}</span></li>`;
}

function domainItems(index: SiteIndex, domains: readonly string[]): readonly Html[] {
  return domains.map((domain) => {
    const service = index.serviceOfDomain(domain);
    if (service === null) return html`<li class="item"><span class="lone">${domain}</span></li>`;
    const id = viewId("service", service);
    return html`<li class="item"><a href="#${id}" title="${service}">${domain}</a></li>`;
  });
}

function part(id: string, heading: string | Html, items: readonly Html[], look = "rows"): Html {
  if (items.length === 0) return NOTHING;
  return html`<section class="part" aria-labelledby="part-${id}">
<h2 id="part-${id}">${heading} <span class="count">${items.length}</span></h2>
<ul class="${look}">
${items}
</ul>
</section>
`;
}

/** A part among the texts that the model has no fields for, where they stood; the page has its title already. */
function around(index: SiteIndex, { catalog }: SiteInput, after: string | null, body: Html): Html {
  const { intro, rest } = placeSections(catalog.sections, after, after === null ? 2 : 1);
  const begin = after === null ? intro.replace(/^\s*#[ \t][^\n]*(?:\n|$)/, "") : intro;
  return html`${note(index, begin)}${body}${rest.map((text) => note(index, text))}`;
}

/** Texts after a part that is not there. */
function lostSections(index: SiteIndex, { catalog }: SiteInput): readonly Html[] {
  const titles = new Set([null, SURFACES_TITLE, DOMAINS_TITLE, ...catalog.groups.map(({ title }) => title)]);
  return catalog.sections
    .filter(({ after }) => !titles.has(after))
    .map(({ markdown }) => note(index, markdown));
}

function note(index: SiteIndex, markdown: string): Html {
  const text = blockHtml(markdown, { headingOffset: 1, mapHref: (href) => index.mapHref(href) });
  return text === "" ? NOTHING : html`<div class="note body">${new Html(text)}</div>`;
}

function inline(index: SiteIndex, markdown: string): Html {
  return new Html(inlineHtml(markdown, { mapHref: (href) => index.mapHref(href) }));
}

/** The services come first and are many: what stands below them is one step away. */
function jump(lists: readonly (readonly [id: string, title: string, count: number])[]): Html {
  const links = lists
    .filter(([, , count]) => count > 0)
    .map(
      ([id, title, count]) => html`<a href="#part-${id}">${title} <span class="count">${count}</span></a>`,
    );
  return links.length === 0
    ? NOTHING
    : html`<nav class="jump" aria-label="Beside the services">${links}</nav>`;
}
