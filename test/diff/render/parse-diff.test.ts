import fc from "fast-check";
import { GRADES } from "../../../lib/diff/change";
import { DiffFormatError, parseDiff } from "../../../lib/diff/render/parse-diff";
import { renderDiffJson } from "../../../lib/diff/render/render-json";
import { change, diffOf } from "./example-diff";

const changes = fc.array(
  fc.record({
    grade: fc.constantFrom(...GRADES),
    kind: fc.stringMatching(/^[a-z][a-z0-9_]{0,20}$/),
    where: fc.string({ unit: "binary" }),
    before: fc.option(fc.string({ unit: "binary" })),
    after: fc.option(fc.string()),
    text: fc.string(),
  }),
);

test("what is written is read back", () => {
  fc.assert(
    fc.property(changes, (all) => {
      const diff = diffOf(...all);
      expect(parseDiff(renderDiffJson(diff))).toEqual(diff);
    }),
  );
});

test("the JSON has the keys of tallyman.diff/1 and no other, in their order", () => {
  const [one] = [{ ...change("risk", { before: null }), secret: "hunter2" }];
  expect(renderDiffJson(diffOf(one))).toBe(
    `${JSON.stringify(
      {
        schema: "tallyman.diff/1",
        grade: "risk",
        changes: [
          {
            grade: "risk",
            kind: "value_changed",
            where: "monitoring/kubernetes_cron_job_v1.probe spec.schedule",
            before: null,
            after: "0 * * * *",
            text: "The probe runs every hour instead of every 15 minutes.",
          },
        ],
      },
      null,
      2,
    )}\n`,
  );
});

test("keys of a later form are passed over, and never reach what is rendered", () => {
  const later = {
    schema: "tallyman.diff/1",
    grade: "info",
    more: 1,
    changes: [{ ...change("info"), more: 2 }],
  };
  expect(parseDiff(JSON.stringify(later))).toEqual(diffOf(change("info")));
});

const sound = { schema: "tallyman.diff/1", grade: "risk", changes: [change("risk")] };
const withChange = (own: object) => ({ ...sound, changes: [{ ...change("risk"), ...own }] });

test.each<[string, unknown]>([
  ['schema must be "tallyman.diff/1", got "tallyman.diff/2"', { ...sound, schema: "tallyman.diff/2" }],
  ['schema must be "tallyman.diff/1", got nothing', {}],
  ["the diff must be an object, got a list", []],
  ["the diff must be an object, got null", null],
  ["changes must be a list, got an object", { ...sound, changes: {} }],
  ['grade must be "risk", the worst of the changes, got "none"', { ...sound, grade: "none" }],
  ["changes[0] must be an object, got 7", { ...sound, changes: [7] }],
  [
    'changes[0].grade must be one of none, info, notice, risk, danger, got "bad"',
    withChange({ grade: "bad" }),
  ],
  ['changes[0].kind must be a word as alert_removed, got "a b"', withChange({ kind: "a b" })],
  ["changes[0].where must be text, got nothing", withChange({ where: undefined })],
  ["changes[0].before must be text, got an object", withChange({ before: {} })],
  ["changes[0].text must be text, got false", withChange({ text: false })],
])("%s", (message, value) => {
  expect(() => parseDiff(JSON.stringify(value))).toThrow(new DiffFormatError(message));
});

test("more changes than anybody reads are refused", () => {
  const many = `{"schema":"tallyman.diff/1","grade":"none","changes":[${"0,".repeat(100_000)}0]}`;
  expect(() => parseDiff(many)).toThrow("changes must be at most 100000, got 100001");
});

test("nothing of a text that is no JSON is told", () => {
  expect.assertions(2);
  try {
    parseDiff("PLUGIN_TOKEN=hunter2");
  } catch (error) {
    expect(error).toBeInstanceOf(DiffFormatError);
    expect(String(error)).not.toContain("PLUGIN");
  }
});

test("keys of an object's prototype are no keys of a change", () => {
  const text = renderDiffJson(diffOf(change("risk"))).replace(
    '"kind": "value_changed",',
    '"__proto__": {"kind": "a"},',
  );
  expect(() => parseDiff(text)).toThrow("changes[0].kind must be text, got nothing");
});
