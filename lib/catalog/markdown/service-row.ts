import type { MarkdownNode } from "../../text/markdown/nodes";
import { encodeCell, parseInline } from "../../text/markdown/parse-markdown";
import { escapeAll, inlineOf, plainText } from "../../text/markdown/plain-text";
import type { CatalogService } from "../catalog";
import { NO_STACK } from "./form";
import { oneLine } from "./one-line";
import { guardEnd, readMarks, renderMarks } from "./service-markers";

/** `| name | description | stack |`, struck out where the service is disabled. */
export function renderServiceRow(service: CatalogService): string {
  const isDisabled = service.status === "disabled";
  const name = isDisabled ? struckName(service.name) : inlineOf(service.name);
  const described = encodeCell(guardEnd(oneLine(service.description)));
  const words = isDisabled ? (strike(described) ?? described) : described;
  const description = `${words}${renderMarks(service)}`.trim();
  const stack = service.stack === null ? NO_STACK : stackSource(service.stack);
  return `| ${encodeCell(name)} | ${encodeCell(description)} | ${encodeCell(stack)} |`;
}

/** What the three cells say; a text that says what is wrong, and in which cell. */
export type RowReading =
  | { readonly service: CatalogService }
  | { readonly column: number; readonly wrong: string; readonly fix: string };

/** @param sources of the three cells, decoded */
export function readServiceRow(sources: readonly [string, string, string]): RowReading {
  const [nameSource, descriptionSource, stackCell] = sources;
  const struck = struckChildren(nameSource);
  const name = plainText(struck ?? parseInline(nameSource));
  if (name === null || name === "") {
    const fix = "Write the name alone, struck out by ~~ where the service is disabled.";
    return { column: 0, wrong: `${show(nameSource)} is no service's name`, fix };
  }
  const stack = stackCell === NO_STACK ? null : plainText(parseInline(stackCell));
  if (stack === "" || (stack === null && stackCell !== NO_STACK)) {
    const fix = `Write the stack's name alone, or ${NO_STACK} where no stack deploys the service.`;
    return { column: 2, wrong: `${show(stackCell)} is no stack`, fix };
  }
  const outer = readMarks(descriptionSource);
  const isDisabled = struck !== null || outer.mark.status === "disabled";
  const inside = isDisabled && struckChildren(outer.description) !== null;
  const inner = inside
    ? readMarks(outer.description.slice(2, -2))
    : { description: outer.description, mark: {} };
  const mark = { ...inner.mark, ...outer.mark };
  const tags = [...(inner.mark.tags ?? []), ...(outer.mark.tags ?? [])];
  if (struck !== null && mark.status === "planned_merge") {
    const fix = "Remove the ~~, or write (disabled).";
    return { column: 1, wrong: `${show(name)} is struck out, and to be merged`, fix };
  }
  return {
    service: {
      name,
      description: inner.description,
      stack,
      tier: mark.tier ?? null,
      status: isDisabled ? "disabled" : (mark.status ?? "active"),
      replacedBy: mark.replacedBy ?? null,
      statusNote: mark.statusNote ?? null,
      tags,
      domains: { proxied: [], direct: [] },
      alerts: [],
      runbooks: [],
      images: [],
      dependsOn: [],
      owner: null,
      pipeline: null,
    },
  };
}

/** A stack that is called as none at all is written as a reference. */
function stackSource(stack: string): string {
  return stack === NO_STACK ? `&#${NO_STACK.codePointAt(0)};` : inlineOf(stack);
}

function struckName(name: string): string {
  const source = `~~${inlineOf(name)}~~`;
  const children = struckChildren(source);
  return children !== null && plainText(children) === name ? source : `~~${escapeAll(name)}~~`;
}

/** The text struck out as a whole; null where ~~ would not do that. */
function strike(source: string): string | null {
  const struck = `~~${source}~~`;
  return source !== "" && struckChildren(struck) !== null ? struck : null;
}

/** What is struck out, where that is all there is. */
function struckChildren(source: string): readonly MarkdownNode[] | null {
  const [only, ...others] = parseInline(source);
  if (only?.type !== "delete" || others.length > 0) return null;
  return source.startsWith("~~") && source.endsWith("~~") ? (only.children ?? []) : null;
}

function show(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}
