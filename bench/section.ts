/** What every section of the benchmark has in common: its arguments, its text on the terminal, its record. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import { PROGRAM } from "./probe";
import { exitCodeOf, type SectionContent, type SectionRecord } from "./report/record";
import { barTable, renderTerminal } from "./report/render-blocks";
import { runMain } from "./run-main";

export interface SectionArguments {
  readonly form: "quick" | "long";
  /** Where the record goes, as JSON; null for nowhere. */
  readonly record: string | null;
  /** The bundle that is measured: another one to compare two builds. */
  readonly program: string;
  /** In the place of the form's own number; null for that. */
  readonly rounds: number | null;
}

export interface Section {
  readonly name: string;
  readonly title: string;
  readonly measure: (args: SectionArguments) => Promise<SectionContent>;
}

/** @throws Error for words that are none of a section's */
export function readSectionArguments(words: readonly string[]): SectionArguments {
  const { values } = parseArgs({
    args: [...words],
    options: {
      long: { type: "boolean", default: false },
      record: { type: "string" },
      program: { type: "string", default: PROGRAM },
      rounds: { type: "string" },
    },
  });
  const rounds = values.rounds === undefined ? null : Number(values.rounds);
  if (rounds !== null && !(Number.isInteger(rounds) && rounds > 0)) {
    throw new Error(`--rounds must be a whole number above 0, got ${values.rounds}. Write: --rounds 3`);
  }
  return {
    form: values.long ? "long" : "quick",
    record: values.record ?? null,
    program: values.program,
    rounds,
  };
}

/** Runs a section as this process: exit code 0, 1 for a missed bar or a wrong verdict, 2 where it could not be run. */
export function runSection(section: Section): void {
  runMain(async () => {
    const args = readSectionArguments(process.argv.slice(2));
    const began = performance.now();
    const content = await section.measure(args);
    const seconds = (performance.now() - began) / 1000;
    console.log(`\n${terminalText(content)}\n\n${section.name}: ${seconds.toFixed(0)} s`);
    if (args.record !== null) {
      const { name, title } = section;
      const record: SectionRecord = { ...content, name, title, form: args.form, seconds };
      mkdirSync(dirname(args.record), { recursive: true });
      writeFileSync(args.record, `${JSON.stringify(record, null, 2)}\n`);
    }
    return exitCodeOf(content);
  });
}

function terminalText({ blocks, bars, wrong, missing }: SectionContent): string {
  return renderTerminal([
    ...blocks,
    ...(bars.length === 0 ? [] : [{ table: barTable(bars) }]),
    ...(missing.length === 0 ? [] : [{ text: `not on this machine, and left out: ${missing.join(", ")}` }]),
    ...wrong.map((line) => ({ text: `WRONG: ${line}` })),
  ]);
}
