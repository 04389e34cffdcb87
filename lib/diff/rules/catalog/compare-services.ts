import { TIERS } from "../../../catalog/catalog";
import { domainKey, type PlacedService } from "../../../catalog/catalog-services";
import { groupBy } from "../../../core/group-by";
import type { Grade } from "../../change";

/** What changed of a catalogue, in words. */
export interface CatalogWords {
  readonly grade: Grade;
  readonly kind: string;
  /** A service's name, or a domain. */
  readonly subject: string;
  readonly before: string | null;
  readonly after: string | null;
  readonly text: string;
}

type Services = ReadonlyMap<string, PlacedService>;

export function compareServices(before: Services, after: Services): readonly CatalogWords[] {
  const users = groupBy(
    after.values(),
    ({ service: { dependsOn, replacedBy } }) =>
      new Set(replacedBy === null ? dependsOn : [...dependsOn, replacedBy]),
  );
  return [
    ...[...before]
      .filter(([name]) => !after.has(name))
      .map(([name, was]) => left(name, was, users.get(name) ?? [])),
    ...[...after].filter(([name]) => !before.has(name)).map(([name, now]) => joined(name, now)),
    ...[...after].flatMap(([name, now]) => {
      const was = before.get(name);
      return was === undefined ? [] : compareService(name, was, now);
    }),
  ];
}

function left(name: string, was: PlacedService, naming: readonly PlacedService[]): CatalogWords {
  const users = naming.map(({ service }) => service.name);
  const values = { subject: name, before: name, after: null };
  if (users.length > 0) {
    const text = `The service ${name} left the catalogue, and ${users.join(", ")} still ${users.length === 1 ? "names" : "name"} it.`;
    return { grade: "risk", kind: "service_left_in_use", ...values, text };
  }
  const domains = [...was.service.domains.proxied, ...was.service.domains.direct];
  const served = domains.length === 0 ? "" : `; it served ${domains.join(", ")}`;
  return {
    grade: "notice",
    kind: "service_left",
    ...values,
    text: `The service ${name} left the catalogue${served}.`,
  };
}

function joined(name: string, { tier, group }: PlacedService): CatalogWords {
  const text = `The service ${name} joined the catalogue, in ${group.title}${tier === null ? "" : `, tier ${tier}`}.`;
  return { grade: "info", kind: "service_joined", subject: name, before: null, after: name, text };
}

function compareService(name: string, was: PlacedService, now: PlacedService): readonly CatalogWords[] {
  const { service: old } = was;
  const { service } = now;
  const lost = old.runbooks.filter((one) => !service.runbooks.includes(one));
  const gained = service.runbooks.filter((one) => !old.runbooks.includes(one));
  const moreNeeded = service.dependsOn.filter((one) => !old.dependsOn.includes(one));
  const lessNeeded = old.dependsOn.filter((one) => !service.dependsOn.includes(one));
  const words: CatalogWords[] = [];
  const tell = (
    grade: Grade,
    kind: string,
    before: string | null,
    after: string | null,
    text: string,
  ): void => {
    words.push({ grade, kind, subject: name, before, after, text: `${name} ${text}.` });
  };
  if (was.tier !== now.tier) {
    const lower = rank(now.tier) > rank(was.tier);
    const pair = `from ${was.tier ?? "none"} to ${now.tier ?? "none"}`;
    tell(
      lower ? "notice" : "info",
      lower ? "tier_lowered" : "tier_raised",
      was.tier,
      now.tier,
      `goes ${pair} in tier`,
    );
  }
  if (old.status !== service.status) {
    const pair = `is ${service.status} where it was ${old.status}`;
    tell(
      service.status === "disabled" ? "notice" : "info",
      "service_status_changed",
      old.status,
      service.status,
      pair,
    );
  }
  if (lost.length > 0)
    tell("notice", "runbook_lost", lost.join(", "), null, `has no longer the runbook ${lost.join(", ")}`);
  if (gained.length > 0)
    tell("info", "runbook_gained", null, gained.join(", "), `has the runbook ${gained.join(", ")}`);
  if (moreNeeded.length > 0) {
    tell("info", "dependency_added", null, moreNeeded.join(", "), `depends on ${moreNeeded.join(", ")} now`);
  }
  if (lessNeeded.length > 0) {
    tell(
      "info",
      "dependency_removed",
      lessNeeded.join(", "),
      null,
      `depends on ${lessNeeded.join(", ")} no more`,
    );
  }
  const fields = (["description", "stack", "replacedBy", "statusNote", "owner", "pipeline"] as const).filter(
    (field) => old[field] !== service[field],
  );
  const lists = (["tags", "alerts", "images"] as const).filter(
    (field) => old[field].join() !== service[field].join(),
  );
  for (const field of [...fields, ...lists]) {
    const [before, after] = [old[field], service[field]].map(plain);
    const isText = field === "description" || field === "statusNote" || field === "tags";
    const kind = isText ? "catalog_text_changed" : "service_changed";
    tell(
      "info",
      kind,
      before ?? null,
      after ?? null,
      `has another ${field}: ${before ?? "none"} became ${after ?? "none"}`,
    );
  }
  return words;
}

function plain(value: string | readonly string[] | null): string | null {
  if (value === null || value.length === 0) return null;
  const text = typeof value === "string" ? value : value.join(", ");
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}

/** One that the library does not know stands below all. */
function rank(tier: string | null): number {
  const at = tier === null ? -1 : TIERS.map(String).indexOf(tier);
  return at < 0 ? TIERS.length : at;
}

/** Where each domain leads, of the services' own and of the catalogue's lists. */
export interface Domains {
  readonly proxied: readonly string[];
  readonly direct: readonly string[];
}

/** Domains that came, went, or moved between the proxy and the ingress. */
export function compareDomains(before: Domains, after: Domains): readonly CatalogWords[] {
  const [old, now] = [waysOf(before), waysOf(after)];
  return [
    ...[...now].flatMap(([domain, way]): readonly CatalogWords[] => {
      const was = old.get(domain);
      if (was === way) return [];
      const values = { subject: domain, before: was ?? null, after: way };
      if (was === undefined) {
        return [
          { grade: "info", kind: "domain_added", ...values, text: `The domain ${domain} is new, ${way}.` },
        ];
      }
      const meaning =
        way === "direct"
          ? "clients see the ingress itself, and the proxy protects and caches nothing"
          : way === "proxied"
            ? "the proxy stands between, with its limits"
            : "it is listed both ways";
      const text = `The domain ${domain} moved from ${was} to ${way}: ${meaning}.`;
      return [{ grade: "notice", kind: "domain_moved", ...values, text }];
    }),
    ...[...old]
      .filter(([domain]) => !now.has(domain))
      .map(([domain, way]): CatalogWords => {
        const text = `The domain ${domain} (${way}) is in the catalogue no more.`;
        return { grade: "notice", kind: "domain_lost", subject: domain, before: way, after: null, text };
      }),
  ];
}

function waysOf({ proxied, direct }: Domains): ReadonlyMap<string, string> {
  const ways = new Map<string, string>(proxied.map((one) => [domainKey(one), "proxied"]));
  for (const one of direct.map((domain) => domainKey(domain))) {
    ways.set(one, ways.get(one) === "proxied" ? "proxied and direct" : "direct");
  }
  return ways;
}
