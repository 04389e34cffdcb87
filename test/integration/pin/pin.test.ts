/** `tallyman pin` on the real registry, and where none answers. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CliEnvironment, processEnvironment } from "../../../lib/cli/environment";
import { main } from "../../../lib/cli/main";
import { ImageLock } from "../../../lib/core/image-lock";
import { buildImage, EmbeddedRegistry } from "../../../lib/testing";
import { Distribution, distributionVersions } from "../../support/distribution";
import { twoPlatforms } from "../../support/two-platforms";
import { writeImage } from "../../support/write-image";

const app = twoPlatforms("pin/app");
const next = twoPlatforms("pin/next");
const tool = buildImage({ seed: "pin/tool" });
const NOW = Date.UTC(2026, 3, 19, 3, 25);

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tallyman-pin-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

async function pin(words: readonly string[], nowMs = NOW) {
  let stdout = "";
  let stderr = "";
  const environment: CliEnvironment = {
    ...processEnvironment(),
    env: {},
    write: (text) => {
      stdout += text;
    },
    writeError: (text) => {
      stderr += text;
    },
    isTerminal: false,
    now: () => nowMs,
    sleep: async () => {},
    onStop: () => () => {},
  };
  const code = await main(["pin", ...words, "--lock", join(folder, "lock.json"), "--rate", "0"], environment);
  return { code, stdout, stderr };
}

const lockText = (): string => readFileSync(join(folder, "lock.json"), "utf8");
const entry = (key: string) => ImageLock.parse(lockText()).images.get(key);

describe.each(distributionVersions("tallyman pin"))("distribution %s", (version) => {
  let registry: Distribution;

  beforeAll(async () => {
    registry = await Distribution.start({ version, cache: "none" });
    writeImage(registry.root, "team/app", "1.0.0", app);
    writeImage(registry.root, "tool", "2.0.0", tool);
  });

  afterAll(() => registry.stop());

  test("an index by its own digest, a single manifest by its own, a missing tag not at all", async () => {
    const names = ["team/app:1.0.0", "tool:2.0.0", "tool:9.9.9"].map((name) => `${registry.url}/${name}`);
    const { code, stdout, stderr } = await pin(names);
    expect(code).toBe(2);
    const resolvedAt = new Date(NOW).toISOString();
    expect(entry(`${registry.host}/team/app:1.0.0`)).toEqual({
      status: "resolved",
      digest: `${app.digest}`,
      mediaType: "application/vnd.oci.image.index.v1+json",
      resolvedAt,
      reason: null,
    });
    expect(entry(`${registry.host}/tool:2.0.0`)).toMatchObject({
      digest: `${tool.digest}`,
      mediaType: "application/vnd.oci.image.manifest.v1+json",
    });
    expect(entry(`${registry.host}/tool:9.9.9`)).toMatchObject({
      status: "unresolved",
      digest: null,
      reason: "not_found",
    });
    expect(stderr).toMatch(/tool:9\.9\.9: not resolved \(not_found\)/);
    expect(stdout.trim().split("\n")).toHaveLength(3);
    expect(readdirSync(folder)).toEqual(["lock.json"]);
  });
});

describe("what the lock knows already", () => {
  let registry: EmbeddedRegistry;
  let image = "";

  beforeEach(async () => {
    registry = await EmbeddedRegistry.start();
    registry.put("team/app", "1.0.0", app);
    image = `${registry.url}/team/app:1.0.0`;
    expect((await pin([image])).code).toBe(0);
  });

  afterEach(() => registry.close());

  test("an unmoved tag leaves the file as it is, byte for byte, on another day too", async () => {
    const before = lockText();
    expect(await pin([image], NOW + 86_400_000)).toMatchObject({ code: 0, stderr: "" });
    expect(lockText()).toBe(before);
  });

  test("a moved tag: --check says so, exits 1 and writes nothing; without it the lock follows", async () => {
    registry.put("team/app", "1.0.0", next);
    const before = lockText();
    const checked = await pin([image, "--check"]);
    expect(checked.code).toBe(1);
    expect(checked.stderr).toContain(`moved: from ${app.digest} to ${next.digest}`);
    expect(lockText()).toBe(before);
    const written = await pin([image]);
    expect(written.code).toBe(0);
    expect(written.stderr).toContain(`moved: from ${app.digest} to ${next.digest}`);
    expect(lockText()).toContain(`${next.digest}`);
  });

  test("a registry that is gone: 2, a warning, and the digest stays", async () => {
    const before = lockText();
    await registry.close();
    const { code, stderr } = await pin([image]);
    expect({ code, lock: lockText() }).toEqual({ code: 2, lock: before });
    expect(stderr).toMatch(new RegExp(`not resolved \\(unreachable\\).*The lock keeps ${app.digest}`));
  });

  test("--check of an image that was never locked: 2, nothing written", async () => {
    registry.put("team/app", "1.1.0", next);
    const before = lockText();
    const { code, stderr } = await pin([`${registry.url}/team/app:1.1.0`, "--check"]);
    expect({ code, lock: lockText() }).toEqual({ code: 2, lock: before });
    expect(stderr).toMatch(/no digest in the lock/);
  });
});

test("unreachable from the first: unresolved, null, and a pin without digest", async () => {
  const registry = await EmbeddedRegistry.start();
  const { host, url } = { host: new URL(registry.url).host, url: registry.url };
  await registry.close();
  const images = join(folder, "images.json");
  writeFileSync(images, JSON.stringify({ schema: "tallyman.images/1", images: [`${url}/app:1.0.0`] }));
  expect((await pin(["--from", images])).code).toBe(2);
  expect(entry(`${host}/app:1.0.0`)).toEqual({
    status: "unresolved",
    digest: null,
    mediaType: null,
    resolvedAt: null,
    reason: "unreachable",
  });
});

describe("bad input is one line, 64, and writes nothing", () => {
  test.each([
    ["a floating tag", ["registry:2"], /must be pinned: its tag moves/],
    ["no tag", ["registry"], /must be pinned/],
    ["a digest alone", [`registry@sha256:${"a".repeat(64)}`], /has no tag to resolve/],
    ["no image", [], /pin needs an image/],
    ["a list that is not there", ["--from", "/nonexistent/images.json"], /--from must name a readable file/],
    ["a check without lock", ["registry:2.8.3", "--check"], /cannot be read \(ENOENT\)/],
  ])("%s", async (_what, words, message) => {
    const { code, stdout, stderr } = await pin(words);
    expect({ code, stdout, lines: stderr.trim().split("\n").length }).toEqual({
      code: 64,
      stdout: "",
      lines: 1,
    });
    expect(stderr).toMatch(message);
    expect(readdirSync(folder)).toEqual([]);
  });

  test("a lock that was damaged is not overwritten", async () => {
    writeFileSync(join(folder, "lock.json"), "{");
    const { code, stderr } = await pin(["registry:2.8.3"]);
    expect({ code, lock: lockText() }).toEqual({ code: 64, lock: "{" });
    expect(stderr).toMatch(/is no JSON/);
  });
});
