/** Markdown as a tree, in the shapes of mdast: https://github.com/syntax-tree/mdast */

/** A place in the text; lines and columns count from 1, the offset from 0. */
export interface MarkdownPoint {
  readonly line: number;
  readonly column: number;
  readonly offset: number;
}

/** From the first character to behind the last. */
export interface MarkdownSpan {
  readonly start: MarkdownPoint;
  readonly end: MarkdownPoint;
}

/** Any node: which fields it has depends on its type, as `depth` on a heading. */
export interface MarkdownNode {
  readonly type: string;
  readonly children?: readonly MarkdownNode[];
  /** Of text, code, inlineCode and html. */
  readonly value?: string;
  /** Of a heading, 1 to 6. */
  readonly depth?: number;
  /** Of a link, image or definition. */
  readonly url?: string;
  readonly title?: string | null;
  readonly alt?: string | null;
  readonly position: MarkdownSpan;
}

/** A node of an HTML tree: https://github.com/syntax-tree/hast */
export interface HtmlNode {
  readonly type: string;
  readonly tagName?: string;
  readonly value?: string;
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly children?: readonly HtmlNode[];
}
