import { parseMarkdown } from "../../text/markdown/parse-markdown";
import type { CatalogSection } from "../catalog";

/** The free Markdown around one part of a catalogue. */
export interface PlacedSections {
  /** Under the part's heading, before its table or lists; "" for none. */
  readonly intro: string;
  /** Behind them, in order. */
  readonly rest: readonly string[];
}

/**
 * Of the sections after one part the first is its introduction, unless it begins a heading of its own; an empty one
 * says that there is none, and that the next stands behind the table without a heading.
 *
 * @param ownDepth headings of this depth, 1 or 2, or less deep begin a part of their own
 */
export function placeSections(
  sections: readonly CatalogSection[],
  after: string | null,
  ownDepth = 1,
): PlacedSections {
  const own = sections.filter((section) => section.after === after).map(({ markdown }) => markdown.trimEnd());
  const [first, ...rest] = own;
  if (first === undefined) return { intro: "", rest: [] };
  const present = (texts: readonly string[]): readonly string[] => texts.filter((text) => text !== "");
  return beginsPart(first, ownDepth)
    ? { intro: "", rest: present(own) }
    : { intro: first, rest: present(rest) };
}

function beginsPart(markdown: string, ownDepth: number): boolean {
  const [first] = parseMarkdown(markdown).children ?? [];
  return first?.type === "heading" && (first.depth ?? 1) >= ownDepth && (first.depth ?? 1) <= 2;
}
