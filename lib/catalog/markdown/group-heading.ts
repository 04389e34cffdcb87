import { parseInline, parseMarkdown } from "../../text/markdown/parse-markdown";
import { inlineOf, plainText } from "../../text/markdown/plain-text";
import type { CatalogGroup } from "../catalog";

export type GroupTitle = Pick<CatalogGroup, "title" | "tier">;

/** `## Storage & Security (Tier: cluster)` */
export function renderGroupHeading({ title, tier }: GroupTitle): string {
  const end = tier === null ? "" : ` (Tier: ${inlineOf(tier, (source) => !/[()]/.test(source))})`;
  const isRead = (source: string): boolean => {
    const [heading] = parseMarkdown(`## ${source}${end}`).children ?? [];
    const given = readGroupTitle(`${source}${end}`);
    // A # at the end would be taken for the heading's own.
    const isWhole = heading?.children?.at(-1)?.position.end.offset === `## ${source}${end}`.length;
    return isWhole && given?.title === title && given.tier === tier;
  };
  const source = inlineOf(title, isRead);
  return `## ${source}${end}`;
}

/** @param source of the heading, without its #; null where it holds more than words */
export function readGroupTitle(source: string): GroupTitle | null {
  const [, before = source, tierSource] =
    /^(.*?)(?<!\\)\(Tier: ([^()\\]+|(?:\\.|[^()\\])+)\)$/.exec(source) ?? [];
  const title = plainText(parseInline(before));
  const tier = tierSource === undefined ? null : plainText(parseInline(tierSource));
  if (title === null || title === "" || (tierSource !== undefined && tier === null)) return null;
  return { title, tier };
}
