import { performance } from "node:perf_hooks";
import { importCatalog } from "../../../lib/catalog/markdown/import-markdown";
import { guardEnd, readMarks } from "../../../lib/catalog/markdown/service-markers";

/** Far above what a linear reading takes, far below what any other does. */
const BOUND_MS = 2_000;

function elapsedMs(run: () => void): number {
  const begin = performance.now();
  run();
  return performance.now() - begin;
}

test.each([
  ["backslashes in parentheses", (size: number) => `(${"\\".repeat(size)}${"x".repeat(size)})`],
  ["escaped parentheses", (size: number) => `${"\\(".repeat(size)}x\\`],
  ["escaped pairs", (size: number) => "\\(x\\)".repeat(size)],
  ["nested parentheses", (size: number) => `${"(".repeat(size)}${")".repeat(size)}`],
  ["one tag again and again", (size: number) => "x".concat(" (GPU)".repeat(size / 10))],
])("the end of a description is read in time that grows with its length: %s", (_, make) => {
  const text = make(100_000);
  expect(elapsedMs(() => readMarks(text))).toBeLessThan(BOUND_MS);
  expect(elapsedMs(() => guardEnd(text))).toBeLessThan(BOUND_MS);
});

test("a cell of backslashes in a catalogue too", () => {
  const cell = `(${"\\".repeat(4_000)}${"x".repeat(2_000)})`;
  const text = `## A\n| Service | Description | Stack |\n|-|-|-|\n| a | ${cell} | c |\n`;
  expect(elapsedMs(() => expect(importCatalog(text).problems).toEqual([]))).toBeLessThan(BOUND_MS);
});

test.each([
  "x (GPU)",
  "x \\(a\\) y (GPU)",
  "x (may be merged \\(x\\) y)",
  "(disabled)",
  "x (a)",
  "x \\\\(GPU)",
])("a description that ends like a mark comes back: %s", (description) => {
  expect(readMarks(guardEnd(description))).toEqual({ description, mark: {} });
});
