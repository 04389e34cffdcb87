import type { MarkdownNode } from "../../../lib/text/markdown/nodes";
import { nodesWithin } from "../../../lib/text/markdown/nodes-within";

/** What a parser of Markdown makes of a comment: node types, the HTML as it is passed on, and the words. */
export function nodesOf(root: MarkdownNode): { types: string[]; markup: string[]; plain: string } {
  const nodes = nodesWithin(root);
  return {
    types: nodes.map(({ type }) => type),
    markup: nodes.flatMap(({ type, value }) => (type === "html" ? [value ?? ""] : [])),
    plain: nodes.flatMap(({ type, value }) => (type === "text" ? [value ?? ""] : [])).join(""),
  };
}
