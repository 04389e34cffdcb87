import { counted, figure, figures } from "../../bench/report/figures";
import { type Bar, exitCodeOf, isMet, type SectionRecord } from "../../bench/report/record";
import { barTable, renderMarkdown, renderTerminal } from "../../bench/report/render-blocks";
import { type DocumentInput, formOf, renderDocument } from "../../bench/report/render-document";
import { scaledBars, scaledTable } from "../../bench/report/scaled-costs";

test.each([
  [0, "0"],
  [0.03449, "0.034"],
  [0.1, "0.10"],
  [4.266, "4.27"],
  [38.06, "38.1"],
  [12_345.4, "12,345"],
  [Number.NaN, "–"],
  [Number.POSITIVE_INFINITY, "–"],
])("figure(%d) is %s", (value, text) => {
  expect(figure(value)).toBe(text);
});

test("raw figures keep their order, counts their number's grammar", () => {
  expect(figures([3.2, 0.5])).toBe("3.20 · 0.50");
  expect([counted(1, "tag"), counted(1_200, "tag"), counted(2, "index", "indexes")]).toEqual([
    "1 tag",
    "1,200 tags",
    "2 indexes",
  ]);
});

const TABLE = {
  head: ["", "s"],
  rows: [
    ["a | b", "1.0"],
    ["two\nlines", "10.0"],
  ],
};

test("Markdown: what stands in a cell cannot end it, figures are on the right", () => {
  expect(renderMarkdown([{ heading: "A" }, { text: "B." }, { table: TABLE }])).toBe(
    ["### A", "", "B.", "", "|  | s |", "|---|---:|", "| a \\| b | 1.0 |", "| two lines | 10.0 |"].join("\n"),
  );
});

test("the terminal's columns have one width each", () => {
  const table = {
    head: ["", "s", "asked"],
    rows: [
      ["crane", "10.0", "all"],
      ["curl", "1.0", ""],
    ],
    words: [0, 2],
  };
  expect(renderTerminal([{ table }])).toBe(
    ["          s  asked", "crane  10.0  all", "curl    1.0"].join("\n"),
  );
});

const bar = (changes: Partial<Bar>): Bar => ({
  text: "the walk",
  measured: 1,
  rule: "at most",
  limit: 1,
  ...changes,
});

test.each<[Partial<Bar>, boolean]>([
  [{}, true],
  [{ measured: 1.001 }, false],
  [{ rule: "at least", measured: 0.999 }, false],
  [{ rule: "at least", measured: 1 }, true],
  [{ measured: Number.NaN }, false],
  [{ rule: "at least", measured: Number.NaN }, false],
])("a bar of %j is met: %s", (changes, expected) => {
  expect(isMet(bar(changes))).toBe(expected);
  expect(exitCodeOf({ blocks: [], wrong: [], missing: [], bars: [bar({}), bar(changes)] })).toBe(
    expected ? 0 : 1,
  );
});

test("a wrong verdict fails the run, however fast it was", () => {
  expect(exitCodeOf({ blocks: [], bars: [bar({})], missing: [], wrong: ["tallyman says …"] })).toBe(1);
});

test("a bar says what is to be, what was measured, and whether that is met", () => {
  const bars = [
    bar({ limit: 96, measured: 61.2, unit: "MiB" }),
    bar({ rule: "at least", limit: 0.9, measured: 0.5 }),
  ];
  expect(barTable(bars).rows).toEqual([
    ["the walk", "at most 96.0 MiB", "61.2 MiB", "met"],
    ["the walk", "at least 0.90", "0.50", "**MISSED**"],
  ]);
});

test("what grows is shown by number of elements, with its exponent and a bar of its own", () => {
  const costs = [
    {
      name: "flat",
      rounds: new Map([
        [10, [0.1, 0.3, 0.2]],
        [100, [2]],
      ]),
    },
    { name: "once", rounds: new Map([[10, [1]]]) },
  ];
  expect(scaledTable(costs).rows).toEqual([
    ["flat", "10", "0.10 · 0.30 · 0.20", "0.20", "20.0", ""],
    ["", "100", "2.00", "2.00", "20.0", "1.00"],
    ["once", "10", "1.00", "1.00", "100", "–"],
  ]);
  expect(scaledBars(costs)).toEqual([expect.objectContaining({ measured: 1, limit: 1.3 })]);
});

const section = (changes: Partial<SectionRecord>): SectionRecord => ({
  name: "walk",
  title: "The walk",
  form: "quick",
  seconds: 12.3,
  blocks: [{ text: "Walked." }],
  bars: [bar({})],
  wrong: [],
  missing: [],
  ...changes,
});

const document = (changes: Partial<DocumentInput>): string =>
  renderDocument({
    form: "quick",
    rounds: null,
    date: "2026-11-30T12:00:00.000Z",
    machine: [["cores", "2"]],
    versions: [["Node", "20.20.2"]],
    sections: [section({})],
    failed: [],
    ...changes,
  });

describe("the document", () => {
  test("names its form, its date, the machine, the bars and the sections", () => {
    const text = document({});
    expect(text).toContain("on 2026-11-30 (12.3 s)");
    expect(text).toContain("| cores | 2 |");
    expect(text).toContain("| the walk | at most 1.00 | 1.00 | met |");
    expect(text).toContain("## The walk\n\nWalked.\n\nThis section took 12.3 s.\n");
    expect(text).toContain("Every verdict of tallyman's agreed with the known truth.");
    expect(text.endsWith("\n")).toBe(true);
    expect(text).not.toContain("Each figure");
    expect(document({ rounds: 2 })).toContain("Each figure was taken in 2 rounds.");
  });

  test.each(["quick", "long"] as const)("of the %s form is known by it", (form) => {
    expect(formOf(document({ form }))).toBe(form);
  });

  test("that is none of ours has no form", () => {
    expect(formOf("# Benchmarks\n")).toBeNull();
  });

  test("says what is missing, what failed and what was wrong", () => {
    const text = document({
      sections: [
        section({ missing: ["crane"], wrong: ["x says whole"] }),
        section({ missing: ["crane", "ab"] }),
      ],
      failed: ["scan"],
    });
    expect(text).toContain("Not on this machine, and left out: ab, crane.");
    expect(text).toContain("**Without a result in this run: scan.**");
    expect(text).toContain("**Wrong verdicts of tallyman's:**\n\n- x says whole\n");
    expect(text).not.toContain("Every verdict of tallyman's agreed");
  });
});
