import type { Catalog } from "../catalog";
import type { Runbook, RunbookSection } from "../runbook";

export interface SiteDocument {
  /** From the repository's root, with / between its parts. */
  readonly file: string;
  readonly title: string;
  /** Whole text; what it links to in the repository is linked where the page holds it. */
  readonly markdown: string;
}

export interface SiteRunbook extends SiteDocument {
  /** In their order, without the title's own heading. */
  readonly sections: readonly RunbookSection[];
  /** In one sentence; null where the text does not say it. */
  readonly whenToUse: string | null;
}

export interface SiteAlert {
  /** As in `alertname`. */
  readonly name: string;
  /** As in the label; null where it is not known. */
  readonly severity: string | null;
  /** Plain text; null where it is not known. */
  readonly summary: string | null;
  /** From the repository's root; null for none. The page may lack it. */
  readonly runbookFile: string | null;
  /** Name of a service; null for none. Services that name the alert are found beside it. */
  readonly service: string | null;
}

/** All that the page shows. Names and texts may hold anything. */
export interface SiteInput {
  readonly catalog: Catalog;
  readonly runbooks: readonly SiteRunbook[];
  /** Of other repositories: named, not shown. */
  readonly externalRunbooks: readonly Runbook[];
  readonly postMortems: readonly SiteDocument[];
  readonly alerts: readonly SiteAlert[];
  /** Shown as it is; null leaves it out, so that equal catalogues give equal bytes. */
  readonly generatedAt: string | null;
}
