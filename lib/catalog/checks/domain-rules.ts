import { printable } from "../../core/printable";
import { domainKey, familyKeys, servedKeys } from "../catalog-services";
import {
  atPath,
  atService,
  type CatalogContext,
  type CatalogFinding,
  type CatalogPlace,
  type CatalogRule,
} from "./catalog-rule";

const WAYS = ["proxied", "direct"] as const;
type Way = (typeof WAYS)[number];

interface Mention {
  readonly domain: string;
  readonly way: Way;
  readonly where: CatalogPlace;
}

/** By the catalogue's lists and the services together, as either may say it. */
export const domainBothWays: CatalogRule = {
  name: "domain-both-ways",
  severity: "error",
  check: (context) => {
    const first = new Map<string, Way>();
    const told = new Set<string>();
    return [...listed(context), ...claimed(context)].flatMap(({ domain, way, where }): CatalogFinding[] => {
      const key = domainKey(domain, context.baseDomain);
      const before = first.get(key);
      if (before === undefined) first.set(key, way);
      if (before === undefined || before === way || told.has(key)) return [];
      told.add(key);
      return [
        {
          message: `The domain ${printable(domain)} is both proxied and direct.`,
          fix: "Keep it in one of the two lists: a name resolves one way only.",
          where,
        },
      ];
    });
  },
};

export const domainTwice: CatalogRule = {
  name: "domain-twice",
  severity: "error",
  check: (context) => [
    ...WAYS.flatMap((way) =>
      repeated(
        listed(context).filter((one) => one.way === way),
        context,
      ).map(({ item: { domain, where } }) => ({
        message: `The domain ${printable(domain)} is in the list of ${way} domains twice.`,
        fix: "Remove one of the two.",
        where,
      })),
    ),
    ...repeated(families(context), context).map(({ item: { domain, where } }) => ({
      message: `The family ${printable(domain)} is among the special subdomains twice.`,
      fix: "Remove one of the two.",
      where,
    })),
    ...repeated(claimed(context), context).map(({ item: { domain, where }, first }) => ({
      message: `The domain ${printable(domain)} is claimed twice, once by ${printable(first.where.service ?? "nobody")}.`,
      fix: "Leave it to the one service that answers there.",
      where,
    })),
  ],
};

/** A service answers at the domain that bears its name, claimed or not, and at the families of names below those. */
export const domainWithoutService: CatalogRule = {
  name: "domain-without-service",
  severity: "warning",
  check: (context) => {
    const { baseDomain } = context;
    const served = new Set(context.services.flatMap(({ service }) => servedKeys(service, baseDomain)));
    return [
      ...listed(context)
        .filter(({ domain }) => !served.has(domainKey(domain, baseDomain)))
        .map(({ domain, where }) => ({
          message: `No service claims the domain ${printable(domain)}.`,
          where,
        })),
      ...families(context)
        .filter(({ domain }) => !familyKeys(domain, baseDomain).some((key) => served.has(key)))
        .map(({ domain, where }) => ({
          message: `No service answers the family of domains ${printable(domain)}.`,
          where,
        })),
    ].map((one) => ({
      ...one,
      fix: "Add it to the domains of the service that answers there, or remove it.",
    }));
  },
};

function listed({ catalog }: CatalogContext): readonly Mention[] {
  return WAYS.flatMap((way) =>
    catalog.domains[way].map((domain, at) => ({ domain, way, where: atPath(["domains", way, at]) })),
  );
}

function families({ catalog }: CatalogContext) {
  return catalog.domains.special.map(({ pattern }, at) => ({
    domain: pattern,
    where: atPath(["domains", "special", at, "pattern"]),
  }));
}

function claimed({ services }: CatalogContext): readonly Mention[] {
  return services.flatMap((placed) =>
    WAYS.flatMap((way) =>
      placed.service.domains[way].map((domain, at) => ({
        domain,
        way,
        where: atService(placed, "domains", way, at),
      })),
    ),
  );
}

/** Every mention of a domain that an earlier one speaks of, with that one. */
function repeated<T extends Pick<Mention, "domain" | "where">>(
  mentions: readonly T[],
  { baseDomain }: CatalogContext,
) {
  const seen = new Map<string, T>();
  return mentions.flatMap((item) => {
    const key = domainKey(item.domain, baseDomain);
    const first = seen.get(key);
    if (first !== undefined) return [{ item, first }];
    seen.set(key, item);
    return [];
  });
}
