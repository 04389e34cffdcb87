import type { MarkdownNode } from "../../text/markdown/nodes";
import type { CatalogDomains, SpecialDomain } from "../catalog";
import { DOMAIN_LISTS, SPECIAL_HEADING } from "./form";
import { type MarkdownPart, type MarkdownSource, shown, splitAt } from "./markdown-source";
import { oneLine } from "./one-line";

type ListKind = "proxied" | "direct" | "special";

/** Each list by its heading, with or without what the heading says in parentheses. */
const HEADINGS: Readonly<Record<string, ListKind>> = Object.fromEntries([
  ...DOMAIN_LISTS.flatMap(({ kind, heading }) => [
    [heading, kind],
    [heading.replace(/ \(.*$/, ""), kind],
  ]),
  ["Direct", "direct"],
  [SPECIAL_HEADING, "special"],
]);
const NAME = /[^\s,]+/g;
const DOMAIN = /^[\p{L}\p{N}*_-]+(?:\.[\p{L}\p{N}*_-]+)*\.?$/u;

export interface DomainsReading {
  readonly domains: CatalogDomains;
  /** What stands before the first list, as it is written. */
  readonly intro: string;
}

export function readDomains(source: MarkdownSource, part: MarkdownPart): DomainsReading {
  const { before, parts } = splitAt(part.blocks, () => true);
  const lists: { proxied: string[]; direct: string[] } = { proxied: [], direct: [] };
  const special: SpecialDomain[] = [];
  const seen = new Set<ListKind>();
  for (const one of parts) {
    const title = source.inside(one.heading);
    const kind = Object.hasOwn(HEADINGS, title) ? HEADINGS[title] : undefined;
    if (kind === undefined || one.heading.depth !== 3 || seen.has(kind)) {
      const why = kind !== undefined && seen.has(kind) ? "is there twice" : "is no list of domains";
      const names = [...DOMAIN_LISTS.map(({ heading }) => heading), SPECIAL_HEADING];
      const fix = `The lists are ${names.map((name) => `### ${name}`).join(", ")}, each once; anything else needs a ## heading.`;
      source.wrong(one.heading.position.start, `${shown(title)} ${why}`, fix);
      continue;
    }
    seen.add(kind);
    if (kind === "special") special.push(...one.blocks.flatMap((block) => readSpecial(source, block)));
    else lists[kind].push(...one.blocks.flatMap((block) => readList(source, block)));
  }
  return { domains: { ...lists, special }, intro: source.slice(before) };
}

/** The names in a fence. */
function readList(source: MarkdownSource, block: MarkdownNode): readonly string[] {
  const fence = source.slice([block]);
  if (block.type !== "code" || !/^ {0,3}(?:```|~~~)/.test(fence))
    return noPlace(source, block, "a fence (```)");
  const names: string[] = [];
  (block.value ?? "").split("\n").forEach((line, at) => {
    for (const match of line.matchAll(NAME)) {
      if (DOMAIN.test(match[0])) names.push(match[0]);
      else {
        const { start } = block.position;
        const place = { line: start.line + 1 + at, column: start.column + match.index, offset: start.offset };
        source.wrong(place, `${shown(match[0])} is no domain`, "Write names with commas between them.");
      }
    }
  });
  return names;
}

function readSpecial(source: MarkdownSource, block: MarkdownNode): readonly SpecialDomain[] {
  if (block.type !== "list") return noPlace(source, block, "a list (- `*.name` - words)");
  return (block.children ?? []).flatMap((item) => {
    const [paragraph, ...more] = item.children ?? [];
    const [pattern, ...rest] = paragraph?.children ?? [];
    const words = paragraph === undefined ? "" : source.inside({ ...paragraph, children: rest });
    const isSound = paragraph?.type === "paragraph" && pattern?.type === "inlineCode" && more.length === 0;
    if (isSound && (rest.length === 0 || /^- /.test(words))) {
      return [{ pattern: pattern.value ?? "", description: oneLine(words.replace(/^- /, "")) }];
    }
    const shape = "Write - `*.name` - words, without anything below it.";
    source.wrong(item.position.start, `${shown(source.slice([item]))} is no family of domains`, shape);
    return [];
  });
}

function noPlace(source: MarkdownSource, block: MarkdownNode, expected: string): readonly never[] {
  const fix = `Here stands ${expected}; move the text above the first list, or under a ## heading of its own.`;
  source.wrong(
    block.position.start,
    `${shown(source.slice([block]))} has no place in a list of domains`,
    fix,
  );
  return [];
}
