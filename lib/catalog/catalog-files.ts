import { alertLabels, formatAlertLabels, renderAlertRelabeling } from "./alert-labels";
import { knownAlert } from "./catalog-alert";
import { formatCatalogContext } from "./catalog-context-json";
import type { CatalogDocument } from "./catalog-document";
import { formatCatalog } from "./catalog-json";
import type { CatalogContext } from "./checks/catalog-rule";
import type { RuleGrade } from "./checks/check-catalog";
import { renderCatalogMarkdown } from "./markdown/render-markdown";
import type { Runbook } from "./runbook";
import { runbookTarget } from "./runbook-target";
import { describeRunbook } from "./runbooks-of";
import { withoutFrontMatter } from "./site/front-matter";
import { renderSite, type SiteInput } from "./site/render-site";

export const CATALOG_JSON = "catalog.json";
export const CATALOG_MARKDOWN = "service-catalog.md";
export const CATALOG_CONTEXT = "context.json";
export const SITE_PAGE = "site/index.html";

export interface CatalogFilesInput {
  readonly context: CatalogContext;
  readonly rules: Readonly<Record<string, RuleGrade>>;
  readonly runbooks: readonly CatalogDocument[];
  /** Of other repositories. */
  readonly externalRunbooks: readonly Runbook[];
  readonly postMortems: readonly CatalogDocument[];
}

/** Everything that is written of one catalogue, by its path in the catalogue's folder. The same input gives the same bytes. */
export function catalogFiles(input: CatalogFilesInput): Readonly<Record<string, string>> {
  const { catalog, alerts, stacks, tiers, externalRunbooks, baseDomain } = input.context;
  const { rules } = input;
  const labels = alertLabels(catalog, alerts);
  return {
    [CATALOG_JSON]: formatCatalog(catalog),
    [CATALOG_CONTEXT]: formatCatalogContext({ alerts, stacks, tiers, externalRunbooks, rules, baseDomain }),
    [CATALOG_MARKDOWN]: renderCatalogMarkdown(catalog),
    "alert-labels.json": formatAlertLabels(labels),
    "alert-labels.yml": renderAlertRelabeling(labels),
    [SITE_PAGE]: renderSite(siteInput(input)),
  };
}

function siteInput({ context, runbooks, externalRunbooks, postMortems }: CatalogFilesInput): SiteInput {
  const { catalog, alerts } = context;
  return {
    catalog,
    runbooks: runbooks.map((document) => ({ ...document, ...outline(document) })),
    externalRunbooks,
    postMortems: postMortems.map((document) => ({ ...document, title: outline(document).title })),
    alerts: alertLabels(catalog, alerts).map(({ alert: name, services, runbook }) => {
      const known = knownAlert(name, alerts);
      return {
        name,
        severity: known?.severity ?? null,
        summary: known?.summary ?? null,
        runbookFile: runbook === null ? null : (runbookTarget(runbook)?.file ?? null),
        service: services[0] ?? null,
      };
    }),
    // A page that tells when it was made would differ at every synthesis.
    generatedAt: null,
  };
}

function outline({ file, markdown }: CatalogDocument) {
  const said = describeRunbook({ file, markdown: withoutFrontMatter(markdown) });
  const { title, sections, whenToUse } = said;
  return { title: title === "" ? file : title, sections, whenToUse: whenToUse === "" ? null : whenToUse };
}
