import fc from "fast-check";
import { renderTable } from "../../lib/cli/render-table";
import { parseAcceptFile } from "../../lib/integrity/accept";
import type { BlobWish } from "../../lib/integrity/blob-wish";
import { assessmentOf, draft, type WalkFacts } from "../integrity/assessment-fixture";

const doubt = { reason: "timeout", repository: "team/app", reference: "1", detail: "no answer" } as const;
const render = (walk: WalkFacts = {}, blobs: BlobWish = "range") =>
  renderTable(assessmentOf(walk), { blobs });
const digestOf = (n: number) => `sha256:${n.toString(16).padStart(64, "0")}`;

test("a healthy registry", () => {
  expect(render()).toBe(
    [
      "registry.example.com: 3 repositories, 20 tags, 6 indexes, 18 manifests, 40 blobs in 1.5 s (90 requests)",
      "",
      "WHOLE: all that was walked is there",
      "",
    ].join("\n"),
  );
});

test("a rotation says which slice this run proves", () => {
  expect(render({}, { rotate: { k: 2, n: 4 } })).toContain(
    "\nnote: of the blobs slice 2/4 is proven by this run; ",
  );
  expect(render({}, "full")).not.toContain("note:");
});

test("damage: kind, platform, digest, tags, way, cause and repair", () => {
  const digest = digestOf(7);
  const path = ["latest", digestOf(1), digest];
  const text = render({
    findings: [draft({ tags: ["1", "latest"], digest, path, platform: "linux/arm64" })],
  });
  expect(text).toContain(
    [
      "DAMAGE (1)",
      "  index_child_missing  team/app  linux/arm64",
      `    digest  ${digest}`,
      "    tags    1, latest",
      "    path    latest > sha256:000000000000 > sha256:000000000000",
      "    seen    answers 404",
      "  repair of index_child_missing:",
      "    PUT the same manifest bytes again",
    ].join("\n"),
  );
  expect(text).toMatch(/\nDAMAGED: 1 broken reference; 100\.0 % of it could be determined\n$/);
});

test("each repair is named once, with the kinds that it mends", () => {
  const kinds = ["index_child_missing", "layer_missing", "config_missing", "index_child_missing"] as const;
  const text = render({ findings: kinds.map((kind, i) => draft({ kind, digest: digestOf(i) })) });
  expect(text.match(/^ {2}repair of .*$/gm)).toEqual([
    "  repair of index_child_missing:",
    "  repair of layer_missing, config_missing:",
  ]);
  expect(render({ findings: [draft({ kind: "schema1" })] })).not.toContain("repair");
});

test("a tag that does not resolve has no digest", () => {
  const finding = draft({ kind: "manifest_missing", digest: null, tags: ["old"], path: ["old"] });
  expect(render({ findings: [finding] })).toContain(
    "    digest  unknown: the tag does not resolve\n    tags    old\n    seen",
  );
});

test.each<[string, WalkFacts, RegExp]>([
  [
    "doubt",
    { doubts: [[doubt, 7]], coverage: 0.99999 },
    /\nINCOMPLETE: no damage seen, but only 99\.9 % of it could be determined\n$/,
  ],
  [
    "damage and doubt",
    { findings: [draft(), draft()], doubts: [[doubt]], coverage: 0.5 },
    /\nDAMAGED: 2 broken references; 50\.0 % of it/,
  ],
  [
    "a warning alone",
    { findings: [draft({ kind: "subject_missing" })] },
    /WARNING \(1\)[\s\S]*\nWHOLE: all that was walked is there\n$/,
  ],
])("%s: the last line says it", (_, walk, line) => {
  expect(render(walk)).toMatch(line);
});

test("what could not be determined is counted in full and listed with its place", () => {
  const text = render({
    doubts: [[doubt, 7], [{ reason: "tls", repository: null, reference: null, detail: "no certificate" }]],
  });
  expect(text).toContain(
    "COULD NOT BE DETERMINED (8)\n  timeout  team/app 1: no answer\n  tls  no certificate\n",
  );
});

test("accepted damage is listed and counted", () => {
  const acceptances = parseAcceptFile(
    JSON.stringify({
      accept: [
        { repository: "team/app", digest: `sha256:${"d".repeat(64)}`, until: "2030-01-01", reason: "known" },
      ],
    }),
  );
  const text = render({ findings: [draft()], acceptances });
  expect(text).toContain("WARNING (1)\n  index_child_missing  team/app");
  expect(text).toContain("accepted until 2030-01-01 (known): answers 404");
  expect(text).toMatch(/WHOLE: .*, 1 accepted\n$/);
});

test("by heads alone the table says how blind it is", () => {
  expect(render({}, "head")).toContain("note: --blobs head is blind to");
  expect(render({}, "range")).not.toContain("note:");
});

test("200 rows of each kind, 8 tags of each finding, and how many more", () => {
  const tags = Array.from({ length: 9 }, (_, i) => `t${i}`);
  const findings = Array.from({ length: 250 }, (_, i) => draft({ digest: digestOf(i), tags }));
  const doubts: WalkFacts["doubts"] = Array.from({ length: 203 }, () => [doubt]);
  const text = render({ findings, doubts });
  expect(text.match(/^ {4}seen/gm)).toHaveLength(200);
  expect(text).toContain("… and 50 more: --format json lists them");
  expect(text.match(/^ {2}timeout /gm)).toHaveLength(200);
  expect(text).toContain("… and 3 more");
  expect(text).toContain("t7 and 1 more");
  expect(text).not.toContain("t8");
  expect(text).toContain("DAMAGE (250)");
});

const HOSTILE = [
  "\u001b[2J",
  "\u001b]0;owned\u0007",
  "\r",
  "\n",
  "\u0000",
  "\u007f",
  "\u009b31m",
  "\u202e",
  "\u2066",
  "\u2028",
  "\u200b",
  "\ufeff",
  "\ud800",
];

test("nothing of a registry reaches the terminal raw", () => {
  const text = fc
    .array(fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ maxLength: 5 })), { maxLength: 4 })
    .map((parts) => parts.join(""));
  const some = fc.record({ repository: text, tag: text, detail: text, platform: text, step: text });
  fc.assert(
    fc.property(some, ({ repository, tag, detail, platform, step }) => {
      const findings = (["truncated", "subject_missing", "schema1"] as const).map((kind) =>
        draft({ kind, repository, tags: [tag], detail, platform, path: [tag, step, digestOf(1)] }),
      );
      const assessment = assessmentOf({
        findings,
        doubts: [[{ reason: "timeout", repository, reference: tag, detail }]],
      });
      const hostile = { ...assessment, report: { ...assessment.report, registry: repository } };
      const table = renderTable(hostile, { blobs: "head" });
      const plain = renderTable(
        assessmentOf({
          findings: findings.map((each) => draft({ kind: each.kind, platform: "p", path: ["a", "b", "c"] })),
          doubts: [[doubt]],
        }),
        { blobs: "head" },
      );
      expect(table.replace(/\n/g, "")).not.toMatch(
        /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]|\p{Surrogate}/u,
      );
      // No line feed of its own: the table has as many lines as one of plain names.
      expect(table.split("\n")).toHaveLength(plain.split("\n").length);
    }),
    { numRuns: 150 },
  );
});
