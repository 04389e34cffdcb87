import { firstBy } from "../core/group-by";
import { type AlertRef, runbookOf } from "../core/references";

/** An alert as the catalogue knows it: what it is about is the service that names it. */
export interface CatalogAlert {
  /** As in `alertname`. */
  readonly name: string;
  /** The file that its `runbook_url` leads to, from the repository's root; null where it has none. */
  readonly runbook: string | null;
  /** As in the label; null where it is not known. */
  readonly severity: string | null;
  /** Plain text; null where it is not known. */
  readonly summary: string | null;
}

/** The alert of a reference, without severity and summary: those are the rule's. */
export function catalogAlert(reference: AlertRef): CatalogAlert {
  return { name: reference.name, runbook: reference.runbook.path, severity: null, summary: null };
}

const byName = new WeakMap<readonly CatalogAlert[], ReadonlyMap<string, CatalogAlert>>();

/** The first of that name. */
export function knownAlert(name: string, known: readonly CatalogAlert[] | null): CatalogAlert | undefined {
  if (known === null) return undefined;
  const index = byName.get(known) ?? firstBy(known, (one) => one.name);
  byName.set(known, index);
  return index.get(name);
}

/** The runbook of an alert: that of the known one, or the one that its name implies. */
export function alertRunbook(name: string, known: readonly CatalogAlert[] | null): string | null {
  const alert = knownAlert(name, known);
  return alert === undefined ? runbookOf(name).path : alert.runbook;
}
