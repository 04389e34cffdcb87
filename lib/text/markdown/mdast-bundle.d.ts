/** What lib/text/markdown uses of the bundled packages, in its own types. */
import type { HtmlNode, MarkdownNode } from "./nodes";

type Extension = { readonly brand: "extension" };

export declare class GithubSlugger {
  slug(text: string): string;
}

/** What may stay of a tree: https://github.com/syntax-tree/hast-util-sanitize#schema */
export interface SanitizeSchema {
  readonly tagNames: readonly string[];
  readonly attributes: Readonly<Record<string, readonly string[]>>;
  readonly protocols: Readonly<Record<string, readonly string[]>>;
  readonly strip: readonly string[];
  readonly clobber: readonly string[];
}

export declare function sanitize(tree: HtmlNode, schema: SanitizeSchema): HtmlNode;
export declare function toHtml(tree: HtmlNode): string;
export declare function toHast(tree: MarkdownNode): HtmlNode;
export declare function nodeText(node: MarkdownNode): string;
export declare function gfmTable(): Extension;
export declare function gfmStrikethrough(options: { readonly singleTilde: boolean }): Extension;
export declare function gfmTableFromMarkdown(): Extension;
export declare function gfmStrikethroughFromMarkdown(): Extension;
export declare function fromMarkdown(
  text: string,
  options: { readonly extensions: readonly Extension[]; readonly mdastExtensions: readonly Extension[] },
): MarkdownNode;
