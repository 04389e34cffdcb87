import fc from "fast-check";
import {
  encodeCell,
  isPlainInline,
  parseInline,
  parseMarkdown,
} from "../../../lib/text/markdown/parse-markdown";
import { blockHtml, inlineHtml } from "../../../lib/text/markdown/safe-html";

/** Whatever might stand in a cell; what means something in Markdown comes now and then. */
const line = fc
  .array(
    fc.oneof(
      { weight: 9, arbitrary: fc.constantFrom(..."aB9é.,:;()'\"/+%=?@#$^{}- ") },
      { weight: 1, arbitrary: fc.constantFrom(..."_*`[]<>&!~|\\\t") },
    ),
    { minLength: 1, maxLength: 10 },
  )
  .map((parts) => parts.join(""));

test("a plain line is one text, as the parser reads it in a cell, and is its own HTML", () => {
  let plain = 0;
  fc.assert(
    fc.property(line, (text) => {
      if (!isPlainInline(text)) return;
      plain++;
      const row = parseMarkdown(`| |\n|-|\n|${encodeCell(text)}|`).children?.[0]?.children?.[1];
      const nodes = (row?.children?.[0]?.children ?? []).map(({ type, value }) => ({ type, value }));
      expect(nodes).toEqual([{ type: "text", value: text }]);
      expect(parseInline(text).map(({ type, value }) => ({ type, value }))).toEqual(nodes);
      expect(`<p>x${inlineHtml(text)}</p>`).toBe(blockHtml(`x${text}`));
    }),
    { numRuns: 2_000 },
  );
  expect(plain).toBeGreaterThan(200);
});

test("a text is parsed once while it is among the last million characters", () => {
  const tree = parseMarkdown("# Once");
  expect(parseMarkdown("# Once")).toBe(tree);
  for (let i = 0; i < 3; i++) parseMarkdown(`${i}${"x".repeat(400_000)}`);
  expect(parseMarkdown("# Once")).not.toBe(tree);
  expect(parseMarkdown("# Once")).toEqual(tree);
});
