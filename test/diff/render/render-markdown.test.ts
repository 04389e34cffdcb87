import fc from "fast-check";
import { printable } from "../../../lib/core/printable";
import { DIFF_COMMENT_MARKER, renderDiffMarkdown } from "../../../lib/diff/render/render-markdown";
import { parseMarkdown } from "../../../lib/text/markdown/parse-markdown";
import { change, diffOf } from "./example-diff";
import { nodesOf } from "./markdown-nodes";

test("marker, verdict and worst above, all of it folded below", () => {
  const diff = diffOf(
    change("danger", {
      kind: "secret_in_plain_text",
      before: null,
      after: "…",
      text: "A value is in plain text.",
    }),
    change("info", { text: "From */15 * * * * to 0 * * * *." }),
  );
  const where = "<code>monitoring/kubernetes_cron_job_v1.probe spec.schedule</code>";
  expect(renderDiffMarkdown(diff).split("\n")).toEqual([
    "<!-- tallyman diff -->",
    "",
    "### Synthesized output: danger",
    "",
    "1 danger, 1 info.",
    "",
    `- **danger** A value is in plain text. ${where}`,
    "",
    "<details><summary>All changes: 1 danger, 1 info</summary>",
    "",
    "**Danger (1)**",
    "",
    `- <code>secret_in_plain_text</code> ${where}<br>A value is in plain text.<br>nothing → <code>…</code>`,
    "",
    "**Info (1)**",
    "",
    `- <code>value_changed</code> ${where}<br>From &#42;/15 &#42; &#42; &#42; &#42; to 0 &#42; &#42; &#42; &#42;.`,
    "",
    "</details>",
    "",
  ]);
});

test("nothing changed is a comment too: it takes the place of an earlier one", () => {
  expect(renderDiffMarkdown(diffOf())).toBe(
    "<!-- tallyman diff -->\n\n### Synthesized output: no change\n\nBase and head synthesize to the same.\n",
  );
});

const HOSTILE = [
  ...["_a_b_", "__x__", "a_b", "é_b_"],
  ...["@everyone", "@org/team", "#1", "owner/repo#12", "GH-7", "!12", "~bug", ":shipit:", "a@b.example"],
  ...["https://github.com/o/r/issues/1", "www.example.com", "http://a.example?b=c", "[a](https://b.example)"],
  ...[
    "<img src=x onerror=alert(1)>",
    "</details>",
    "<!-- tallyman diff -->",
    "-->",
    "&lt;",
    "&#64;all",
    "`x`",
    "``",
  ],
  ...[
    "**b**",
    "_i_",
    "~~s~~",
    "# h",
    "- l",
    "1. l",
    "> q",
    "| a | b |",
    "---",
    "\n\n",
    "\n/close\n",
    "\r",
    "\t",
    "\\",
    "$x$",
  ],
  ...[
    "![i](x)",
    "[^1]",
    "[x]: https://y.example",
    "<https://z.example>",
    "\u202e",
    "\u200b",
    "\ud800",
    "```sh\n",
    "a",
    " ",
  ],
];
const hostile = fc
  .array(fc.oneof(fc.constantFrom(...HOSTILE), fc.string()), { maxLength: 8 })
  .map((parts) => parts.join(""));

