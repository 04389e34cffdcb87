import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { CatalogService } from "../../../lib/catalog/catalog";
import { importCatalog } from "../../../lib/catalog/markdown/import-markdown";
import { renderCatalogMarkdown } from "../../../lib/catalog/markdown/render-markdown";

const HEAD = "| Service | Description | Stack |\n|---------|-------------|-------|\n";
const ROW = "| a | b | c |\n";
const table = (row: string): string => `# Service Catalog\n\n## A\n${HEAD}${row}\n`;

function imported(markdown: string) {
  const { catalog, problems } = importCatalog(markdown);
  expect(problems).toEqual([]);
  if (catalog === null) throw new Error("no catalogue");
  return catalog;
}

const only = (row: string): CatalogService | undefined => imported(table(row)).groups[0]?.services[0];

describe("what a row says", () => {
  test.each<[string, Partial<CatalogService>]>([
    ["| a | b | c |", { name: "a", description: "b", stack: "c", status: "active", tags: [] }],
    ["| a | | — |", { description: "", stack: null }],
    ["| `a_b` | x \\| `y\\|z` | `c` |", { name: "a_b", description: "x | `y|z`", stack: "c" }],
    [
      "| a\\_b | [x](https://e.example/?a=1) **y** | c |",
      { description: "[x](https://e.example/?a=1) **y**" },
    ],
    ["| a | b <br> c | c |", { description: "b <br> c" }],
    ["| ~~a~~ | b | c |", { name: "a", description: "b", status: "disabled", replacedBy: null }],
    ["| ~~a~~ | ~~b~~ (disabled) | c |", { description: "b", status: "disabled", statusNote: null }],
    ["| a | b (disabled) | c |", { description: "b", status: "disabled" }],
    ["| ~~a~~ | ~~b~~ (disabled, no hardware) | c |", { statusNote: "no hardware", replacedBy: null }],
    [
      "| ~~a~~ | ~~b (GPU)~~ (disabled, replaced by d-e, at last) | c |",
      { description: "b", tags: ["GPU"], replacedBy: "d-e", statusNote: "at last" },
    ],
    ["| a | b (GPU) (factory pattern) | c |", { description: "b", tags: ["GPU", "factory pattern"] }],
    ["| a | b (Tags: x, GPU) (Tier: edge) | c |", { tags: ["x", "GPU"], tier: "edge" }],
    ["| a | (GPU) | c |", { description: "", tags: ["GPU"] }],
    ["| a | b(GPU) | c |", { description: "b(GPU)", tags: [] }],
    ["| a | b (GPU, see d) | c |", { description: "b (GPU, see d)", tags: [] }],
    ["| a | b \\(GPU\\) | c |", { description: "b (GPU)", tags: [] }],
    [
      "| a | b (may be merged into d (or e)) | c |",
      { description: "b", status: "planned_merge", statusNote: "may be merged into d (or e)" },
    ],
    ["| a | b (planned merge) | c |", { status: "planned_merge", statusNote: null }],
    ["| a | b \\| | c |", { description: "b |" }],
  ])("%s", (row, expected) => {
    expect(only(row)).toMatchObject(expected);
  });
});

