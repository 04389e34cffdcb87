/** What a section of the benchmark found: data, from which the terminal's text and the document are made. */

/** The first column is text, and so are those in `text`; all others are figures. */
export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Columns that are read as words, from 0. @default the first alone */
  readonly words?: readonly number[];
}

export type Block = { readonly heading: string } | { readonly text: string } | { readonly table: Table };

/** What is to be reached, and what was. */
export interface Bar {
  readonly text: string;
  readonly measured: number;
  readonly rule: "at least" | "at most";
  readonly limit: number;
  /** @default none: a ratio */
  readonly unit?: string;
}

export interface SectionContent {
  readonly blocks: readonly Block[];
  readonly bars: readonly Bar[];
  /** Wrong verdicts of our own, against the known truth: each fails the run, however fast it was. */
  readonly wrong: readonly string[];
  /** Tools that are not on this machine, whose rows are left out. */
  readonly missing: readonly string[];
}

export interface SectionRecord extends SectionContent {
  readonly name: string;
  readonly title: string;
  readonly form: "quick" | "long";
  readonly seconds: number;
}

export function isMet({ measured, rule, limit }: Bar): boolean {
  return rule === "at least" ? measured >= limit : measured <= limit;
}

/** 0 where every verdict of ours was right and every bar was met, else 1. */
export function exitCodeOf({ wrong, bars }: SectionContent): number {
  return wrong.length === 0 && bars.every(isMet) ? 0 : 1;
}
