import { ConfigurationError, type Problem } from "../core/problem";
import { headingAnchors } from "../text/markdown/heading-anchors";
import type { MarkdownNode } from "../text/markdown/nodes";
import { nodesWithin } from "../text/markdown/nodes-within";
import { parseMarkdown } from "../text/markdown/parse-markdown";
import type { CatalogDocument } from "./catalog-document";
import type { Runbook } from "./runbook";

/** Titles of the sections whose first sentence says when a runbook is the right one: of a procedure, of an alert. */
export const PURPOSE_SECTIONS = ["When to use", "Meaning"] as const;

/**
 * What runbooks say of themselves, in their order: title, sections, and the first sentence of their purpose.
 *
 * @throws ConfigurationError with every file that lacks its title or its purpose
 */
export function runbooksOf(files: readonly CatalogDocument[]): readonly Runbook[] {
  const problems: Problem[] = [];
  const runbooks = files.map((document) => readRunbook(document, problems));
  ConfigurationError.throwIfAny(problems);
  return runbooks;
}

/**
 * A runbook of another repository, which is linked and never read.
 *
 * @param whenToUse in one sentence
 */
export function externalRunbook(file: string, whenToUse: string): Runbook {
  const title = file.slice(file.lastIndexOf("/") + 1);
  return { file, title, sections: [], whenToUse, isExternal: true };
}

function readRunbook(document: CatalogDocument, problems: Problem[]): Runbook {
  const runbook = describeRunbook(document);
  const { file, title, whenToUse } = runbook;
  if (title === "") {
    const fix = "Write `# <title>` as its first line.";
    problems.push({ path: file, rule: "have a title", value: undefined, fix });
  }
  if (whenToUse === "") {
    const fix = `Begin \`## ${PURPOSE_SECTIONS[0]}\` with a sentence.`;
    problems.push({ path: file, rule: "say when to use it", value: undefined, fix });
  }
  return runbook;
}

/** What a file says of itself, with empty texts for what it leaves out. */
export function describeRunbook({ file, markdown }: CatalogDocument): Runbook {
  const headings = headingAnchors(markdown);
  const title = headings.find(({ depth }) => depth === 1)?.title ?? "";
  const whenToUse = firstSentence(purposeOf(parseMarkdown(markdown)));
  const sections = headings
    .filter(({ depth }) => depth > 1)
    .map(({ title: section, anchor }) => ({ title: section, anchor }));
  return { file, title, sections, whenToUse, isExternal: false };
}

/** The words of the first paragraph below the first of those headings that is there. */
function purposeOf({ children = [] }: MarkdownNode): string {
  const isHeading = ({ type }: MarkdownNode): boolean => type === "heading";
  for (const wanted of PURPOSE_SECTIONS) {
    const at = children.findIndex((node) => isHeading(node) && wordsOf(node) === wanted);
    const next = at < 0 ? undefined : children[at + 1];
    if (next?.type === "paragraph") return wordsOf(next);
  }
  return "";
}

function wordsOf(node: MarkdownNode): string {
  const words = nodesWithin(node).map(({ type, value }) => (type === "break" ? " " : (value ?? "")));
  return words.join("").replace(/\s+/g, " ").trim();
}

/** A point within a word, as in 2.8 or a file's name, ends no sentence. */
function firstSentence(text: string): string {
  return /^.*?[.!?](?=\s|$)/.exec(text)?.[0] ?? text;
}
