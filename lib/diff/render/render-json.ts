import type { OutputDiff } from "../change";

/** `tallyman.diff/1`: its keys and no other, in this order. Its texts quote outputs and are escaped for nothing but JSON. */
export function renderDiffJson({ schema, grade, changes }: OutputDiff): string {
  const rows = changes.map(({ grade, kind, where, before, after, text }) => ({
    ...{ grade, kind, where, before, after, text },
  }));
  return `${JSON.stringify({ schema, grade, changes: rows }, null, 2)}\n`;
}
