/** A time in an incident and what happened then. */
export interface TimelineEntry {
  /** RFC 3339, UTC, as exact as it is known. */
  readonly at: string;
  /** Inline Markdown. */
  readonly text: string;
}

/** Why it happened, and how that is known. */
export interface Cause {
  /** Inline Markdown. */
  readonly statement: string;
  /** What shows it: a test of this repository, a measurement, a source. Inline Markdown. */
  readonly evidence: readonly string[];
}

export interface Action {
  readonly text: string;
  /** What it became, as a construct, a check or a runbook; null while it is open. */
  readonly became: string | null;
}

export interface PostMortem {
  /** From the repository's root: `docs/post-mortems/<date>-<name>.md`. */
  readonly file: string;
  readonly title: string;
  /** `YYYY-MM-DD` */
  readonly date: string;
  readonly impact: string;
  readonly timeline: readonly TimelineEntry[];
  readonly causes: readonly Cause[];
  /** What was believed first, and why it was wrong. */
  readonly refuted: readonly Cause[];
  readonly actions: readonly Action[];
}
