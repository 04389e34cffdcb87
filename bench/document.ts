/**
 * Writes docs/benchmarks.md of the sections' records. Arguments: [--long], [--rounds n], --load (the machine's load average when the run
 * began), the records' folder, the sections' names.
 */
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { machine, versions } from "./machine";
import type { SectionRecord } from "./report/record";
import { formOf, renderDocument } from "./report/render-document";
import { runMain } from "./run-main";

const DOCUMENT = "docs/benchmarks.md";

runMain(async () => {
  const { values, positionals } = parseArgs({
    options: {
      long: { type: "boolean", default: false },
      rounds: { type: "string" },
      load: { type: "string", default: "unknown" },
    },
    allowPositionals: true,
  });
  const [folder = "", ...names] = positionals;
  const fileOf = (name: string) => join(folder, `${name}.json`);
  const failed = names.filter((name) => !existsSync(fileOf(name)));
  const sections = names
    .filter((name) => !failed.includes(name))
    .map((name): SectionRecord => JSON.parse(readFileSync(fileOf(name), "utf8")));
  const form = values.long ? "long" : "quick";
  const before = existsSync(DOCUMENT) ? formOf(readFileSync(DOCUMENT, "utf8")) : null;
  const text = renderDocument({
    form,
    rounds: values.rounds === undefined ? null : Number(values.rounds),
    date: new Date().toISOString(),
    machine: [...machine(), ["load average when it began", values.load]],
    versions: versions(),
    sections,
    failed,
  });
  writeFileSync(`${DOCUMENT}.tmp`, text);
  renameSync(`${DOCUMENT}.tmp`, DOCUMENT);
  console.log(`\n${sections.map(({ name, seconds }) => `${name} ${seconds.toFixed(0)} s`).join(", ")}`);
  console.log(`wrote ${DOCUMENT}, ${form} form`);
  if (before === "long" && form === "quick") {
    console.log(
      `It held the figures of a long run: \`git checkout ${DOCUMENT}\` brings back what was committed.`,
    );
  }
  return failed.length === 0 ? 0 : 2;
});
