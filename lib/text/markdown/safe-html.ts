import { GithubSlugger, nodeText, type SanitizeSchema, sanitize, toHast, toHtml } from "./mdast-bundle";
import type { HtmlNode, MarkdownNode } from "./nodes";
import { isPlainInline, NOWHERE, parseInline, parseMarkdown } from "./parse-markdown";

export interface HtmlOptions {
  /** Before every relative link, with a slash at its end, as `https://example.com/repo/blob/main/`; default: none. */
  readonly baseHref?: string;
  /** Says where a link leads; null takes the link away and leaves its words. It sees the href before `baseHref`. */
  readonly mapHref?: (href: string) => string | null;
  /** Headings get ids: this and the anchor that GitHub would give them; default: they get none. */
  readonly idPrefix?: string;
  /** Added to the depth of every heading, so that a page keeps its own outline; default 0. */
  readonly headingOffset?: number;
}

/** What a text from outside may bring into a page: words, lists, tables, code, and links to web pages and mail. */
const SCHEMA: SanitizeSchema = {
  tagNames: [
    ..."a blockquote br code del em h1 h2 h3 h4 h5 h6 hr li ol p pre strong".split(" "),
    ..."table tbody td th thead tr ul".split(" "),
  ],
  attributes: {
    a: ["href"],
    code: ["className"],
    ol: ["start"],
    td: ["align"],
    th: ["align"],
    ...Object.fromEntries([1, 2, 3, 4, 5, 6].map((depth) => [`h${depth}`, ["id"]])),
  },
  protocols: { href: ["http", "https", "mailto"] },
  strip: ["script", "style"],
  // Ids are ours alone, made below with the caller's prefix.
  clobber: [],
};

/** One line of Markdown as HTML without a block around it; raw HTML in it is shown as text. */
export function inlineHtml(markdown: string, options: HtmlOptions = {}): string {
  if (isPlainInline(markdown)) return markdown;
  return render({ type: "paragraph", children: parseInline(markdown) }, options, (tree) => ({
    type: "root",
    children: tree.children ?? [],
  }));
}

/** A whole text as HTML; raw HTML in it is shown as text, comments are left out, images become links to them. */
export function blockHtml(markdown: string, options: HtmlOptions = {}): string {
  return render(parseMarkdown(markdown), options, (tree) => tree);
}

type Loose = Omit<MarkdownNode, "position">;

function render(root: Loose, options: HtmlOptions, open: (tree: HtmlNode) => HtmlNode): string {
  const slugger = new GithubSlugger();
  const tamed = { ...root, position: NOWHERE, children: (root.children ?? []).flatMap(tame) };
  const finish = (node: HtmlNode): readonly HtmlNode[] => {
    const children = (node.children ?? []).flatMap(finish);
    if (node.tagName === "a") return link({ ...node, children }, options);
    const depth = /^h([1-6])$/.exec(node.tagName ?? "")?.[1];
    if (depth === undefined) return [node.children === undefined ? node : { ...node, children }];
    const id = options.idPrefix === undefined ? {} : { id: options.idPrefix + slugger.slug(textOf(node)) };
    const tagName = `h${Math.min(6, Number(depth) + (options.headingOffset ?? 0))}`;
    return [{ ...node, tagName, properties: id, children }];
  };
  const [tree] = finish(open(toHast(tamed)));
  // Last, so that nothing that was mapped or joined above escapes it.
  return tree === undefined ? "" : toHtml(sanitize(tree, SCHEMA)).trim();
}

/** Without raw HTML and without anything that a page would fetch. */
function tame(node: MarkdownNode): readonly MarkdownNode[] {
  const children = node.children?.flatMap(tame);
  if (node.type === "html") {
    const value = (node.value ?? "").replace(/<!--[\s\S]*?-->/g, "");
    if (/^<br\s*\/?>$/i.test(value)) return [{ type: "break", position: node.position }];
    return value.trim() === "" ? [] : [{ type: "text", value, position: node.position }];
  }
  if (node.type === "image") {
    const words = { type: "text", value: node.alt || node.url || "image", position: node.position };
    return [{ type: "link", url: node.url ?? "", children: [words], position: node.position }];
  }
  if (node.type === "imageReference") {
    return [{ type: "text", value: node.alt || nodeText(node), position: node.position }];
  }
  return [children === undefined ? node : { ...node, children }];
}

function link(node: HtmlNode, { baseHref, mapHref }: HtmlOptions): readonly HtmlNode[] {
  const given = typeof node.properties?.href === "string" ? node.properties.href : "";
  const mapped = mapHref === undefined ? given : mapHref(given);
  if (mapped === null) return node.children ?? [];
  const isRelative = mapped === given && !/^(?:[a-z][a-z0-9+.-]*:|\/\/|#)/i.test(mapped);
  const href = baseHref !== undefined && isRelative ? join(baseHref, mapped) : mapped;
  return [{ ...node, properties: { href } }];
}

function join(base: string, href: string): string {
  if (href.startsWith("/")) return href;
  const parts = `${base}${href}`.split("/");
  const [scheme = ""] = /^[a-z][a-z0-9+.-]*:\/\/[^/]*\//i.exec(base) ?? [];
  const kept: string[] = [];
  for (const part of parts.slice(scheme === "" ? 0 : 3)) {
    if (part === ".." && kept.length > 0 && kept.at(-1) !== "..") kept.pop();
    else if (part !== "." && !(part === ".." && scheme !== "")) kept.push(part);
  }
  return scheme + kept.join("/");
}

function textOf(node: HtmlNode): string {
  return node.value ?? (node.children ?? []).map(textOf).join("");
}
