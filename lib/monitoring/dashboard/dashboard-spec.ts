import type { ProbeSpec } from "../probe-spec";

/** What the dashboard shows and what it is called; pure renderers read this. */
export interface DashboardSpec {
  readonly probe: ProbeSpec;
  readonly title: string;
  readonly uid: string;
  /** Where the runbooks stand; may be a token. */
  readonly runbookBaseUrl: string;
}

export const DEFAULT_TITLE = "Registry integrity";

/** Grafana's own limit. */
export const MAX_UID_LENGTH = 40;
