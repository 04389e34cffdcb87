import { figure } from "./figures";
import type { Block, SectionRecord } from "./record";
import { barTable, renderMarkdown } from "./render-blocks";

export interface DocumentInput {
  readonly form: "quick" | "long";
  /** In the place of the form's own number; null for that. */
  readonly rounds: number | null;
  /** RFC 3339, UTC. */
  readonly date: string;
  /** What the machine is, by name: no host name, no path. */
  readonly machine: readonly (readonly [name: string, value: string])[];
  /** Of every program that was run. */
  readonly versions: readonly (readonly [name: string, version: string])[];
  /** In the order in which they were run. */
  readonly sections: readonly SectionRecord[];
  /** Names of sections that ended without a result. */
  readonly failed: readonly string[];
}

const FORMS = {
  quick:
    "This is the **quick form**: small estates and few rounds, in which start-up weighs more than it does in the long " +
    "form (`npm run bench -- --long`). Each table says what was sampled.",
  long: "This is the **long form** (`npm run bench -- --long`): all sizes, five rounds where nothing else is said.",
} as const;

/** docs/benchmarks.md, whole. */
export function renderDocument(input: DocumentInput): string {
  const { sections, failed } = input;
  const bars = sections.flatMap((section) => section.bars);
  const wrong = sections.flatMap((section) => section.wrong);
  const missing = [...new Set(sections.flatMap((section) => section.missing))].sort();
  const seconds = sections.reduce((sum, section) => sum + section.seconds, 0);
  const parts = [
    "# Benchmarks",
    `Written by \`npm run bench\` on ${input.date.slice(0, 10)} (${figure(seconds)} s), from the figures of that one run on ` +
      "one machine; nothing here is edited by hand. What each section does stands in `bench/README.md`.",
    FORMS[input.form],
    ...(input.rounds === null ? [] : [`Each figure was taken in ${input.rounds} rounds.`]),
    "Medians over the rounds; the raw figures stand in the order of the rounds. A ratio is taken within a round, then the " +
      "median of the ratios: what else the machine does meanwhile hits both sides.",
    ...(failed.length === 0 ? [] : [`**Without a result in this run: ${failed.join(", ")}.**`]),
    ...(missing.length === 0 ? [] : [`Not on this machine, and left out: ${missing.join(", ")}.`]),
    "## Machine and versions",
    renderMarkdown([pairs("", input.machine), pairs("program", input.versions)]),
    "## Bars",
    renderMarkdown([{ table: barTable(bars) }]),
    wrong.length === 0
      ? "Every verdict of tallyman's agreed with the known truth."
      : `**Wrong verdicts of tallyman's:**\n\n${wrong.map((line) => `- ${line}`).join("\n")}`,
    ...sections.flatMap(({ title, blocks, seconds: own }) => [
      `## ${title}`,
      renderMarkdown([...blocks, { text: `This section took ${figure(own)} s.` }]),
    ]),
  ];
  return `${parts.join("\n\n")}\n`;
}

function pairs(name: string, rows: readonly (readonly [string, string])[]): Block {
  return { table: { head: [name, ""], rows, words: [0, 1] } };
}

/** The form that made a document, null where it is none of ours. */
export function formOf(document: string): "quick" | "long" | null {
  const form = /^This is the \*\*(quick|long) form\*\*/m.exec(document)?.[1];
  return form === "quick" || form === "long" ? form : null;
}