describe("what is not understood has its place, and nothing is read past it", () => {
  test.each([
    [table("| a | b |"), 5 + 1, 1, "this row has 2 cells"],
    [table("| a | b | c | d |"), 6, 1, "this row has 4 cells"],
    [table("| a | b | c |\nwords"), 7, 1, "this row has 1 cells"],
    [table("| [a](b) | b | c |"), 6, 3, '"[a](b)" is no service\'s name'],
    [table("|  | b | c |"), 6, 1, '"" is no service\'s name'],
    [table("| a | b | |"), 6, 9, '"" is no stack'],
    [table("| a | b | **c** |"), 6, 11, '"**c**" is no stack'],
    [table("| ~~a~~ | b (may be merged into d) | c |"), 6, 11, '"a" is struck out, and to be merged'],
    [table("| a | [b][r] | c |\n\n[r]: https://e.example"), 6, 7, "this link's address stands elsewhere"],
    ["## A (Tier: core)\n\nwords\n", 1, 1, '"A (Tier: core)" has no table'],
    ["## A (Tier: core)\n| Service | Stack |\n|-|-|\n", 2, 1, 'the columns of "A (Tier: core)" are not'],
    ["## A\n| Sevice | Description | Stack |\n|-|-|-|\n", 2, 1, 'the columns of "A" are not'],
    [`## *A*\n${HEAD}`, 1, 1, '"*A*" is no title of a group'],
    [`## A\n${HEAD}\n## A\n${HEAD}`, 5, 1, 'the heading "A" is there twice'],
    [`## A\n${HEAD}\n<!-- -->\n\n${HEAD}`, 7, 1, "this is the second table of its kind"],
    ["## Cloudflare Domains\n\n### Proxied (CDN)\n", 3, 1, '"Proxied (CDN)" is no list of domains'],
    ["## Cloudflare Domains\n\n### Proxied\n### Proxied\n", 4, 1, '"Proxied" is there twice'],
    ["## Cloudflare Domains\n### Direct\nwords\n", 3, 1, '"words" has no place in a list of domains'],
    ["## Cloudflare Domains\n### Direct\n```\na,\nb, c:d\n```\n", 5, 4, '"c:d" is no domain'],
    ["## Cloudflare Domains\n### Special Subdomains\n- *.a - b\n", 3, 1, '"- *.a - b" is no family'],
    ["## Cloudflare Domains\n### Special Subdomains\n- `*.a` - b\n  - c\n", 3, 1, "is no family"],
    ["## Key Runbooks\n| Surface | Runbook |\n|-|-|\n| a | b |\n", 4, 5, '"b" is no link to a runbook'],
    ["## Key Runbooks\n| Surface | Runbook |\n|-|-|\n| a | [b](c) d |\n", 4, 5, "is no link to a runbook"],
    ['## Key Runbooks\n| Surface | Runbook |\n|-|-|\n| a | [b](c "d") |\n', 4, 5, "is no link to a runbook"],
    ["## Key Runbooks\n| Surface | Runbook |\n|-|-|\n| **a** | [b](c) |\n", 4, 1, '"**a**" is no surface'],
    ["## Key Runbooks\n| Where | Link |\n|-|-|\n", 2, 1, 'the columns of "Key Runbooks" are not'],
    [`# T\n\n### X\n${HEAD}${ROW}`, 4, 1, "this table of services is in no group"],
    [
      `${table("| a | b | c |")}\n# Appendix\n\n### X\n${HEAD}${ROW}`,
      11,
      1,
      "this table of services is in no group",
    ],
    [`${table("| a | b | c |")}\n## Key Runbooks\n\n${HEAD}${ROW}`, 10, 1, "the columns of"],
    [
      `${table("| a | b | c |")}\n## Cloudflare Domains\n\n${HEAD}${ROW}`,
      10,
      1,
      "this table of services is in no group",
    ],
    [
      `${table("| a | b | c |")}\n## Notes\n\n> ${HEAD.replace(/\n/, "\n> ")}`,
      10,
      3,
      "this table of services is in no group",
    ],
    ["", 1, 1, "no service is in this text"],
    [`# T\n\nwords\n\n## A\n${HEAD}`, 1, 1, "no service is in this text"],
  ])("%j", (markdown, line, column, message) => {
    const { catalog, problems } = importCatalog(markdown);
    expect(catalog).toBeNull();
    expect(problems[0]).toEqual({
      line,
      column,
      message: expect.stringContaining(message),
      fix: expect.any(String),
    });
  });

  test("every problem is told, in the order of the text", () => {
    const { problems } = importCatalog(`${table("| a |\n| b |")}\n## Cloudflare Domains\n### No\n`);
    expect(problems.map(({ line }) => line)).toEqual([6, 7, 10]);
  });
});

