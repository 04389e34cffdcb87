import { RunMemory } from "../../../lib/integrity/exporter/run-memory";
import type { RunFacts } from "../../../lib/integrity/exposition";
import { formatSamples } from "../../../lib/integrity/exposition";
import type { Ledger } from "../../../lib/integrity/walk-context";
import { assessmentOf, draft, STARTED_AT_MS, type WalkFacts } from "../assessment-fixture";

const MINUTE_MS = 60_000;
const DIGESTS = ["a", "b", "c"].map((hex) => `sha256:${hex.repeat(64)}`);
const doubt = (repository: string | null): Parameters<Ledger["doubt"]> => [
  { reason: "timeout", repository, reference: null, detail: "" },
];

/** A memory, and walks that end minute by minute. */
function walking() {
  const memory = new RunMemory("registry.example.com");
  let minute = 0;
  const walk = (facts: WalkFacts, slice: string | null = null): RunFacts => {
    minute += 1;
    const endedAtMs = STARTED_AT_MS + minute * MINUTE_MS;
    const ended = {
      assessment: assessmentOf({ ...facts, endedAtMs }),
      endedAtMs,
      authEnforced: null,
      tlsNotAfterMs: null,
    };
    memory.ended(ended, slice);
    return ended;
  };
  return { memory, walk };
}

/** The minute in which each broken object was first seen, `+` where it may be older. */
function sinceOf(memory: RunMemory): Record<string, string> {
  const findings = memory.facts?.assessment.report.findings ?? [];
  return Object.fromEntries(
    findings.map((finding) => {
      const since = memory.since(finding);
      const minute = since === null ? "never" : (since.atMs - STARTED_AT_MS) / MINUTE_MS;
      return [
        `${finding.repository} ${finding.digest?.slice(7, 8) ?? finding.tags.join()}`,
        `${minute}${since?.isFromStart === true ? "+" : ""}`,
      ];
    }),
  );
}

const broken = (digest: string | undefined, repository = "team/app", tags = ["latest"]) =>
  draft({ digest: digest ?? null, repository, tags });

describe("since when", () => {
  test("each object keeps the walk that saw it first; one that was mended begins anew", () => {
    const { memory, walk } = walking();
    const [a, b] = DIGESTS.map((digest) => broken(digest));
    if (a === undefined || b === undefined) throw new Error("no drafts");
    walk({ findings: [a] });
    walk({ findings: [a, b] });
    expect(sinceOf(memory)).toEqual({ "team/app a": "1+", "team/app b": "2" });
    walk({ findings: [b] });
    walk({ findings: [a, b] });
    expect(sinceOf(memory)).toEqual({ "team/app a": "4", "team/app b": "2" });
  });

  test("the same digest in two repositories, and tags without digest, are apart", () => {
    const { memory, walk } = walking();
    const [digest] = DIGESTS;
    walk({ findings: [broken(digest, "a"), broken(undefined, "a", ["1"])] });
    walk({ findings: [broken(digest, "a"), broken(digest, "b"), broken(undefined, "a", ["2"])] });
    expect(sinceOf(memory)).toEqual({ "a a": "1+", "b a": "2", "a 2": "2" });
  });

  test.each<[string, WalkFacts, string]>([
    ["its repository could not be looked at", { doubts: [doubt("team/app")] }, "1+"],
    ["the registry could not be reached", { doubts: [doubt(null)] }, "1+"],
    ["the catalogue could not be read", { catalogueAccessible: false }, "1+"],
    ["another repository could not be looked at", { doubts: [doubt("other")] }, "3"],
  ])("after a walk in which %s", (_, blind, minute) => {
    const { memory, walk } = walking();
    const findings = [broken(DIGESTS[0])];
    walk({ findings });
    walk(blind);
    walk({ findings });
    expect(sinceOf(memory)).toEqual({ "team/app a": minute });
  });

  test("a registry that names others each time does not fill the memory: the oldest are forgotten", () => {
    const { memory, walk } = walking();
    const runs = Array.from({ length: 4 }, (_, run) => {
      const findings = Array.from({ length: 10_000 }, (_unused, i) =>
        broken(undefined, "a", [`${run}-${i}`]),
      );
      return walk({ findings, doubts: [doubt(null)] }).assessment.report.findings;
    });
    const remembered = runs.map((findings) => findings.filter((finding) => memory.since(finding) !== null));
    expect(remembered.map((findings) => findings.length)).toEqual([0, 0, 10_000, 10_000]);
  });
});

