/** `tallyman verify`: what a push was meant to bring about, the second look, and the push that only seems to succeed. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { processEnvironment } from "../../lib/cli/environment";
import { type BuiltManifest, buildImage, buildIndex, EmbeddedRegistry } from "../../lib/testing";
import { Distribution } from "../support/distribution";
import { skopeoCopy, skopeoPull } from "../support/skopeo";
import { brief, damageOf, type ReportRun, reportOf, tallyman } from "../support/tallyman";
import { firstChild, twoPlatforms } from "../support/two-platforms";
import { writeImage } from "../support/write-image";

const app = twoPlatforms("expectations/app");

let registry: EmbeddedRegistry;

beforeEach(async () => {
  registry = await EmbeddedRegistry.start();
  registry.put("app", "1.0", app);
});

afterEach(() => registry.close());

const image = (name: string): string => `${registry.url}/${name}`;
const verify = (...words: string[]): Promise<ReportRun> => reportOf(["verify", ...words]);
const platforms = (...names: string[]): string[] => names.flatMap((name) => ["--expect-platform", name]);

describe("--expect-platform", () => {
  const of = (platform: string): BuiltManifest => buildImage({ seed: platform, platform, layers: 1 });
  const index = buildIndex({
    children: ["linux/amd64", "linux/arm64/v8", "linux/arm/v6"].map(of),
    attestations: true,
  });

  test.each([
    ["index", ["linux/amd64"], []],
    ["index", ["linux/amd64", "linux/arm64", "linux/arm/v6"], []],
    ["index", ["linux/arm64/v8"], []],
    ["index", ["linux/arm/v7"], ["linux/arm/v7"]],
    ["index", ["linux/amd64/v3"], ["linux/amd64/v3"]],
    ["index", ["linux/amd64", "linux/s390x", "windows/amd64"], ["linux/s390x", "windows/amd64"]],
    ["index", ["unknown/unknown"], ["unknown/unknown"]],
    ["nested", ["linux/amd64", "linux/s390x"], []],
    ["nested", ["linux/ppc64le"], ["linux/ppc64le"]],
    ["single", ["linux/arm64"], []],
    ["single", ["linux/arm64/v8"], []],
    ["single", ["linux/arm64/v9"], ["linux/arm64/v9"]],
    ["single", ["linux/amd64"], ["linux/amd64"]],
    ["single", ["linux/arm"], ["linux/arm"]],
  ])("%s, %j: lacks %j", async (tag, expected, lacking) => {
    registry.put("platforms", "index", index);
    registry.put("platforms", "nested", buildIndex({ children: [index, of("linux/s390x")] }));
    registry.put("platforms", "single", of("linux/arm64/v8"));
    const { exitCode, report } = await verify(image(`platforms:${tag}`), ...platforms(...expected));
    expect(exitCode).toBe(lacking.length === 0 ? 0 : 1);
    expect(report.findings.map(brief)).toEqual(
      lacking.slice(0, 1).map((platform) => `index_child_missing platforms ${tag} [${platform}]`),
    );
    for (const platform of lacking) expect(report.findings[0]?.detail).toContain(platform);
  });

  test("holds for every image that was given", async () => {
    registry.put("app", "plain", of("linux/amd64"));
    const words = [image("app:1.0"), image("app:plain"), ...platforms("linux/arm64")];
    const { exitCode, report } = await verify(...words);
    expect([exitCode, damageOf(report)]).toEqual([1, ["index_child_missing app plain [linux/arm64]"]]);
  });

  test("a word that is no platform is refused", async () => {
    const run = await tallyman(["verify", image("app:1.0"), ...platforms("Linux")]);
    expect([run.exitCode, run.stderr]).toEqual([64, expect.stringContaining('got "Linux"')]);
  });
});

describe("--expect-digest", () => {
  test("met, by tag and by digest", async () => {
    const words = [image("app:1.0"), image(`app@${app.digest}`), "--expect-digest", `${app.digest}`];
    expect((await verify(...words)).exitCode).toBe(0);
  });

  test("not met: the tag points elsewhere", async () => {
    const { digest } = firstChild(app);
    const { exitCode, report } = await verify(image("app:1.0"), "--expect-digest", `${digest}`);
    expect([exitCode, report.findings]).toEqual([
      1,
      [
        expect.objectContaining({
          kind: "digest_mismatch",
          tags: ["1.0"],
          digest: `${app.digest}`,
          path: ["1.0", `${app.digest}`],
          detail: expect.stringContaining(`${digest}`),
        }),
      ],
    ]);
  });

  test("a word that is no digest is refused", async () => {
    const run = await tallyman(["verify", image("app:1.0"), "--expect-digest", "sha256:12"]);
    expect([run.exitCode, run.stderr]).toEqual([64, expect.stringContaining('got "sha256:12"')]);
  });
});

describe("an expectation that could not be checked is never met", () => {
  const manifestPath = "/v2/app/manifests/1.0";

  test.each([
    ["--expect-digest", `${app.digest}`],
    ["--expect-platform", "linux/amd64"],
  ])("%s: the tag is refused after the walk has read it", async (option, value) => {
    const refused = registry.script({ fault: { kind: "status", status: 403 }, path: manifestPath, after: 1 });
    const { exitCode, report } = await verify(image("app:1.0"), option, value);
    expect([exitCode, report.complete, report.findings, refused.hits]).toEqual([2, false, [], 1]);
    expect(report.coverage).toBeLessThan(1);
    expect(report.undetermined.map(({ reason, reference }) => [reason, reference])).toEqual([
      ["unauthorized", "1.0"],
    ]);
  });

  test("the tag went away after the walk has read it", async () => {
    registry.script({ fault: { kind: "status", status: 404 }, path: manifestPath, after: 1 });
    const { exitCode, report } = await verify(image("app:1.0"), "--expect-digest", `${app.digest}`);
    expect([exitCode, report.findings, report.undetermined[0]?.reason]).toEqual([2, [], "moved"]);
  });

  test("the config that names the platform has other bytes", async () => {
    const tool = buildImage({ seed: "expectations/tool" });
    registry.put("tool", "1", tool);
    registry.storage.flipBlobByte(tool.config?.digest ?? "");
    const { exitCode, report } = await verify(image("tool:1"), ...platforms("linux/amd64"));
    expect([exitCode, damageOf(report)]).toEqual([1, ["digest_mismatch tool 1"]]);
    expect(report.findings[0]?.digest).toBe(`${tool.config?.digest}`);
  });

  test("what the walk has found broken is not said twice", async () => {
    const gone = [image("app:9.9"), "--expect-digest", `${app.digest}`, ...platforms("linux/amd64")];
    expect(damageOf((await verify(...gone)).report)).toEqual(["manifest_missing app 9.9"]);
    registry.script({ fault: { kind: "status", status: 403 }, path: manifestPath });
    const refused = [image("app:1.0"), "--expect-digest", `${app.digest}`];
    expect((await verify(...refused)).report.undetermined).toHaveLength(1);
  });
});

describe("--recheck-after", () => {
  const RECHECK_MS = 90_000;
  const words = (): string[] => ["verify", image("app:1.0"), "--recheck-after", "90s"];

  /** What happens between the two looks; nothing is waited for. */
  function between(happens: () => void): { sleep: (ms: number, signal?: AbortSignal) => Promise<void> } {
    const { sleep } = processEnvironment();
    return {
      sleep: async (ms, signal) => {
        if (ms === RECHECK_MS) happens();
        else await sleep(ms, signal);
      },
    };
  }

  test("damage that comes between the two looks is found", async () => {
    const damage = () => registry.storage.unlinkManifest("app", firstChild(app).digest);
    const { exitCode, report } = await reportOf(words(), between(damage));
    expect([exitCode, damageOf(report)]).toEqual([1, ["index_child_missing app 1.0 [linux/amd64]"]]);
  });

  test("an expectation that a later push breaks is found", async () => {
    const repush = () => registry.put("app", "1.0", twoPlatforms("expectations/later"));
    const more = ["--expect-digest", `${app.digest}`];
    const { exitCode, report } = await reportOf([...words(), ...more], between(repush));
    expect([exitCode, report.findings[0]?.kind]).toEqual([1, "digest_mismatch"]);
  });

  test("what is whole both times is looked at twice, and is one report", async () => {
    let waits = 0;
    const { exitCode, stdout } = await reportOf(
      words(),
      between(() => waits++),
    );
    expect([exitCode, waits, stdout.trim().split("\n").length]).toEqual([0, 1, 1]);
    expect(registry.requests.filter(({ url }) => url.endsWith("/manifests/1.0"))).toHaveLength(2);
  });

  test("what is broken at the first look is not waited for", async () => {
    registry.storage.unlinkManifest("app", firstChild(app).digest);
    let waits = 0;
    const { exitCode } = await reportOf(
      words(),
      between(() => waits++),
    );
    expect([exitCode, waits]).toEqual([1, 0]);
  });
});