describe("what is kept, and where", () => {
  const text = [
    "# My services\n\n> words",
    "## Before\n\n| Port | Use |\n|---|---|\n| 1 | x |",
    `## A (Tier: core)\n\nIntro, with *words*.\n\n${HEAD}| a | b | c |\n\nBehind.`,
    "## Unknown\n\n```\n## no heading\n```\n\n### Deeper\n\ntext",
    `## B\n${HEAD}| d | e | — |\n\nNo introduction.`,
    "## Cloudflare Domains\n\nWords.\n\n### Special Subdomains\n- `*.x` - y",
    "# Appendix\n\n[r]: https://e.example\n",
  ].join("\n\n");

  test("free text survives as it is written", () => {
    const catalog = imported(text);
    expect(renderCatalogMarkdown(catalog)).toBe(text);
    expect(catalog.sections.map(({ after, markdown }) => [after, markdown.slice(0, 12)])).toEqual([
      [null, "# My service"],
      [null, "## Before\n\n|"],
      ["A", "Intro, with "],
      ["A", "Behind."],
      ["A", "## Unknown\n\n"],
      ["B", ""],
      ["B", "No introduct"],
      ["Cloudflare Domains", "Words."],
      ["Cloudflare Domains", "# Appendix\n\n"],
    ]);
  });

  test("a section after a part that is not there is written at the end", () => {
    const catalog = {
      ...imported(table("| a | b | c |")),
      sections: [{ after: "Gone", markdown: "## Lost\n\ntext" }],
    };
    expect(renderCatalogMarkdown(catalog)).toBe(
      `# Service Catalog\n\n## A\n${HEAD}${ROW}\n## Lost\n\ntext\n`,
    );
  });

  test("domains that services claim are in the lists, once", () => {
    const catalog = imported(
      `${table("| a | b | c |")}\n## Cloudflare Domains\n### Direct\n\`\`\`\nx\n\`\`\`\n`,
    );
    const claimed = catalog.groups.map((group) => ({
      ...group,
      services: group.services.map((one) => ({ ...one, domains: { proxied: ["y"], direct: ["X", "z"] } })),
    }));
    const markdown = renderCatalogMarkdown({ ...catalog, groups: claimed });
    expect(markdown).toContain(
      "### Proxied (CDN + WAF enabled)\n```\ny\n```\n\n### Non-Proxied (Direct DNS)\n```\nx, z\n```",
    );
  });
});

describe("normalisations: all that does not come back as it was", () => {
  const seed = readFileSync(join(__dirname, "../fixtures/service-catalog.md"), "utf8");
  const cases: [string, string, string][] = [
    ["line ends and a byte order mark", `\ufeff${seed.replace(/\n/g, "\r\n")}`, seed],
    ["blank lines around tables, and at the end", seed.replace(/\n\|/, "\n\n|").concat("\n\n"), seed],
    ["padding and alignment of tables", table("|a|b|   c|").replace(/\|-+/g, "|:--"), table("| a | b | c |")],
    ["no title", `## A\n${HEAD}${ROW}`, `# Service Catalog\n\n## A\n${HEAD}${ROW}`],
    ["code in a name or a stack", table("| `a` | b | `c` |"), table("| a | b | c |")],
    ["needless escapes of a name", table("| a\\-b | b | c |"), table("| a-b | b | c |")],
    [
      "a disabled service struck out in part",
      table("| ~~a~~ | b | c |"),
      table("| ~~a~~ | ~~b~~ (disabled) | c |"),
    ],
    [
      "marks out of order",
      table("| a | b (Tier: edge) (GPU) | c |"),
      table("| a | b (GPU) (Tier: edge) | c |"),
    ],
    [
      "a second mark of one kind, which is words",
      table("| a | d (disabled) (may be merged into x) | c |"),
      table("| a | d \\(disabled\\) (may be merged into x) | c |"),
    ],
    [
      "lists of domains broken otherwise, without commas, under short headings",
      `## A\n${HEAD}${ROW}\n## Cloudflare Domains\n### Direct\n~~~text\na\nb c\n~~~\n`,
      `${table("| a | b | c |")}\n## Cloudflare Domains\n\n### Non-Proxied (Direct DNS)\n\`\`\`\na, b, c\n\`\`\`\n`,
    ],
    [
      "parts in another order",
      `## Key Runbooks\n\nwords\n\n## A\n\nfirst\n\n${HEAD}${ROW}`,
      `# Service Catalog\n\n## A\n\nfirst\n\n${HEAD}${ROW}\n## Key Runbooks\n\nwords\n`,
    ],
    [
      "an empty list or table of a fixed part",
      `## A\n${HEAD}${ROW}\n## Cloudflare Domains\n### Direct\n\`\`\`\n\`\`\`\n`,
      table("| a | b | c |"),
    ],
  ];
  test.each(cases)("%s", (_, given, expected) => {
    expect(renderCatalogMarkdown(imported(given))).toBe(expected);
    expect(imported(expected)).toEqual(imported(given));
  });
});
