import { printable } from "../../core/printable";
import { domainKey, servesDomain } from "../catalog-services";
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
      const key = domainKey(domain);
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
      repeated(listed(context).filter((one) => one.way === way)).map(({ domain, where }) => ({
        message: `The domain ${printable(domain)} is in the list of ${way} domains twice.`,
        fix: "Remove one of the two.",
        where,
      })),
    ),
    ...repeated(claimed(context)).map(({ domain, where }) => ({
      message: `The domain ${printable(domain)} is claimed twice, once by ${claimant(context, domain)}.`,
      fix: "Leave it to the one service that answers there.",
      where,
    })),
  ],
};

/** A service answers at the domain that bears its name, claimed or not. */
export const domainWithoutService: CatalogRule = {
  name: "domain-without-service",
  severity: "warning",
  check: (context) =>
    listed(context)
      .filter(({ domain }) => !context.services.some(({ service }) => servesDomain(service, domain)))
      .map(({ domain, where }) => ({
        message: `No service claims the domain ${printable(domain)}.`,
        fix: "Add it to the domains of the service that answers there, or remove it.",
        where,
      })),
};

function listed({ catalog }: CatalogContext): readonly Mention[] {
  return WAYS.flatMap((way) =>
    catalog.domains[way].map((domain, at) => ({ domain, way, where: atPath(["domains", way, at]) })),
  );
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

function repeated(mentions: readonly Mention[]): readonly Mention[] {
  const seen = new Set<string>();
  return mentions.filter(({ domain }) => {
    const key = domainKey(domain);
    const isRepeated = seen.has(key);
    seen.add(key);
    return isRepeated;
  });
}

function claimant(context: CatalogContext, domain: string): string {
  const first = claimed(context).find((one) => domainKey(one.domain) === domainKey(domain));
  return printable(first?.where.service ?? "nobody");
}
