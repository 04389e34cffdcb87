import fc from "fast-check";
import { parseAcceptFile } from "../../lib/integrity/accept";
import { exitCode } from "../../lib/integrity/assess";
import { FINDING_SEVERITY, type FindingKind } from "../../lib/integrity/contract";
import { repairFor } from "../../lib/integrity/repair";
import { assessmentOf, draft, STARTED_AT_MS } from "./assessment-fixture";

const digestOf = (letter: string) => `sha256:${letter.repeat(64)}`;
const doubt = { reason: "timeout" as const, repository: "team/app", reference: "1", detail: "no answer" };

test("a healthy walk, as the report says it", () => {
  const assessment = assessmentOf();
  expect(assessment.report).toEqual({
    schema: "tallyman.report/1",
    registry: "registry.example.com",
    instance: "registry.example.com",
    shard: null,
    startedAt: "2026-04-19T12:00:00.000Z",
    durationMs: 1500,
    complete: true,
    checked: {
      repositories: 3,
      tags: 20,
      indexes: 6,
      manifests: 18,
      blobs: 40,
      bytes: 12_345,
      requests: 90,
      remembered: null,
    },
    coverage: 1,
    findings: [],
    undetermined: [],
  });
  expect(assessment).toMatchObject({
    failures: 0,
    acceptedFailures: 0,
    throttledResponses: 2,
    catalogueAccessible: true,
  });
  expect(exitCode(assessment)).toBe(0);
});

test("every kind has its severity and a repair, and only damage counts as a failure", () => {
  for (const kind of Object.keys(FINDING_SEVERITY) as FindingKind[]) {
    const assessment = assessmentOf({ findings: [draft({ kind })] });
    const severity = FINDING_SEVERITY[kind];
    expect(assessment.report.findings).toEqual([
      expect.objectContaining({ kind, severity, repair: repairFor(kind) }),
    ]);
    expect(repairFor(kind)).not.toBe("");
    expect(assessment.failures).toBe(severity === "damage" ? 1 : 0);
    expect(exitCode(assessment)).toBe(severity === "damage" ? 1 : 0);
  }
});

test.each([
  ["nothing", 0, 0, 0],
  ["damage", 1, 0, 1],
  ["doubt", 0, 1, 2],
  ["damage and doubt", 1, 1, 1],
])("%s: %d findings and %d doubts exit %d", (_, findings, doubts, code) => {
  const assessment = assessmentOf({
    findings: findings > 0 ? [draft()] : [],
    doubts: doubts > 0 ? [[doubt]] : [],
  });
  expect(exitCode(assessment)).toBe(code);
  expect(assessment.report.complete).toBe(doubts === 0);
});

test("a warning does not hide that the walk is incomplete", () => {
  expect(
    exitCode(assessmentOf({ findings: [draft({ kind: "attestation_missing" })], doubts: [[doubt]] })),
  ).toBe(2);
});

describe("accepted damage", () => {
  const acceptances = parseAcceptFile(
    JSON.stringify({
      accept: [
        { repository: "team/app", digest: digestOf("d"), until: "2026-04-19", reason: "rebuild on Monday" },
      ],
    }),
  );
  const others = [draft(), draft({ digest: digestOf("e") })];

  test("is counted apart, listed as a warning with its reason, and keeps its kind", () => {
    const assessment = assessmentOf({ findings: others, acceptances });
    expect(assessment).toMatchObject({ failures: 1, acceptedFailures: 1 });
    expect(
      assessment.report.findings.map(({ kind, severity, digest, detail }) => [
        kind,
        severity,
        digest,
        detail,
      ]),
    ).toEqual([
      ["index_child_missing", "damage", digestOf("e"), "answers 404"],
      [
        "index_child_missing",
        "warning",
        digestOf("d"),
        "accepted until 2026-04-19 (rebuild on Monday): answers 404",
      ],
    ]);
    expect(exitCode(assessmentOf({ findings: [draft()], acceptances }))).toBe(0);
  });

  test("comes back when the date has passed", () => {
    const endedAtMs = STARTED_AT_MS + 12 * 3_600_000;
    expect(assessmentOf({ findings: others, acceptances, endedAtMs: endedAtMs - 1 }).failures).toBe(1);
    expect(assessmentOf({ findings: others, acceptances, endedAtMs })).toMatchObject({
      failures: 2,
      acceptedFailures: 0,
    });
  });

  test("is no acceptance of a warning", () => {
    const assessment = assessmentOf({ findings: [draft({ kind: "attestation_missing" })], acceptances });
    expect(assessment).toMatchObject({ failures: 0, acceptedFailures: 0 });
  });
});

test("coverage below 1 is never reported as 1, however near, and 1 stays 1", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 ** 52 }), (n) => {
      const { coverage } = assessmentOf({ coverage: 1 - 1 / n }).report;
      expect(coverage).toBeLessThan(1);
      expect(coverage).toBeGreaterThanOrEqual(1 - 1 / n - 0.0001);
    }),
    { numRuns: 200, examples: [[1], [2], [10_000], [2 ** 52]] },
  );
  expect(assessmentOf({ coverage: 0.57 }).report.coverage).toBe(0.57);
  expect(assessmentOf({ coverage: 0.12349 }).report.coverage).toBe(0.1234);
  expect(assessmentOf({ coverage: 0 }).report.coverage).toBe(0);
  expect(assessmentOf({ coverage: 1 }).report.coverage).toBe(1);
});

test("damage first, then by repository, tag and digest", () => {
  const findings = [
    draft({ kind: "schema1", repository: "a" }),
    draft({ kind: "subject_missing", repository: "b" }),
    draft({ repository: "c", tags: ["2"] }),
    draft({ repository: "c", tags: ["10"], digest: digestOf("f") }),
    draft({ repository: "c", tags: ["10"], digest: digestOf("e") }),
    draft({ repository: "c", tags: [], digest: digestOf("0") }),
    draft({ repository: "B", kind: "truncated" }),
  ];
  const order = assessmentOf({ findings }).report.findings.map(
    ({ repository, tags, digest }) => `${repository} ${tags[0] ?? "-"} ${digest?.[7]}`,
  );
  expect(order).toEqual(["B latest d", "c - 0", "c 10 e", "c 10 f", "c 2 d", "b latest d", "a latest d"]);
  expect(assessmentOf({ findings: [...findings].reverse() }).report.findings).toEqual(
    assessmentOf({ findings }).report.findings,
  );
});

test("what has no place in the list is counted all the same", () => {
  const findings = Array.from({ length: 12 }, (_, i) =>
    draft({ digest: digestOf((i % 10).toString()), tags: [`${i}`] }),
  );
  const assessment = assessmentOf({
    findings: [...findings, draft({ kind: "schema1" })],
    doubts: [[doubt, 4], [doubt]],
    listed: 1,
  });
  expect(assessment.report.findings).toHaveLength(1);
  expect(assessment.failures).toBe(12);
  expect(assessment.report.undetermined).toHaveLength(1);
  expect(assessment.undeterminedByReason).toEqual(new Map([["timeout", 5]]));
});
