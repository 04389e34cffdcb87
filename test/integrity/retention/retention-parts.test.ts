import { companionKey, companionSubject } from "../../../lib/integrity/retention/companion-tag";
import { believableTime, configTime } from "../../../lib/integrity/retention/creation-time";
import { parsePodList, tagsInUse } from "../../../lib/integrity/retention/in-use";
import { tagsKeptBy } from "../../../lib/integrity/retention/keep-pattern";

const HEX = "ab".repeat(32);

test.each([
  [`sha256-${HEX}`, `sha256:${HEX}`],
  [`sha256-${HEX}.sig`, `sha256:${HEX}`],
  [`sha512-${HEX}${HEX}.att`, `sha512:${HEX}${HEX}`],
  [`sha512-${HEX}`, null],
])("%s accompanies an image", (tag, digest) => {
  const subject = companionSubject(tag);
  expect(subject?.digest?.toString() ?? null).toBe(digest);
  if (digest !== null) expect(subject?.key).toBe(companionKey(digest));
});

test.each(["latest", "sha256-abc", `sha1-${HEX}`, `x-sha256-${HEX}`])("%s accompanies none", (tag) => {
  expect(companionSubject(tag)).toBeNull();
});

test.each([
  ["2026-01-02T03:04:05Z", Date.UTC(2026, 0, 2, 3, 4, 5)],
  ["1970-01-01T00:00:00Z", null],
  ["0001-01-01T00:00:00Z", null],
  ["1980-01-01T00:00:01Z", null],
  ["yesterday", null],
  [7, null],
])("the time %s", (text, ms) => {
  expect(believableTime(text)).toBe(ms);
});

test("a config that is no JSON has no time", () => {
  expect(configTime(Buffer.from("{"))).toBeNull();
});

test("a pattern is found anywhere unless anchored", () => {
  const tags = ["v1", "v10", "dev1"];
  expect([...tagsKeptBy("v1", tags)]).toEqual(tags);
  expect([...tagsKeptBy("^v1$", tags)]).toEqual(["v1"]);
});

test("a pattern that would run for ever is ended", () => {
  const tag = "a".repeat(127);
  expect(() => tagsKeptBy("^(a+)+$", [`${tag}-`], 100)).toThrow(/longer than 100 ms on 1 tags/);
  expect(() => tagsKeptBy("(", ["a"])).toThrow(/must be a regular expression/);
});

const podsWith = (image: string) =>
  parsePodList(JSON.stringify({ kind: "List", items: [{ spec: { containers: [{ image }] } }] }));

test.each([
  ["registry.example.com:5050/team/app:1", "team/app"],
  ["mirror.example.com/hub/team/app:1", "team/app"],
  ["app:1", "team/app"],
  ["app:1", "app"],
  ["docker.io/library/app:1", "app"],
])("the image %s is looked for in %s", (image, repository) => {
  expect([...tagsInUse(podsWith(image), repository)]).toEqual(["1"]);
});

test("another repository's tags are not in use, and a name that cannot be read is told", () => {
  expect([...tagsInUse(podsWith("h.example/team/app:1"), "team/happ")]).toEqual([]);
  expect(podsWith("h.example/Team/App:1").unreadable).toEqual(["h.example/Team/App:1"]);
});
