import { GithubSlugger, nodeText } from "./mdast-bundle";
import type { MarkdownNode } from "./nodes";
import { parseMarkdown } from "./parse-markdown";

export interface HeadingAnchor {
  /** Without mark-up. */
  readonly title: string;
  /** Without the #, as GitHub makes it: a title that stands twice gets a number the second time. */
  readonly anchor: string;
  /** From 1. */
  readonly line: number;
  /** 1 to 6. */
  readonly depth: number;
}

/** The headings of a text in their order, as a link's fragment addresses them. */
export function headingAnchors(markdown: string): readonly HeadingAnchor[] {
  const slugger = new GithubSlugger();
  return headingsOf(parseMarkdown(markdown)).map((heading) => {
    const title = nodeText(heading);
    return {
      title,
      anchor: slugger.slug(title),
      line: heading.position.start.line,
      depth: heading.depth ?? 1,
    };
  });
}

function headingsOf(node: MarkdownNode): readonly MarkdownNode[] {
  if (node.type === "heading") return [node];
  return (node.children ?? []).flatMap(headingsOf);
}
