import { printable } from "../../core/printable";
import { atPath, atService, type CatalogRule } from "./catalog-rule";

export const duplicateName: CatalogRule = {
  name: "duplicate-name",
  severity: "error",
  check: ({ catalog, services }) => [
    ...repeated(services, ({ service }) => service.name).map(({ item, first }) => ({
      message: `The service ${printable(item.service.name)} is there twice: first in ${printable(first.group.title)}.`,
      fix: "Remove one of the two, or give it a name of its own.",
      where: atService(item, "name"),
    })),
    ...repeated(catalog.groups, ({ title }) => title).map(({ item, at }) => ({
      message: `Two groups are called ${printable(item.title)}.`,
      fix: "Join them, or give one of the two another title.",
      where: atPath(["groups", at, "title"], item.title),
    })),
    ...repeated(catalog.surfaces, ({ surface }) => surface).map(({ item, at }) => ({
      message: `The surface ${printable(item.surface)} is there twice.`,
      fix: "Remove one of the two.",
      where: atPath(["surfaces", at, "surface"]),
    })),
  ],
};

export const unknownTier: CatalogRule = {
  name: "unknown-tier",
  severity: "error",
  check: ({ catalog, services, tiers }) => {
    const fix = `Write one of ${tiers.join(", ")}.`;
    const isUnknown = (tier: string | null): tier is string => tier !== null && !tiers.includes(tier);
    return [
      ...catalog.groups.flatMap(({ title, tier }, at) =>
        isUnknown(tier)
          ? [
              {
                message: `The group ${printable(title)} has the tier ${printable(tier)}, which is not known.`,
                fix,
                where: atPath(["groups", at, "tier"], title),
              },
            ]
          : [],
      ),
      ...services.flatMap((placed) =>
        isUnknown(placed.service.tier)
          ? [
              {
                message: `${printable(placed.service.name)} has the tier ${printable(placed.service.tier)}, which is not known.`,
                fix,
                where: atService(placed, "tier"),
              },
            ]
          : [],
      ),
    ];
  },
};

export const unknownStack: CatalogRule = {
  name: "unknown-stack",
  severity: "error",
  needs: ["stacks"],
  check: ({ services, stacks }) => {
    if (stacks === null) return [];
    const known = new Set(stacks);
    return services.flatMap((placed) => {
      const { name, stack } = placed.service;
      if (stack === null || known.has(stack)) return [];
      return [
        {
          message: `${printable(name)} is deployed by the stack ${printable(stack)}, which is not there.`,
          fix: "Name a stack of the estate, or null for none.",
          where: atService(placed, "stack"),
        },
      ];
    });
  },
};

/** Every item whose key an earlier one has, with that one. */
function repeated<T>(items: readonly T[], keyOf: (item: T) => string) {
  const seen = new Map<string, T>();
  return items.flatMap((item, at) => {
    const first = seen.get(keyOf(item));
    if (first !== undefined) return [{ item, first, at }];
    seen.set(keyOf(item), item);
    return [];
  });
}
