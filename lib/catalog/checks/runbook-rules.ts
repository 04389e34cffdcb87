import { printable } from "../../core/printable";
import { catalogServices, serviceRunbooks } from "../catalog-services";
import { runbookTarget } from "../runbook-target";
import {
  atPath,
  atService,
  type CatalogContext,
  type CatalogFinding,
  type CatalogPlace,
  type CatalogRule,
} from "./catalog-rule";

/** A link that the catalogue itself writes, and whose it is. */
interface RunbookLink {
  readonly href: string;
  readonly from: string;
  readonly where: CatalogPlace;
}

export const unknownRunbook: CatalogRule = {
  name: "unknown-runbook",
  severity: "error",
  check: ({ runbooks, externalRunbooks, ...context }) =>
    runbooks === null
      ? []
      : linksOf(context).flatMap(({ href, from, where }) => {
          const target = runbookTarget(href);
          if (target === null || runbooks.has(target.file) || externalRunbooks.includes(target.file))
            return [];
          return [
            {
              message: `${from} links the runbook ${printable(target.file)}, which is not there.`,
              fix: "Write it, mend the path, or list it among the external runbooks.",
              where,
            },
          ];
        }),
};

export const unknownAnchor: CatalogRule = {
  name: "unknown-anchor",
  severity: "error",
  check: ({ runbooks, ...context }) =>
    linksOf(context).flatMap(({ href, from, where }): readonly CatalogFinding[] => {
      const target = runbookTarget(href);
      const anchors = target === null ? undefined : runbooks?.get(target.file);
      if (target === null || target.anchor === null || anchors === undefined || anchors.has(target.anchor)) {
        return [];
      }
      const known = [...anchors].slice(0, 12).join(", ") || "none";
      return [
        {
          message: `${from} links the section #${printable(target.anchor)} of ${printable(target.file)}, which it does not have.`,
          fix: `Take one of its sections: ${known}.`,
          where,
        },
      ];
    }),
};

/** Links from other runbooks do not count: nobody would come to the first of a chain. */
export const runbookNotLinked: CatalogRule = {
  name: "runbook-not-linked",
  severity: "warning",
  check: ({ catalog, runbooks, alerts }) => {
    const reached = [
      ...catalogServices(catalog).flatMap(({ service }) => serviceRunbooks(service, alerts)),
      ...(alerts ?? []).flatMap(({ runbook }) => (runbook === null ? [] : [runbook])),
      ...catalog.surfaces.map(({ href }) => href),
    ];
    const files = new Set(reached.map((href) => runbookTarget(href)?.file));
    return [...(runbooks?.keys() ?? [])]
      .filter((file) => !files.has(file))
      .map((file) => ({
        message: `Nothing links the runbook ${printable(file)}.`,
        fix: "Add it to the runbooks of a service, or make a surface of it.",
        where: atPath([]),
      }));
  },
};

function linksOf({
  catalog,
  services,
}: Pick<CatalogContext, "catalog" | "services">): readonly RunbookLink[] {
  return [
    ...services.flatMap((placed) =>
      placed.service.runbooks.map((href, at) => ({
        href,
        from: printable(placed.service.name),
        where: atService(placed, "runbooks", at),
      })),
    ),
    ...catalog.surfaces.map(({ surface, href }, at) => ({
      href,
      from: `The surface ${printable(surface)}`,
      where: atPath(["surfaces", at, "href"]),
    })),
  ];
}
