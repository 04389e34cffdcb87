import type { MarkdownNode } from "./nodes";

/** The node and all below it, in the order of the text. */
export function nodesWithin(node: MarkdownNode): readonly MarkdownNode[] {
  return [node, ...(node.children ?? []).flatMap(nodesWithin)];
}