describe("metrics", () => {
  const textOf = (memory: RunMemory) => formatSamples(memory.samples(), null);
  const sampleOf = (memory: RunMemory, series: string) =>
    textOf(memory)
      .split("\n")
      .find((line) => line.startsWith(`registry_manifest_integrity_${series} `))
      ?.split(" ")[1];
  const instance = 'instance="registry.example.com"';

  test("there are none before the first walk has ended", () => {
    const memory = new RunMemory("registry.example.com");
    memory.began(STARTED_AT_MS);
    expect([textOf(memory), memory.report()]).toEqual(["", null]);
  });

  test("a walk that begins changes nothing but that it is under way", () => {
    const { memory, walk } = walking();
    walk({ findings: [broken(DIGESTS[0])] });
    const before = [textOf(memory), String(memory.report())];
    memory.began(STARTED_AT_MS + 10 * MINUTE_MS);
    expect([textOf(memory), String(memory.report())]).toEqual(before);
    expect([memory.walkStartedAtMs, memory.nextWalkAtMs]).toEqual([STARTED_AT_MS + 10 * MINUTE_MS, null]);
    memory.planned(STARTED_AT_MS + 20 * MINUTE_MS);
    expect([memory.walkStartedAtMs, memory.nextWalkAtMs]).toEqual([null, STARTED_AT_MS + 20 * MINUTE_MS]);
  });

  test("what a complete walk proved stays when later ones are not complete", () => {
    const { memory, walk } = walking();
    const first = walk({}, "1/2");
    const second = walk({}, "2/2");
    const third = walk({ doubts: [doubt("a")] }, "1/2");
    const seconds = ({ endedAtMs }: RunFacts) => String(endedAtMs / 1_000);
    expect(sampleOf(memory, `last_run_timestamp{${instance}}`)).toBe(seconds(third));
    expect(sampleOf(memory, `last_success_timestamp{${instance}}`)).toBe(seconds(second));
    expect(sampleOf(memory, `bytes_verified_timestamp{${instance},slice="1/2"}`)).toBe(seconds(first));
    expect(sampleOf(memory, `bytes_verified_timestamp{${instance},slice="2/2"}`)).toBe(seconds(second));
    expect(sampleOf(memory, `undetermined{${instance},reason="timeout"}`)).toBe("1");
  });

  test("what the run of a slice found broken stands until its next turn, and is not taken back by halves", () => {
    const memory = new RunMemory("registry.example.com");
    const turn = (slice: string, walk: WalkFacts): void => {
      const assessment = assessmentOf(walk);
      memory.ended(
        { assessment, endedAtMs: STARTED_AT_MS, authEnforced: null, tlsNotAfterMs: null },
        null,
        slice,
      );
    };
    const of = (metric: string, slice: string) => sampleOf(memory, `${metric}{${instance},slice="${slice}"}`);
    turn("1/2", { findings: [{ ...broken(DIGESTS[0]), isInTurn: true }] });
    turn("2/2", {});
    expect([of("blobs_broken", "1/2"), of("blobs_broken", "2/2")]).toEqual(["1", "0"]);
    turn("1/2", { doubts: [doubt("a")] });
    expect([of("blobs_broken", "1/2"), sampleOf(memory, `failures{${instance}}`)]).toEqual(["1", "0"]);
    turn("1/2", {});
    expect([of("blobs_broken", "1/2"), of("blobs_proven_timestamp", "1/2")]).toEqual([
      "0",
      expect.any(String),
    ]);
    turn("2/2", { doubts: [doubt("a")], findings: [{ ...broken(DIGESTS[0]), isInTurn: true }] });
    expect(of("blobs_broken", "2/2")).toBe("1");
  });

  test("a catalogue that cannot be read takes away the numbers that only it proves", () => {
    const { memory, walk } = walking();
    walk({ findings: [broken(DIGESTS[0])] });
    expect(sampleOf(memory, `failures{${instance}}`)).toBe("1");
    walk({ catalogueAccessible: false });
    expect(sampleOf(memory, `failures{${instance}}`)).toBeUndefined();
    expect(sampleOf(memory, `catalog_accessible{${instance}}`)).toBe("0");
  });
});

test("the report is that of the last walk", () => {
  const { memory, walk } = walking();
  walk({ findings: [broken(DIGESTS[0])] });
  expect(memory.report()).toBe(memory.report());
  const last = walk({});
  expect(JSON.parse(String(memory.report()))).toEqual(last.assessment.report);
});
