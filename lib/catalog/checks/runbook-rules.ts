import { printable } from "../../core/printable";
import { nodesWithin } from "../../text/markdown/nodes-within";
import { parseMarkdown } from "../../text/markdown/parse-markdown";
import { serviceRunbooks } from "../catalog-services";
import { leadsOutside, runbookTarget } from "../runbook-target";
import {
  atPath,
  atService,
  type CatalogContext,
  type CatalogFinding,
  type CatalogPlace,
  type CatalogRule,
} from "./catalog-rule";

const RUNBOOK_FOLDER = "docs/runbooks/";

/** A link that the catalogue itself writes, and whose it is. */
interface RunbookLink {
  readonly href: string;
  readonly from: string;
  readonly where: CatalogPlace;
}

export const unknownRunbook: CatalogRule = {
  name: "unknown-runbook",
  severity: "error",
  needs: ["runbooks"],
  check: ({ runbooks, externalRunbooks, ...context }) =>
    linksOf(context).flatMap(({ href, from, where }) => {
      const target = runbookTarget(href);
      if (target === null) return [];
      if (leadsOutside(target)) {
        const message = `${from} links ${printable(href)}, which leads out of the repository.`;
        return [{ message, fix: "Write the path from the repository's root.", where }];
      }
      if (runbooks === null || runbooks.has(target.file) || externalRunbooks.includes(target.file)) return [];
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
  needs: ["runbooks"],
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
  needs: ["runbooks"],
  check: ({ catalog, services, runbooks, alerts }) => {
    if (runbooks === null) return [];
    const reached = [
      ...services.flatMap(({ service }) => serviceRunbooks(service, alerts)),
      ...(alerts ?? []).flatMap(({ runbook }) => (runbook === null ? [] : [runbook])),
      ...linksOf({ catalog, services }).map(({ href }) => href),
    ];
    const files = new Set(reached.map((href) => runbookTarget(href)?.file));
    return [...runbooks.keys()]
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
    ...services.flatMap((placed) => [
      ...placed.service.runbooks.map((href, at) => ({
        href,
        from: printable(placed.service.name),
        where: atService(placed, "runbooks", at),
      })),
      ...runbooksIn(placed.service.description).map((href) => ({
        href,
        from: `The description of ${printable(placed.service.name)}`,
        where: atService(placed, "description"),
      })),
    ]),
    ...catalog.surfaces.map(({ surface, href }, at) => ({
      href,
      from: `The surface ${printable(surface)}`,
      where: atPath(["surfaces", at, "href"]),
    })),
    ...catalog.sections.flatMap(({ markdown, after }, at) =>
      runbooksIn(markdown).map((href) => ({
        href,
        from: after === null ? "The text at the beginning" : `The text after ${printable(after)}`,
        where: atPath(["sections", at, "markdown"], after),
      })),
    ),
  ];
}

/** Addresses of links in Markdown that lead to the folder of runbooks; any other link is free text. */
function runbooksIn(markdown: string): readonly string[] {
  if (!markdown.includes("runbooks/")) return [];
  return nodesWithin(parseMarkdown(markdown))
    .filter(({ type }) => type === "link" || type === "definition")
    .flatMap(({ url = "" }) => (runbookTarget(url)?.file.startsWith(RUNBOOK_FOLDER) === true ? [url] : []));
}
