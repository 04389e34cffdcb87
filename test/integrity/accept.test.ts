import { AcceptFileError, acceptanceOf, parseAcceptFile } from "../../lib/integrity/accept";
import { finding } from "./assessment-fixture";

const digest = `sha256:${"a".repeat(64)}`;
const entry = { repository: "team/app", digest, until: "2026-12-31", reason: "being rebuilt" };
const file = (...accept: unknown[]) => JSON.stringify({ accept });

test("a file is read, by digest and by tag", () => {
  const byTag = {
    repository: "team/app",
    tag: "old",
    until: "2026-06-01T12:00:00+02:00",
    reason: "gone for good",
  };
  expect(parseAcceptFile(file(entry, byTag))).toEqual([
    { ...entry, tag: null, untilMs: Date.UTC(2027, 0, 1) },
    { ...byTag, digest: null, untilMs: Date.UTC(2026, 5, 1, 10) },
  ]);
  expect(parseAcceptFile(file())).toEqual([]);
});

test.each([
  ["no JSON", "{", "must be JSON"],
  ["no object", "[]", 'must be an object with an array "accept"'],
  ["another key", '{"accepted":[]}', 'must be an object with an array "accept"'],
  ["no entry", file(null), "accept[0] must be an object"],
  [
    "no repository",
    file(entry, { ...entry, repository: "" }),
    'accept[1].repository must be a repository name as team/app, got ""',
  ],
  [
    "a repository with its host",
    file({ ...entry, repository: "r.io:5000/app" }),
    'accept[0].repository must be a repository name as team/app, got "r.io:5000/app"',
  ],
  [
    "neither digest nor tag",
    file({ ...entry, digest: undefined }),
    'accept[0] must have either "digest" or "tag"',
  ],
  ["both", file({ ...entry, tag: "x" }), 'accept[0] must have either "digest" or "tag"'],
  [
    "a short digest",
    file({ ...entry, digest: "sha256:aa" }),
    'accept[0].digest must be sha256:<64 hex> or sha512:<128 hex>, got "sha256:aa"',
  ],
  [
    "what moves a terminal",
    file({ ...entry, repository: "\u007f" }),
    'accept[0].repository must be a repository name as team/app, got "\\u007f"',
  ],
  ["no tag", file({ ...entry, digest: undefined, tag: "a b" }), 'accept[0].tag must be a tag, got "a b"'],
  ["no reason", file({ ...entry, reason: undefined }), "accept[0].reason must say why"],
  [
    "no date",
    file({ ...entry, until: undefined }),
    "accept[0].until must be a date as 2026-12-31 or an RFC 3339 time, got nothing",
  ],
])("%s is refused", (_, text, message) => {
  expect(() => parseAcceptFile(text)).toThrow(AcceptFileError);
  expect(() => parseAcceptFile(text)).toThrow(message);
});

test.each([
  "tomorrow",
  "12",
  "next year 2030",
  "2026-02-31",
  "2026-13-01",
  "31.12.2026",
  "2026-12-31T25:00:00Z",
  "2026-12-31T10:00",
  "2026-02-30T10:00:00Z",
])("until %j is no date", (until) => {
  expect(() => parseAcceptFile(file({ ...entry, until }))).toThrow(
    `accept[0].until must be a date as 2026-12-31 or an RFC 3339 time, got "${until}"`,
  );
});

test("damage is covered by its repository and digest until the date has passed", () => {
  const acceptances = parseAcceptFile(file(entry));
  const lastMoment = Date.UTC(2027, 0, 1) - 1;
  const damage = finding({ repository: "team/app", digest, tags: ["latest"] });
  expect(acceptanceOf(damage, acceptances, lastMoment)).toBe(acceptances[0]);
  expect(acceptanceOf(damage, acceptances, lastMoment + 1)).toBeNull();
  expect(acceptanceOf({ ...damage, repository: "team/other" }, acceptances, 0)).toBeNull();
  expect(acceptanceOf({ ...damage, digest: digest.replace("a", "b") }, acceptances, 0)).toBeNull();
  expect(acceptanceOf({ ...damage, digest: null }, acceptances, 0)).toBeNull();
});

test("a tag is accepted only where the tag itself does not resolve", () => {
  const acceptances = parseAcceptFile(file({ ...entry, digest: undefined, tag: "old" }));
  const damage = finding({ repository: "team/app", digest: null, tags: ["old"] });
  expect(acceptanceOf(damage, acceptances, 0)).toBe(acceptances[0]);
  expect(acceptanceOf({ ...damage, tags: ["new"] }, acceptances, 0)).toBeNull();
  expect(acceptanceOf({ ...damage, digest }, acceptances, 0)).toBeNull();
});
