import { type Html, html, jsonData, NOTHING } from "../../core/html";
import { SERVICE_STATUSES } from "../catalog";
import { statusWord } from "./badges";
import type { SiteIndex } from "./site-index";

/** The search and the filters, which only a script makes work: it takes the hiding away. */
export function toolbar({ services }: SiteIndex): Html {
  const tiers = tally(services.flatMap(({ tier }) => (tier === null ? [] : [tier])));
  const tags = tally(services.flatMap(({ service }) => [...new Set(service.tags)]));
  const statuses = tally(services.map(({ service }) => service.status));
  const words = new Map(SERVICE_STATUSES.map((status) => [status as string, statusWord(status)]));
  return html`<div id="toolbar" role="search" hidden>
<p class="search"><label for="search">Search</label><input id="search" type="search" autocomplete="off" autocapitalize="off" spellcheck="false" placeholder="Name, domain, alert, runbook" aria-describedby="shown" aria-keyshortcuts="/"><kbd aria-hidden="true">/</kbd></p>
<div class="filters">${choices("tier", tiers)}${choices("status", statuses, words)}${choices("tags", tags)}</div>
<p id="shown" role="status"></p>
</div>`;
}

function tally(values: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

const LABELS = { tier: "Tier", status: "Status", tags: "Tag" } as const;

function choices(
  field: keyof typeof LABELS,
  counts: ReadonlyMap<string, number>,
  words: ReadonlyMap<string, string> = new Map(),
): Html {
  if (counts.size === 0) return NOTHING;
  const buttons = [...counts].map(
    ([value, count]) =>
      html`<button type="button" class="choice" data-field="${field}" data-value="${jsonData(value)}" aria-pressed="false">${words.get(value) ?? value} <span class="count">${count}</span></button>`,
  );
  return html`<div class="choices" role="group" aria-label="${LABELS[field]}"><span class="label" aria-hidden="true">${LABELS[field]}</span>${buttons}</div>`;
}
