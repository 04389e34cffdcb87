import { encodeCell } from "../text/markdown/parse-markdown";
import type { Cause, PostMortem } from "./post-mortem";

/** The document of a post-mortem, in Markdown: what happened, why, what was wrong about it, what it became. */
export function renderPostMortem(postMortem: PostMortem): string {
  const { title, date, impact, timeline, causes, refuted, actions } = postMortem;
  const parts = [
    `# ${title}`,
    `Date: ${date}`,
    "## Impact",
    impact,
    "## Timeline",
    table(
      ["when (UTC)", "what"],
      timeline.map(({ at, text }) => [formatTime(at), text]),
    ),
    "## Cause",
    ...causes.map(causeText),
    ...(refuted.length === 0 ? [] : ["## What was believed first", ...refuted.map(causeText)]),
    "## Actions",
    table(
      ["action", "what it became"],
      actions.map(({ text, became }) => [text, became ?? "open"]),
    ),
  ];
  return `${parts.join("\n\n")}\n`;
}

function causeText({ statement, evidence }: Cause): string {
  if (evidence.length === 0) return oneLine(statement);
  return `${oneLine(statement)}\n\n${evidence.map((one) => `- ${oneLine(one)}`).join("\n")}`;
}

/** `2026-04-19T11:15Z` is `2026-04-19 11:15`; a date alone stays as it is. */
function formatTime(at: string): string {
  return at.replace("T", " ").replace(/Z$/, "");
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => "---"), ...rows.map((row) => row.map(encodeCell))];
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
