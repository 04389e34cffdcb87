import { repositoryOf, verdictCases } from "../../bench/verdicts/cases";
import {
  brokenPromises,
  disagreements,
  type Judged,
  joinJudged,
  type Truth,
  verdictTable,
} from "../../bench/verdicts/compare-verdicts";
import { allBlobs, allManifests } from "../../lib/testing";

const TRUTHS: readonly Truth[] = [
  { name: "sound", isWhole: true, isOnlyInBytes: false },
  { name: "lost", isWhole: false, isOnlyInBytes: false },
  { name: "changed", isWhole: false, isOnlyInBytes: true },
];

const judged = (changes: Partial<Judged>): Judged => ({
  contender: "tallyman",
  promise: "all",
  verdicts: ["whole", "broken", "broken"],
  ...changes,
});

test("the table shows every verdict, in bold what is not the truth", () => {
  const other = judged({ contender: "crane", verdicts: ["broken", "unknown", "broken"] });
  const { head, rows } = verdictTable(TRUTHS, [judged({}), other]);
  expect(head).toEqual(["", "truth", "tallyman", "crane"]);
  expect(rows).toEqual([
    ["sound", "whole", "whole", "**broken**"],
    ["lost", "broken", "broken", "**unknown**"],
    ["changed", "broken", "broken", "broken"],
  ]);
  expect(disagreements(TRUTHS, [judged({}), other])).toEqual([
    "crane: 2 of 3: sound (says broken); lost (says unknown)",
  ]);
});

test.each<[Judged["promise"], Judged["verdicts"], readonly string[]]>([
  ["all", ["whole", "broken", "broken"], []],
  ["all", ["whole", "broken", "whole"], ['tallyman says that "changed" is whole']],
  ["all", [], ["sound", "lost", "changed"].map((name) => `tallyman says that "${name}" is unknown`)],
  ["all but bytes", ["whole", "broken", "whole"], []],
  ["all but bytes", ["whole", "unknown", "whole"], ['tallyman says that "lost" is unknown']],
  ["all but bytes", ["broken", "broken", "whole"], ['tallyman says that "sound" is broken']],
  ["no false alarm", ["whole", "whole", "whole"], []],
  ["no false alarm", ["broken", "whole", "whole"], ['tallyman says that "sound" is broken']],
  ["nothing", ["broken", "whole", "unknown"], []],
])("what promises %j and says %j breaks %j", (promise, verdicts, expected) => {
  expect(brokenPromises(TRUTHS, [judged({ promise, verdicts })])).toEqual(expected);
});

test("parts of one table are joined by contender", () => {
  const parts = [[judged({ verdicts: ["whole"] })], [judged({ verdicts: ["broken", "whole"] })]];
  expect(joinJudged(parts).map(({ verdicts }) => verdicts)).toEqual([["whole", "broken", "whole"]]);
});

test("no case shares a byte with another, so that no damage reaches two", () => {
  const digests = verdictCases().map(({ image }) => [
    ...allManifests(image).map(({ digest }) => `${digest}`),
    ...allBlobs(image).keys(),
  ]);
  expect(new Set(digests.flat()).size).toBe(digests.flat().length);
  const repositories = verdictCases().map(({ truth }) => repositoryOf(truth));
  expect(new Set(repositories).size).toBe(repositories.length);
  expect(repositories.filter((name) => !/^[a-z0-9]+(?:[-/][a-z0-9]+)*$/.test(name))).toEqual([]);
});
