import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { parseCommandLine } from "../../lib/cli/arguments";
import { PROBE_COMMAND } from "../../lib/cli/option-table";
import { readProbeOptions } from "../../lib/cli/probe-command";
import { formatProblem } from "../../lib/core/problem";
import { parseAcceptFile } from "../../lib/integrity/accept";
import { type AcceptedDamage, renderAcceptFile } from "../../lib/monitoring/accepted-damage";
import { checkAcceptedDamage } from "../../lib/monitoring/check-accepted-damage";
import { checkProbe } from "../../lib/monitoring/checks";
import { type CronJobRun, ProbeRun } from "../../lib/monitoring/probe-run";
import { resolveProbe } from "../../lib/monitoring/probe-spec";
import { Registry, type RegistryOptions } from "../../lib/monitoring/registry";
import { probeArguments } from "../../lib/monitoring/render-container";
import { renderCronJob } from "../../lib/monitoring/render-cron-job";

const DIGEST = `sha256:${"a".repeat(64)}`;
const TOKEN = "a-token-in-brackets: {TfToken[TOKEN.7]}";
const isToken = (text: string) => text.includes("{TfToken[");
const known: AcceptedDamage = {
  repository: "team/app",
  digest: DIGEST,
  until: "2026-12-31",
  reason: "unused",
};
const knownTag: AcceptedDamage = {
  repository: "team/app",
  tag: "old",
  until: "2026-12-31",
  reason: "unused",
};

/** As JavaScript passes it, which no compiler has seen. */
function written(json: string): AcceptedDamage {
  return JSON.parse(json);
}

function probeOf(registries: readonly Registry[]) {
  return {
    namespace: "monitoring",
    registries,
    run: ProbeRun.cronJob({ pushgateway: "http://gateway:9091" }),
  };
}

function problems(options: RegistryOptions): string[] {
  return checkProbe(probeOf([Registry.at("a.example", options)]), isToken).map(formatProblem);
}

describe("what is rendered is what the program reads", () => {
  test("entries by digest and by tag, with any reason", () => {
    const accept = [known, { ...knownTag, reason: `"$${"{x}"} %{y}"\nä\u2028` }];
    expect(parseAcceptFile(renderAcceptFile(accept))).toEqual([
      { ...known, tag: null, untilMs: Date.UTC(2027, 0, 1) },
      { ...accept[1], digest: null, untilMs: Date.UTC(2027, 0, 1) },
    ]);
  });

  test("nothing but the entries' own keys, in one order, whatever else and however they were written", () => {
    const text = renderAcceptFile([known]);
    const { repository, digest, until, reason } = known;
    const shuffled = { note: "x", reason, digest, until, repository };
    expect(renderAcceptFile([written(JSON.stringify(shuffled))])).toBe(text);
    expect(text.endsWith("\n}\n")).toBe(true);
  });

  test("an entry is refused exactly where the program refuses it", () => {
    const mostly = (good: string, ...others: string[]) =>
      fc.oneof({ weight: 5, arbitrary: fc.constant(good) }, fc.constantFrom(...others));
    const upTo = (max: number) =>
      fc.integer({ min: 0, max }).map((number) => String(number).padStart(2, "0"));
    const day = fc.tuple(upTo(13), upTo(32)).map(([month, date]) => `2026-${month}-${date}`);
    const time = fc
      .tuple(
        mostly("T", "t", " ", "_"),
        upTo(25),
        upTo(61),
        upTo(61),
        mostly("Z", "z", "+01:00", "+99:99", ""),
      )
      .map(([separator, h, m, s, zone]) => `${separator}${h}:${m}:${s}${zone}`);
    const until = fc.oneof(
      day,
      fc.tuple(day, time).map((parts) => parts.join("")),
      fc.constantFrom(
        "",
        "12",
        "tomorrow",
        "2026-02-28T10:00:00.5Z",
        "2028-02-29",
        "2026-02-29",
        "2026-12-31 ",
      ),
    );
    const repository = mostly("team/app", "Team", "r.io:5000/app", "a//b", "", "a".repeat(256));
    const entry = fc.record({ repository, until, reason: mostly("why", "") });
    const object = fc.oneof(
      mostly(DIGEST, "sha256:aa", `sha512:${"b".repeat(128)}`, DIGEST.toUpperCase()).map((digest) => ({
        digest,
      })),
      mostly("old", "a b", "x".repeat(129), ".x").map((tag) => ({ tag })),
    );
    let refused = 0;
    let taken = 0;
    fc.assert(
      fc.property(entry, object, (base, what) => {
        const accept: AcceptedDamage[] = [{ ...base, ...what }];
        const isRefused = checkAcceptedDamage(accept, "accept", isToken).length > 0;
        if (isRefused) refused++;
        else taken++;
        const parse = () => parseAcceptFile(renderAcceptFile(accept));
        if (isRefused) expect(parse).toThrow();
        else expect(parse).not.toThrow();
      }),
      { numRuns: 3_000, seed: 1 },
    );
    expect(Math.min(refused, taken)).toBeGreaterThan(500);
  });

  test.each([
    ["2026-02-30", false],
    ["2026-13-01", false],
    ["2028-02-29", true],
    ["2026-12-31T10:00", false],
    ["2026-12-31T25:00:00Z", false],
    ["2026-12-31 10:00:00+01:00", true],
  ])("until %s: %s", (until, isTaken) => {
    expect(checkAcceptedDamage([{ ...known, until }], "accept", isToken)).toHaveLength(isTaken ? 0 : 1);
  });
});

