import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { METRICS, metricName } from "../../lib/integrity/contract";
import {
  blobsBrokenSample,
  blobsProvenSample,
  bytesVerifiedSample,
  formatSamples,
  type RunFacts,
  runSamples,
  type Sample,
  successSample,
} from "../../lib/integrity/exposition";
import { requireTool } from "../support/require-tool";
import { assessmentOf, draft, STARTED_AT_MS, type WalkFacts } from "./assessment-fixture";

const endedAtMs = STARTED_AT_MS + 1_500;

function factsOf(walk: WalkFacts = {}, more: Partial<RunFacts> = {}): RunFacts {
  return { assessment: assessmentOf(walk), endedAtMs, authEnforced: null, tlsNotAfterMs: null, ...more };
}

/** Reads the text format back: `name{label="value"} number`, one sample a line. */
function parse(text: string): { name: string; labels: Record<string, string>; value: number }[] {
  const unescaped: Readonly<Record<string, string>> = { n: "\n", '"': '"', "\\": "\\" };
  return text
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => {
      const match = /^([a-z_]+)(?:\{((?:[a-z]+="(?:[^"\\]|\\[n"\\])*",?)*)\})? ([0-9.eE+-]+)$/s.exec(line);
      if (match === null) throw new Error(`no sample: ${line}`);
      const pairs = [...(match[2] ?? "").matchAll(/([a-z]+)="((?:[^"\\]|\\.)*)"/gs)];
      const labels = pairs.map(([, name = "", value = ""]) => [
        name,
        value.replace(/\\(.)/gs, (_, char: string) => unescaped[char] ?? "?"),
      ]);
      return { name: match[1] ?? "", labels: Object.fromEntries(labels), value: Number(match[3]) };
    });
}

function valuesOf(samples: readonly Sample[]): Record<string, number> {
  return Object.fromEntries(
    samples.map(({ metric, labels, value }) => [[metric, ...Object.values(labels)].join(" "), value]),
  );
}

test("a healthy run", () => {
  expect(valuesOf(runSamples(factsOf()))).toEqual({
    catalog_accessible: 1,
    failures: 0,
    repos_checked: 3,
    tags_checked: 20,
    indexes_checked: 6,
    last_run_timestamp: 1_776_600_001.5,
    manifests_checked: 18,
    blobs_checked: 40,
    coverage_ratio: 1,
    walk_duration_seconds: 1.5,
    requests: 90,
    throttled_responses: 2,
    accepted_failures: 0,
    broken_references_truncated: 0,
  });
});

test("a walk that was cut says how much it found broken, and not that nothing is", () => {
  const doubts: WalkFacts["doubts"] = [
    [{ reason: "budget_spent", repository: "team/app", reference: null, detail: "the deadline has passed" }],
  ];
  const sound = valuesOf(runSamples(factsOf({ coverage: 0.4, doubts })));
  expect(sound).toMatchObject({ catalog_accessible: 1, tags_checked: 20, coverage_ratio: 0.4 });
  expect(sound).not.toHaveProperty("failures");
  const found = valuesOf(runSamples(factsOf({ coverage: 0.4, doubts, findings: [draft()] })));
  expect(found).toMatchObject({ failures: 1, coverage_ratio: 0.4 });
});

test("a catalogue that could not be read leaves out failures, repositories, tags and indexes: never 0", () => {
  const doubts: WalkFacts["doubts"] = [
    [{ reason: "server_error", repository: null, reference: null, detail: "catalogue: 500" }],
  ];
  const names = runSamples(factsOf({ catalogueAccessible: false, coverage: 0, doubts })).map(
    ({ metric }) => metric,
  );
  expect(names).not.toEqual(expect.arrayContaining(["failures"]));
  const healthy = runSamples(factsOf()).map(({ metric }) => metric);
  expect(healthy.filter((name) => !names.includes(name))).toEqual([
    "failures",
    "repos_checked",
    "tags_checked",
    "indexes_checked",
  ]);
  expect(names.filter((name) => !healthy.includes(name))).toEqual(["undetermined"]);
});

test("damage, doubt, and what is only known of some registries", () => {
  const walk: WalkFacts = {
    findings: [
      draft({ tags: ["1", "2"] }),
      draft({ kind: "manifest_missing", digest: null, tags: ["old"] }),
      draft({ kind: "schema1", digest: null }),
    ],
    doubts: [
      [{ reason: "timeout", repository: "a", reference: null, detail: "" }, 7],
      [{ reason: "moved", repository: "a", reference: "x", detail: "" }],
    ],
    instance: "registry.example.com:5050",
  };
  const digest = `sha256:${"d".repeat(64)}`;
  const image = "registry.example.com:5050/team/app";
  const samples = runSamples(factsOf(walk, { authEnforced: false, tlsNotAfterMs: 1_800_000_000_000 }));
  expect(valuesOf(samples)).toMatchObject({
    failures: 2,
    "undetermined timeout": 7,
    "undetermined moved": 1,
    [`broken_reference ${image}:1 team/app 1 index_child_missing ${digest}`]: 1,
    [`broken_reference ${image}:2 team/app 2 index_child_missing ${digest}`]: 1,
    [`broken_reference ${image}:old team/app old manifest_missing `]: 1,
    broken_references_truncated: 0,
    auth_enforced: 0,
    tls_not_after_timestamp: 1_800_000_000,
  });
  const broken = samples.filter(({ metric }) => metric === "broken_reference");
  expect(broken).toHaveLength(3);
  expect(Object.keys(broken[0]?.labels ?? {}).sort()).toEqual([
    "digest",
    "image",
    "kind",
    "repository",
    "tag",
  ]);
});

