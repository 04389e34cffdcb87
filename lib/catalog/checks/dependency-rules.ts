import { printable } from "../../core/printable";
import type { CatalogPath } from "../catalog-services";
import { atService, type CatalogContext, type CatalogFinding, type CatalogRule } from "./catalog-rule";

export const unknownService: CatalogRule = {
  name: "unknown-service",
  severity: "error",
  check: ({ services }) => {
    const names = new Set(services.map(({ service }) => service.name));
    return services.flatMap((placed) => {
      const { name, dependsOn, replacedBy } = placed.service;
      const unknown = (other: string, verb: string, ...keys: CatalogPath): readonly CatalogFinding[] =>
        names.has(other)
          ? []
          : [
              {
                message: `${printable(name)} ${verb} ${printable(other)}, which is no service of the catalogue.`,
                fix: "Name a service of the catalogue, or add that one.",
                where: atService(placed, ...keys),
              },
            ];
      return [
        ...dependsOn.flatMap((other, at) => unknown(other, "depends on", "dependsOn", at)),
        ...(replacedBy === null ? [] : unknown(replacedBy, "is replaced by", "replacedBy")),
      ];
    });
  },
};

export const dependencyCycle: CatalogRule = {
  name: "dependency-cycle",
  severity: "error",
  check: (context) =>
    cyclesOf(context, ({ dependsOn }) => dependsOn).map(({ at, cycle }) => ({
      message: `These services depend on one another: ${cycle.map((name) => printable(name)).join(" > ")}.`,
      fix: "Remove the dependency that a start does not need.",
      where: atService(at, "dependsOn"),
    })),
};

export const replacementCycle: CatalogRule = {
  name: "replacement-cycle",
  severity: "error",
  check: (context) =>
    cyclesOf(context, ({ replacedBy }) => (replacedBy === null ? [] : [replacedBy])).map(({ at, cycle }) => ({
      message: `These services replace one another: ${cycle.map((name) => printable(name)).join(" > ")}.`,
      fix: "Name the one that runs, and remove its own replacement.",
      where: atService(at, "replacedBy"),
    })),
};

type Placed = CatalogContext["services"][number];

/** Each cycle once, from the service that comes first in the catalogue and back to it. */
function cyclesOf(
  { services }: CatalogContext,
  nextOf: (service: Placed["service"]) => readonly string[],
): readonly { readonly at: Placed; readonly cycle: readonly string[] }[] {
  const byName = new Map(services.map((placed) => [placed.service.name, placed]));
  const done = new Set<string>();
  const found: { at: Placed; cycle: readonly string[] }[] = [];
  for (const start of services) {
    // By a stack of its own: a chain may be longer than the engine's.
    const chain: { readonly name: string; readonly next: string[] }[] = [];
    const onChain = new Set<string>();
    const enter = (name: string): void => {
      const placed = byName.get(name);
      if (placed === undefined || done.has(name)) return;
      chain.push({ name, next: [...nextOf(placed.service)] });
      onChain.add(name);
    };
    enter(start.service.name);
    for (let top = chain.at(-1); top !== undefined; top = chain.at(-1)) {
      const next = top.next.shift();
      if (next === undefined) {
        chain.pop();
        onChain.delete(top.name);
        done.add(top.name);
        continue;
      }
      if (!onChain.has(next)) {
        enter(next);
        continue;
      }
      const names = chain.map(({ name }) => name);
      const placed = byName.get(next);
      if (placed !== undefined)
        found.push({ at: placed, cycle: [...names.slice(names.indexOf(next)), next] });
    }
  }
  return found;
}
