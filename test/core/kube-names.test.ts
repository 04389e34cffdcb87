import fc from "fast-check";
import {
  checkCronJobName,
  checkDataKey,
  checkLabelName,
  checkLabels,
  checkSubdomainName,
  toLabelName,
} from "../../lib/core/kube-names";

const checks = { checkLabelName, checkSubdomainName, checkCronJobName, checkDataKey };

test.each([
  ["checkLabelName", "monitoring", true],
  ["checkLabelName", "a".repeat(63), true],
  ["checkLabelName", "a".repeat(64), false],
  ["checkLabelName", "0-a", true],
  ["checkLabelName", "-a", false],
  ["checkLabelName", "a-", false],
  ["checkLabelName", "a.b", false],
  ["checkLabelName", "A", false],
  ["checkLabelName", "", false],
  ["checkSubdomainName", "a.b-c.d", true],
  ["checkSubdomainName", "a..b", false],
  ["checkSubdomainName", "a.-b", false],
  ["checkSubdomainName", "a_b", false],
  ["checkSubdomainName", "a".repeat(253), true],
  ["checkSubdomainName", "a".repeat(254), false],
  ["checkCronJobName", "a".repeat(52), true],
  ["checkCronJobName", "a".repeat(53), false],
  ["checkDataKey", "ca.crt", true],
  ["checkDataKey", "..data", false],
  ["checkDataKey", ".", false],
  ["checkDataKey", ".dockerconfigjson", true],
  ["checkDataKey", "a/b", false],
] as const)("%s of %j: %j", (check, name, isValid) => {
  const problems = checks[check](name, "name");
  expect(problems.length === 0).toBe(isValid);
  for (const problem of problems) expect(problem).toMatchObject({ path: "name", value: name });
});

test("a name that is too long says by how much", () => {
  expect(checkCronJobName("a".repeat(60), "name")).toMatchObject([
    { rule: "have at most 52 characters", fix: "Leave out 8." },
  ]);
});

test.each([
  [{ team: "infra", "example.com/owner": "A_b.c", empty: "" }, 0],
  [{ "-a": "x" }, 1],
  [{ "a/b/c": "x" }, 1],
  [{ "/a": "x" }, 1],
  [{ "a/": "x" }, 1],
  [{ a: "-x" }, 1],
  [{ a: "x".repeat(64) }, 1],
  [{ a: "two words", "b c": "y" }, 2],
])("labels %j have %d problems", (labels, count) => {
  expect(checkLabels(labels, "labels")).toHaveLength(count);
});

test("an annotation's value is free, its key is not; the path names the key", () => {
  expect(checkLabels({ note: "two words" }, "annotations", false)).toEqual([]);
  expect(checkLabels({ "two words": "x" }, "annotations", false)).toMatchObject([
    { path: 'annotations["two words"]' },
  ]);
});

test.each([
  ["registry.example.com:5050", "registry-example-com-5050"],
  ["[::1]:5000", "1-5000"],
  ["GHCR.io", "ghcr-io"],
  ["--", expect.stringMatching(/^x-[0-9a-f]{8}$/)],
])("%s as a label", (text, label) => {
  expect(toLabelName(text)).toEqual(label);
});

test("any text gives a valid label of at most the length asked for, and long texts that differ at their end differ", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "binary", maxLength: 200 }),
      fc.integer({ min: 16, max: 63 }),
      (text, maxLength) => {
        const label = toLabelName(text, maxLength);
        expect(checkLabelName(label, "name")).toEqual([]);
        expect(label.length).toBeLessThanOrEqual(maxLength);
        expect(toLabelName(text, maxLength)).toBe(label);
      },
    ),
  );
  const host = `${"registry.".repeat(10)}example.com`;
  expect(toLabelName(`${host}:5000`)).not.toBe(toLabelName(`${host}:5001`));
});

test("a cut label is the same for ever", () => {
  expect(toLabelName("a".repeat(100))).toMatchInlineSnapshot(
    `"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-0a0bb1d9"`,
  );
});