test("damage that only a digest leads to has an image without tag", () => {
  const samples = runSamples(factsOf({ findings: [draft({ tags: [] })] }));
  expect(samples.find(({ metric }) => metric === "broken_reference")?.labels).toMatchObject({
    image: "registry.example.com/team/app",
    tag: "",
  });
});

test.each([
  [10, 5, 10_000, 0],
  [10, 6, 10_000, 10],
  [1, 51, 10_000, 1],
  [200, 1, 10_000, 150],
  [30, 3, 10, 20],
])(
  "of %d findings with %d tags each, at most 50 series, and %d listed: %d truncated",
  (count, tagCount, listed, truncated) => {
    const tags = Array.from({ length: tagCount }, (_, i) => `t${i}`);
    const findings = Array.from({ length: count }, (_, i) =>
      draft({ tags, digest: `sha256:${i.toString(16).padStart(64, "0")}` }),
    );
    const samples = runSamples(factsOf({ findings, listed }));
    const broken = samples.filter(({ metric }) => metric === "broken_reference");
    expect(broken.length).toBe(Math.min(50, Math.min(count, listed) * tagCount));
    expect(valuesOf(samples).broken_references_truncated).toBe(truncated);
    const text = formatSamples(broken, null).split("\n");
    expect(new Set(text).size).toBe(text.length);
  },
);

test("whatever stands in a label is read back as it was", () => {
  const value = fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc.string({ unit: fc.constantFrom("\\", '"', "\n", "\r", "n", "}", ",", "=", " ") }),
  );
  fc.assert(
    fc.property(value, value, fc.option(value), (repository, tag, instance) => {
      const samples: Sample[] = [{ metric: "broken_reference", labels: { repository, tag }, value: 1 }];
      const expected = instance === null ? { repository, tag } : { instance, repository, tag };
      expect(parse(formatSamples(samples, instance))).toEqual([
        { name: metricName("broken_reference"), labels: expected, value: 1 },
      ]);
    }),
    { numRuns: 200 },
  );
});

test("each metric has one HELP and one TYPE, before its samples, and they stand together", () => {
  const samples: Sample[] = [
    { metric: "undetermined", labels: { reason: "timeout" }, value: 1 },
    { metric: "requests", labels: {}, value: 90 },
    { metric: "undetermined", labels: { reason: "tls" }, value: 2 },
  ];
  expect(formatSamples(samples, "r")).toBe(
    [
      "# HELP registry_manifest_integrity_undetermined References that could not be determined, by reason",
      "# TYPE registry_manifest_integrity_undetermined gauge",
      'registry_manifest_integrity_undetermined{instance="r",reason="timeout"} 1',
      'registry_manifest_integrity_undetermined{instance="r",reason="tls"} 2',
      "# HELP registry_manifest_integrity_requests Requests sent in the walk",
      "# TYPE registry_manifest_integrity_requests gauge",
      'registry_manifest_integrity_requests{instance="r"} 90',
      "",
    ].join("\n"),
  );
});

test("what a complete walk and a byte slice prove", () => {
  const samples = [successSample(endedAtMs), bytesVerifiedSample(endedAtMs, "3/96")];
  expect(parse(formatSamples(samples, null))).toEqual([
    { name: "registry_manifest_integrity_last_success_timestamp", labels: {}, value: 1_776_600_001.5 },
    {
      name: "registry_manifest_integrity_bytes_verified_timestamp",
      labels: { slice: "3/96" },
      value: 1_776_600_001.5,
    },
  ]);
});

test("promtool can read all of it, hostile labels too", () => {
  const walk: WalkFacts = {
    findings: Array.from({ length: 60 }, (_, i) => draft({ tags: [`t${i}`], repository: 'a"b\\c\nd' })),
    doubts: [[{ reason: "tls", repository: null, reference: null, detail: "" }]],
    instance: 'reg "istry"\\\n\u202e\u0000',
  };
  const facts = factsOf(walk, { authEnforced: true, tlsNotAfterMs: endedAtMs });
  const samples = [
    ...runSamples(facts),
    successSample(endedAtMs),
    bytesVerifiedSample(endedAtMs, "1/4"),
    blobsProvenSample(endedAtMs, "1/4"),
    blobsBrokenSample(facts.assessment, "1/4"),
  ];
  expect(lint(formatSamples(samples, facts.assessment.report.instance))).toEqual({ status: 0, output: "" });
  expect(new Set<string>(samples.map(({ metric }) => metric))).toEqual(new Set(Object.keys(METRICS)));
});

test("promtool refuses what is no exposition", () => {
  expect(lint('registry{a="1" 1\n')).toEqual({ status: 1, output: expect.stringContaining("parsing error") });
});

/** `promtool check metrics`, which reads standard input. */
function lint(text: string): { status: number | null; output: string } {
  const options = { input: text, encoding: "utf8", timeout: 30_000 } as const;
  const { status, stdout, stderr } = spawnSync(requireTool("promtool"), ["check", "metrics"], options);
  return { status, output: stdout + stderr };
}
