import { headingAnchors } from "../../../lib/text/markdown/heading-anchors";

test("titles without mark-up, anchors as GitHub makes them, lines and depths", () => {
  const text = "# A `b` & c\n\ntext\n\n## Meaning\n\n```\n# no heading\n```\n\n## Meaning\n> ### *Quoted*!\n";
  expect(headingAnchors(text)).toEqual([
    { title: "A b & c", anchor: "a-b--c", line: 1, depth: 1 },
    { title: "Meaning", anchor: "meaning", line: 5, depth: 2 },
    { title: "Meaning", anchor: "meaning-1", line: 11, depth: 2 },
    { title: "Quoted!", anchor: "quoted", line: 12, depth: 3 },
  ]);
});

test("a text without headings has none", () => {
  expect(headingAnchors("")).toEqual([]);
});
