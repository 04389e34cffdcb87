import { type Html, html, NOTHING } from "../../core/html";
import type { PlacedService } from "../catalog-services";

const STATUS_WORDS = { active: "active", disabled: "disabled", planned_merge: "planned merge" } as const;

/** As people say it. */
export function statusWord(status: keyof typeof STATUS_WORDS): string {
  return STATUS_WORDS[status];
}

/** What stands out of a service: its status unless active, then its tags. */
export function serviceBadges({ service }: PlacedService): readonly Html[] {
  const { status, tags } = service;
  return [
    ...(status === "active" ? [] : [html`<span class="badge ${status}">${statusWord(status)}</span>`]),
    ...tags.map((tag) => html`<span class="badge tag">${tag}</span>`),
  ];
}

export function tierBadge(tier: string | null): Html {
  return tier === null ? NOTHING : html`<span class="badge tier">${tier}</span>`;
}

/** Critical and warning have colours; any other severity has its word alone. */
export function severityBadge(severity: string | null): Html {
  if (severity === null) return NOTHING;
  const look = severity === "critical" || severity === "warning" ? severity : "plain";
  return html`<span class="badge ${look}">${severity}</span>`;
}
