import { readFileSync } from "node:fs";
import { join } from "node:path";

const RUNBOOKS = join(__dirname, "../../../../docs/runbooks");

/**
 * The `console` blocks of one section, each as a script: what somebody who was paged copies out of the document.
 *
 * @param runbook its file's name, without `.md`
 * @param section its heading, as `Diagnosis`
 * @throws Error where the section has none
 */
export function runbookCommands(runbook: string, section: string): readonly string[] {
  const text = readFileSync(join(RUNBOOKS, `${runbook}.md`), "utf8");
  const part = text.split(/^## /m).find((one) => one.startsWith(`${section}\n`)) ?? "";
  const blocks = [...part.matchAll(/^( *)```console\n([\s\S]*?)^ *```$/gm)];
  if (blocks.length === 0) throw new Error(`${runbook}.md has no console block under "${section}"`);
  return blocks.map(([, indent = "", body = ""]) => body.replace(new RegExp(`^${indent}`, "gm"), ""));
}

/** The one command of the section that holds these words. @throws Error where none or several do */
export function runbookCommand(runbook: string, section: string, words: string): string {
  const found = runbookCommands(runbook, section).filter((one) => one.includes(words));
  const [command] = found;
  if (command === undefined || found.length > 1) {
    throw new Error(`${found.length} commands of ${runbook}.md, ${section}, hold "${words}"`);
  }
  return command;
}
