/** The packages that read and write Markdown are ES modules alone: the build makes one CommonJS file of them. */
export { default as GithubSlugger } from "github-slugger";
export { sanitize } from "hast-util-sanitize";
export { toHtml } from "hast-util-to-html";
export { fromMarkdown } from "mdast-util-from-markdown";
export { gfmStrikethroughFromMarkdown } from "mdast-util-gfm-strikethrough";
export { gfmTableFromMarkdown } from "mdast-util-gfm-table";
export { toHast } from "mdast-util-to-hast";
export { toString as nodeText } from "mdast-util-to-string";
export { gfmStrikethrough } from "micromark-extension-gfm-strikethrough";
export { gfmTable } from "micromark-extension-gfm-table";