describe("what an output says is read as it stands", () => {
  test("no markup of Markdown or HTML comes of it, and no text is lost", () => {
    fc.assert(
      fc.property(hostile, hostile, hostile, hostile, (where, before, after, text) => {
        const markdown = renderDiffMarkdown(diffOf(change("risk", { where, before, after, text })));
        const { types, markup, plain } = nodesOf(parseMarkdown(markdown));
        expect(types.filter((type) => !EXPECTED_NODES.has(type))).toEqual([]);
        expect(
          markup.filter(
            (one) =>
              !/^(?:<\/?code>|<br>|<!-- -->|<!-- tallyman diff -->|<details><summary>All changes: 1 risk<\/summary>|<\/details>)$/.test(
                one,
              ),
          ),
        ).toEqual([]);
        expect(markup.filter((one) => one === DIFF_COMMENT_MARKER)).toHaveLength(1);
        const read = plain.replace(/\u200b/g, "").replace(/\s+/g, " ");
        expect(read).toContain(printable(text, 300).replace(/\s+/g, " ").trim());
      }),
    );
  });

  test.each([
    ["a < b & c", "a &#60; b &#38; c"],
    ["@everyone", "&#64;&#8203;everyone"],
    ["owner/repo#12", "owner/repo&#35;&#8203;12"],
    ["see GH-7", "see GH&#45;&#8203;7"],
    ["!12 and ~bug", "&#33;&#8203;12 and &#126;&#8203;bug"],
    ["https://a.example", "https&#58;&#8203;//a.example"],
    ["WWW.a.example", "WWW&#46;&#8203;a.example"],
    [":shipit: at 3:15", "&#58;&#8203;shipit: at 3:15"],
  ])("%s mentions nobody and leads nowhere", (text, written) => {
    expect(renderDiffMarkdown(diffOf(change("risk", { text })))).toContain(`**risk** ${written} <code>`);
  });

  test("in code, where forges look for addresses alone, a comment keeps them apart and copies as it was", () => {
    const shown = renderDiffMarkdown(
      diffOf(change("info", { before: "a@b.example#1", after: "https://www.c.example" })),
    );
    expect(shown).toContain("<code>a&#64;<!-- -->b.example&#35;1</code>");
    expect(shown).toContain("<code>https&#58;<!-- -->//www&#46;<!-- -->c.example</code>");
  });

  test("no line begins with it", () => {
    fc.assert(
      fc.property(hostile, hostile, (text, before) => {
        const lines = renderDiffMarkdown(diffOf(change("risk", { text, before, where: text }))).split("\n");
        expect(
          lines.filter(
            (line) => !/^(?:$|- (?:\*\*|<code>)|<!-- |###|\*\*Risk|1 risk|<\/?details>)/.test(line),
          ),
        ).toEqual([]);
      }),
    );
  });
});

const EXPECTED_NODES = new Set([
  "root",
  "html",
  "heading",
  "paragraph",
  "text",
  "list",
  "listItem",
  "strong",
]);

describe("length", () => {
  const worstCase = change("danger", {
    where: "@".repeat(5_000),
    before: "@\n".repeat(5_000),
    after: "#".repeat(5_000),
    text: "@x".repeat(5_000),
  });

  test.each([1, 12, 200, 5_000])("%d of the longest changes stay below what a forge takes", (count) => {
    const markdown = renderDiffMarkdown(diffOf(...Array.from({ length: count }, () => worstCase)));
    expect(markdown.length).toBeLessThan(65_536);
    expect(markdown.endsWith("\n</details>\n")).toBe(true);
    expect(markdown).toContain(`**danger**`);
  });

  test("what is cut is counted, and the worst stays", () => {
    const all = [change("danger", { kind: "kept" }), ...Array.from({ length: 2_000 }, () => change("info"))];
    const markdown = renderDiffMarkdown(diffOf(...all));
    const rows = markdown.split("\n").filter((line) => line.startsWith("- <code>"));
    const [, cut] = /^… and (\d+) more, cut to fit: `tallyman diff` lists them all\.$/m.exec(markdown) ?? [];
    expect(rows.length).toBeGreaterThan(100);
    expect(rows[0]).toContain("<code>kept</code>");
    expect(rows.length + Number(cut)).toBe(2_001);
  });

  test.each([3_000, 10_000])("with room for %d characters it takes no more", (room) => {
    const diff = diffOf(...Array.from({ length: 200 }, () => change("risk")));
    const { length } = renderDiffMarkdown(diff, room);
    expect(length).toBeLessThanOrEqual(room);
    expect(length).toBeGreaterThan(room - 500);
  });

  test("nothing is said of a cut where there is none", () => {
    expect(renderDiffMarkdown(diffOf(change("info")))).not.toContain("more");
  });

  test("the worst ten stand above, in the order of their grades", () => {
    const all = [
      ...Array.from({ length: 8 }, () => change("notice")),
      ...Array.from({ length: 8 }, () => change("risk")),
    ];
    const above = renderDiffMarkdown(diffOf(...all)).split("<details>")[0] ?? "";
    expect(above.match(/^- \*\*\w+/gm)).toEqual([
      ...Array(8).fill("- **risk"),
      ...Array(2).fill("- **notice"),
    ]);
  });
});
