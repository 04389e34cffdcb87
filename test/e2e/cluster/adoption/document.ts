import { readFileSync } from "node:fs";
import { join } from "node:path";

const DOCUMENT = join(__dirname, "../../../../docs/adopt.md");

/** What stands in a text of the document, and what stands there in this world. */
export type Substitution = readonly [written: string | RegExp, here: string];

export interface DocumentBlock {
  /** The heading that it stands under. */
  readonly heading: string;
  /** What the paragraph before it begins with in bold; empty where it begins otherwise. */
  readonly topic: string;
  readonly language: string;
  readonly text: string;
}

/** The fenced blocks of docs/adopt.md under one heading of the second level, in its order. */
export function readAdoption(section: string): readonly DocumentBlock[] {
  const [, text] = readFileSync(DOCUMENT, "utf8").split(`\n## ${section}\n`);
  if (text === undefined) throw new Error(`docs/adopt.md has no section "${section}"`);
  const blocks: DocumentBlock[] = [];
  let heading = "";
  let topic = "";
  for (const [part, inner, bold, language, code] of (text.split(/\n## /)[0] ?? "").matchAll(
    /^### (.+)$|^\*\*(.+?)\.?\*\*|^```(\w+)\n([\s\S]*?)^```/gm,
  )) {
    if (inner !== undefined) [heading, topic] = [inner, ""];
    else if (bold !== undefined) topic = bold;
    else if (language !== undefined && code !== undefined)
      blocks.push({ heading, topic, language, text: code });
    else throw new Error(`what is ${part}?`);
  }
  return blocks;
}

/**
 * The one block that fits, with what is this world's own put in its place.
 * @throws Error where there is none or more than one, or where a substitution finds nothing: the document has changed
 */
export function takeBlock(
  blocks: readonly DocumentBlock[],
  want: Partial<Omit<DocumentBlock, "text">> & { readonly holds?: string },
  substitutions: readonly Substitution[] = [],
): string {
  const { holds = "", ...fields } = want;
  const found = blocks.filter(
    (block) =>
      block.text.includes(holds) &&
      Object.entries(fields).every(([key, value]) =>
        Object.entries(block).some(([k, v]) => k === key && v === value),
      ),
  );
  const [block] = found;
  if (block === undefined || found.length > 1) {
    throw new Error(`docs/adopt.md has ${found.length} blocks like ${JSON.stringify(want)}`);
  }
  return substitute(block.text, substitutions);
}

/** @throws Error where one finds nothing */
export function substitute(text: string, substitutions: readonly Substitution[]): string {
  return substitutions.reduce((before, [written, here]) => {
    const after = before.replaceAll(
      typeof written === "string" ? written : new RegExp(written, "gm"),
      () => here,
    );
    if (after === before) throw new Error(`docs/adopt.md has no ${String(written)} any more, in:\n${before}`);
    return after;
  }, text);
}