describe("each fault is told with its path", () => {
  test.each<[RegistryOptions, string]>([
    [{ accept: [known, { ...known, repository: "App" }] }, "accept[1].repository must be a repository name"],
    [{ accept: [{ ...known, digest: "sha256:aa" }] }, 'accept[0].digest must be a digest, got "sha256:aa"'],
    [{ accept: [{ ...knownTag, tag: "a b" }] }, "accept[0].tag must be a tag"],
    [{ accept: [{ ...known, until: "tomorrow" }] }, "accept[0].until must be a date or an RFC 3339 time"],
    [{ accept: [{ ...known, reason: "" }] }, "accept[0].reason must say why"],
    [{ accept: [{ ...known, reason: TOKEN }] }, "accept[0].reason must be literal"],
    [{ accept: [{ ...known, digest: TOKEN }] }, "accept[0].digest must be literal"],
    [
      { accept: [written(JSON.stringify({ ...known, tag: "old" }))] },
      "accept[0] must name either a digest or a tag",
    ],
    [{ accept: [written('{"repository":"a","until":"2026-12-31","reason":"x"}')] }, "accept[0] must name"],
    [
      { accept: [written('{"repository":"a","tag":"b","until":"2026-12-31"}')] },
      "accept[0].reason must say why, got nothing",
    ],
    [{ newest: 0 }, "newest must be a whole number from 1 to 1000000, got 0. Leave it out for all tags."],
    [{ newest: 1.5 }, "newest must be a whole number"],
    [{ newest: 1_000_001 }, "newest must be a whole number"],
  ])("%#: %s", (options, message) => {
    expect(problems(options)).toEqual([expect.stringContaining(`registries[0].${message}`)]);
  });

  test("all of them at once, and none where all is well", () => {
    const wrong = { repository: "A", digest: "b", until: "c", reason: "" };
    expect(problems({ newest: -1, accept: [wrong, known, wrong] })).toHaveLength(9);
    expect(problems({ newest: 5, accept: [known, knownTag] })).toEqual([]);
    expect(problems({ accept: [] })).toEqual([]);
  });

  test("a mode of asking for blobs that there is not", () => {
    const blobs = (mode: string) => {
      const run: CronJobRun = JSON.parse(JSON.stringify({ ...probeOf([]).run, blobs: mode }));
      return checkProbe({ ...probeOf([Registry.at("a.example")]), run }, isToken).map(formatProblem);
    };
    expect(["range", "head", "full"].flatMap(blobs)).toEqual([]);
    expect(blobs("tail")).toEqual([
      'run.blobs must be range, head, full or { provenWithin }, got "tail". Leave it out for range.',
    ]);
  });
});

describe("in the pod", () => {
  const registries = [
    Registry.at("a.example:5050", { accept: [known], newest: 5 }),
    Registry.at("b.example", { accept: [] }),
  ];
  const spec = resolveProbe({
    ...probeOf(registries),
    run: ProbeRun.cronJob({ pushgateway: "http://gateway:9091", blobs: "head" }),
  });

  test("the folder is mounted whole where a registry has known damage, and nowhere else", () => {
    const { container, volume } = renderCronJob(spec, "hash").spec.jobTemplate.spec.template.spec;
    expect(container.map(({ volumeMount }) => volumeMount.slice(1))).toEqual([
      [{ name: "accept", mountPath: "/etc/tallyman/accept", readOnly: true }],
      [],
    ]);
    expect(volume.slice(1)).toEqual([
      { name: "accept", configMap: { name: "registry-integrity-probe-accept", defaultMode: "0444" } },
    ]);
    const without = renderCronJob(resolveProbe(probeOf([Registry.at("b.example")])), "hash");
    expect(JSON.stringify(without)).not.toContain("accept");
  });

  test("the program reads its arguments as they were meant", () => {
    const folder = mkdtempSync(join(tmpdir(), "tallyman-accept-"));
    try {
      const file = join(folder, "a-example-5050.json");
      writeFileSync(file, renderAcceptFile([known]));
      const options = registries.map((registry) => {
        const [command, ...words] = probeArguments(spec, registry);
        expect(command).toBe("probe");
        const onThisMachine = words.map((word) => word.replace("/etc/tallyman/accept", folder));
        return readProbeOptions(parseCommandLine(PROBE_COMMAND, onThisMachine), 0);
      });
      expect(options.map(({ newest, proof }) => [newest, proof.blobs])).toEqual([
        [5, "head"],
        [null, "head"],
      ]);
      expect(options.map(({ acceptances }) => acceptances.map(({ digest }) => digest))).toEqual([
        [DIGEST],
        [],
      ]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
