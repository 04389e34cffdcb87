import { CATALOG_SCHEMA, type Catalog } from "../../../catalog/catalog";
import { parseCatalog } from "../../../catalog/catalog-json";
import { catalogServices, domainKey, type PlacedService } from "../../../catalog/catalog-services";
import { type Delta, type Place, withoutDocuments } from "../../delta";
import { isJsonObject, type Json } from "../../json";
import { type PlacePair, placePairs } from "../common/place-pairs";
import { judged, type Statement, shown } from "../common/statement";
import type { DomainRule, RuleInput } from "../domain-rule";
import { type CatalogWords, compareDomains, compareServices, type Domains } from "./compare-services";

/** The service catalogue, by its JSON; its other forms are the same facts. */
export const CATALOG: DomainRule = {
  name: "catalog",
  judge: (input) => judged(placePairs(input, true).flatMap((pair) => judgeCatalog(pair, input))),
};

function judgeCatalog(pair: PlacePair, input: RuleInput): readonly Statement[] {
  const { place } = pair;
  if (place.kind !== "artifact") return [];
  const [before, after] = [read(pair.base), read(pair.head)];
  if (before === null || after === null) return [];
  const folder = place.path.slice(0, place.path.lastIndexOf("/") + 1);
  const covers = input.deltas.filter((delta) => isForm(delta, folder));
  if (covers.length === 0) return [];
  const [old, now] = [services(before), services(after)];
  // A service that left is told with what it served.
  const gone = [...old.values()].filter(({ service }) => !now.has(service.name));
  const words = [
    ...compareServices(old, now),
    ...compareDomains(withoutDomains(domainsOf(before), gone, domainsOf(after)), domainsOf(after)),
    ...compareRest(before, after),
  ];
  // What no field tells (an order, a group's heading) is a change all the same.
  const all: readonly CatalogWords[] =
    words.length > 0 ? words : [rearranged(JSON.stringify(before) === JSON.stringify(after))];
  return all.map((one, at) => ({
    ...one,
    before: one.before === null ? null : shown(one.before),
    after: one.after === null ? null : shown(one.after),
    place: place satisfies Place,
    steps: one.subject === "" ? [] : [{ name: one.subject, aliases: [] }],
    // Together they say all of it; each with the whole of a large catalogue would be the square of it.
    covers: at === 0 ? covers : [],
  }));
}

function read(value: Json | undefined): Catalog | null {
  if (!isJsonObject(value) || value.schema !== CATALOG_SCHEMA) return null;
  try {
    return parseCatalog(JSON.stringify(value));
  } catch {
    return null;
  }
}

function services(catalog: Catalog) {
  return new Map(catalogServices(catalog).map((placed) => [placed.service.name, placed]));
}

function domainsOf(catalog: Catalog): Domains {
  const all = catalogServices(catalog).map(({ service }) => service.domains);
  return {
    proxied: [...catalog.domains.proxied, ...all.flatMap(({ proxied }) => proxied)],
    direct: [...catalog.domains.direct, ...all.flatMap(({ direct }) => direct)],
  };
}

/** Those that are nowhere any more. */
function withoutDomains(before: Domains, gone: readonly PlacedService[], after: Domains): Domains {
  const left = new Set([...after.proxied, ...after.direct].map((domain) => domainKey(domain)));
  const served = new Set(
    gone
      .flatMap(({ service: { domains } }) =>
        [...domains.proxied, ...domains.direct].map((domain) => domainKey(domain)),
      )
      .filter((domain) => !left.has(domain)),
  );
  const without = (list: readonly string[]) => list.filter((domain) => !served.has(domainKey(domain)));
  return { proxied: without(before.proxied), direct: without(before.direct) };
}

function compareRest(before: Catalog, after: Catalog): readonly CatalogWords[] {
  const words: CatalogWords[] = [];
  const surfaces = new Map(after.surfaces.map((one) => [one.surface, one]));
  const known = new Map(before.surfaces.map((one) => [one.surface, one]));
  for (const [name, { href }] of known) {
    const now = surfaces.get(name);
    if (now?.href === href) continue;
    const values = { subject: name, before: href, after: now?.href ?? null };
    const text =
      now === undefined
        ? `${name} is in the catalogue no more, and neither is its runbook ${href}.`
        : `${name} has another runbook: ${href} became ${now.href}.`;
    words.push({
      grade: now === undefined ? "notice" : "info",
      kind: now === undefined ? "runbook_lost" : "runbook_changed",
      ...values,
      text,
    });
  }
  for (const [name, { href }] of surfaces) {
    if (known.has(name)) continue;
    const text = `${name} joined the catalogue, with the runbook ${href}.`;
    words.push({ grade: "info", kind: "runbook_gained", subject: name, before: null, after: href, text });
  }
  const texts = [before, after].map(({ sections, domains }) => JSON.stringify([sections, domains.special]));
  if (texts[0] !== texts[1]) {
    const text = "Text of the service catalogue is worded anew.";
    words.push({ grade: "info", kind: "catalog_text_changed", subject: "", before: null, after: null, text });
  }
  return words;
}

function rearranged(isSame: boolean): CatalogWords {
  const text = isSame
    ? "The service catalogue is the same, and is written out in another form."
    : "The service catalogue is arranged anew; its services and domains are the same.";
  const kind = isSame ? "generated_changed" : "catalog_text_changed";
  return { grade: "info", kind, subject: "", before: null, after: null, text };
}

const FORMS = [
  "catalog.json",
  "context.json",
  "service-catalog.md",
  "alert-labels.json",
  "alert-labels.yml",
  "site/index.html",
];
const CARRIED = ["catalog.json", "service-catalog.md", "index.html"];

/** The catalogue written out: in its folder, in its ConfigMap, or as the hash by which its pods follow. */
function isForm({ place, path }: Delta, folder: string): boolean {
  if (place.kind === "artifact") {
    // What a ConfigMap is filled from stands beside its stack.
    const [, asset] = /^stacks\/[^/]+\/assets\/([^/]+)$/.exec(place.path) ?? [];
    return CARRIED.includes(asset ?? "") || FORMS.some((name) => place.path === `${folder}${name}`);
  }
  if (place.kind !== "resource") return false;
  const names = withoutDocuments(path);
  const isData = names[0] === "data" && CARRIED.includes(names[1] ?? "");
  return (isData && place.address.startsWith("kubernetes_config_map")) || names.at(-1) === "checksum/catalog";
}
