import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import type { PostMortem } from "../../lib/catalog/post-mortem";
import { renderPostMortem } from "../../lib/catalog/render-post-mortem";
import { headingAnchors } from "../../lib/text/markdown/heading-anchors";
import { nodesWithin } from "../../lib/text/markdown/nodes-within";
import { parseMarkdown } from "../../lib/text/markdown/parse-markdown";
import { registryOrphanIndex } from "../../stacks/estate/post-mortems/2026-04-19-registry-orphan-index";

const ROOT = join(__dirname, "../..");
const postMortems: readonly PostMortem[] = [registryOrphanIndex];

describe.each(postMortems)("$file", (postMortem) => {
  test("is what its data renders", () => {
    expect(readFileSync(join(ROOT, postMortem.file), "utf8")).toBe(renderPostMortem(postMortem));
  });

  test("has a name that begins with its date, and times in their order within each day", () => {
    expect(postMortem.file).toMatch(new RegExp(`^docs/post-mortems/${postMortem.date}-[a-z0-9-]+\\.md$`));
    const times = postMortem.timeline.map(({ at }) => at);
    expect(times.filter((at) => !/^\d{4}-\d\d(?:-\d\d(?:T\d\d:\d\dZ)?)?$/.test(at))).toEqual([]);
    const days = times.map((at) => at.slice(0, 10));
    expect(days).toEqual([...days].sort());
  });

  test("proves its causes and its refutations by tests that are there and name the fact", () => {
    const causes = [...postMortem.causes, ...postMortem.refuted];
    const testsOf = (evidence: readonly string[]) =>
      evidence.join(" ").match(/test\/[\w./-]+\.test\.ts/g) ?? [];
    expect(causes.length).toBeGreaterThan(0);
    const unproved = causes.filter(({ evidence }) => testsOf(evidence).length === 0);
    expect(unproved.map(({ statement }) => statement)).toEqual([]);
    const named = causes.flatMap(({ evidence }) => testsOf(evidence));
    expect(named).toEqual(expect.arrayContaining(["test/integration/garbage-collection.test.ts"]));
    expect(named.filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
  });
});

test("every document of the folder has its data", () => {
  const files = readdirSync(join(ROOT, "docs/post-mortems")).map((name) => `docs/post-mortems/${name}`);
  expect(files.sort()).toEqual(postMortems.map(({ file }) => file).sort());
});

test("the tests that the causes lean on hold these facts", () => {
  const collection = readFileSync(join(ROOT, "test/integration/garbage-collection.test.ts"), "utf8");
  const servers = readFileSync(join(ROOT, "test/integration/servers.test.ts"), "utf8");
  for (const fact of ["F1: without -m", "F1, F6, F6b: -m takes every child", "F2: -m keeps the children"])
    expect(collection).toContain(`test("${fact}`);
  for (const fact of [
    "F3: a tag's directory",
    "F4: a child of a live index",
    "F5: the same bytes",
    "F7: a manifest",
  ])
    expect(servers).toContain(`test("${fact}`);
});

const cell = fc.string({ unit: fc.constantFrom("a", "b", "|", "\\", "`", "\n", " "), maxLength: 12 });

test("whatever stands in a row, each row of a table stays one", () => {
  const rows = fc.array(fc.record({ at: fc.constant("2026-04-19T11:15Z"), text: cell }), {
    minLength: 1,
    maxLength: 4,
  });
  fc.assert(
    fc.property(
      rows,
      fc.array(fc.record({ text: cell, became: fc.option(cell) }), { maxLength: 4 }),
      (timeline, actions) => {
        const text = renderPostMortem({ ...registryOrphanIndex, timeline, actions });
        const tables = nodesWithin(parseMarkdown(text)).filter(({ type }) => type === "table");
        const sizes = tables.map(({ children = [] }) => children.length - 1);
        expect(sizes).toEqual([timeline.length, actions.length]);
        const widths = tables.flatMap(({ children = [] }) => children.map((row) => row.children?.length));
        expect(new Set(widths)).toEqual(new Set([2]));
      },
    ),
  );
});

test("what was believed first is a section only where something was", () => {
  const titles = (postMortem: PostMortem) =>
    headingAnchors(renderPostMortem(postMortem)).map(({ title }) => title);
  const all = ["Impact", "Timeline", "Cause", "What was believed first", "Actions"];
  expect(titles(registryOrphanIndex)).toEqual([registryOrphanIndex.title, ...all]);
  expect(titles({ ...registryOrphanIndex, refuted: [] })).not.toContain("What was believed first");
});

test("an open action says so", () => {
  const actions = [{ text: "Ask.", became: null }];
  expect(renderPostMortem({ ...registryOrphanIndex, actions })).toMatch(/\| Ask\. \| open \|\n$/);
});