test("F6b: a push after garbage collection seems to succeed; verify says no until restart and push", async () => {
  const real = await Distribution.start();
  const folder = mkdtempSync(join(tmpdir(), "tallyman-verify-"));
  try {
    writeImage(real.root, "app", "latest", app);
    const tag = `${real.host}/app:latest`;
    const words = ["verify", `http://${tag}`, ...platforms("linux/amd64", "linux/arm64")];
    expect((await skopeoCopy(`docker://${tag}`, `dir:${folder}`)).ok).toBe(true);
    expect((await reportOf(words)).exitCode).toBe(0);
    await real.garbageCollect({ deleteUntagged: true });
    const push = () => skopeoCopy(`dir:${folder}`, `docker://${tag}`);
    expect((await push()).ok).toBe(true);

    const { exitCode, report } = await reportOf(words);
    expect(exitCode).toBe(1);
    expect(new Set(damageOf(report).map((line) => line.split(" ")[0]))).toEqual(new Set(["truncated"]));
    expect((await skopeoPull(tag)).ok).toBe(false);

    await real.restart();
    expect((await push()).ok).toBe(true);
    expect((await reportOf(words)).exitCode).toBe(0);
    expect((await skopeoPull(tag)).ok).toBe(true);
  } finally {
    await real.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});
