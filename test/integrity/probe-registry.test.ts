import { exitCode, type ProbeSurroundings, probeRegistry, verifyImages } from "../../lib/integrity";
import { Digest } from "../../lib/oci/digest";
import { buildImage, buildIndex, EmbeddedRegistry } from "../../lib/testing";

const image = buildImage({ seed: "one", platform: "linux/amd64" });
const other = buildImage({ seed: "two", platform: "linux/arm64", layers: [20_000, 20_000] });
const index = buildIndex({ children: [image, other] });

let registry: EmbeddedRegistry;
let url: URL;
let warnings: string[] = [];

beforeEach(async () => {
  registry = await EmbeddedRegistry.start();
  registry.put("team/app", "1.0", index);
  registry.put("team/app", "amd64", image);
  registry.put("team/web", "latest", other);
  url = new URL(registry.url);
  warnings = [];
});

afterEach(async () => {
  await registry.close();
});

const surroundings: ProbeSurroundings & { readonly requestsPerSecond: number } = {
  now: Date.now,
  random: Math.random,
  warn: (message) => warnings.push(message),
  requestsPerSecond: 0,
};

/** The problems of an error of configuration. */
async function problemsOf(work: Promise<unknown>): Promise<readonly string[]> {
  const error: unknown = await work.then(
    () => new Error("nothing was wrong"),
    (thrown: unknown) => thrown,
  );
  expect(error).toMatchObject({ code: "configuration" });
  return error instanceof Error ? error.message.split("\n") : [];
}

describe("probeRegistry", () => {
  test("a whole registry, and one that lost a child", async () => {
    const { assessment } = await probeRegistry(url, surroundings);
    expect(exitCode(assessment)).toBe(0);
    expect(assessment.report).toMatchObject({
      registry: url.host,
      instance: url.host,
      complete: true,
      coverage: 1,
      checked: { repositories: 2, tags: 3, indexes: 1 },
      findings: [],
    });
    registry.storage.deleteManifest("team/app", other.digest);
    const broken = await probeRegistry(url, { ...surroundings, instance: "edge" });
    expect(exitCode(broken.assessment)).toBe(1);
    expect(broken.assessment.report.instance).toBe("edge");
    expect(broken.assessment.report.findings).toMatchObject([
      { kind: "index_child_missing", repository: "team/app", tags: ["1.0"], platform: "linux/arm64" },
    ]);
    expect(warnings).toEqual([]);
  });

  test("looks at the repositories that are named alone, and reads every byte where asked", async () => {
    const layer = other.layers.at(-1);
    if (layer === undefined) throw new Error("the image has no layer");
    registry.storage.flipBlobByte(layer.digest);
    const blind = await probeRegistry(url, { ...surroundings, repositories: ["team/web"] });
    expect([exitCode(blind.assessment), blind.assessment.report.checked.repositories]).toEqual([0, 1]);
    const full = await probeRegistry(url, { ...surroundings, repositories: ["team/web"], blobs: "full" });
    expect(full.assessment.report.findings).toMatchObject([{ kind: "digest_mismatch" }]);
    const slice = { k: 1, n: 1 };
    const sliced = await probeRegistry(url, { ...surroundings, repositories: ["team/web"], slice });
    expect(sliced.assessment.report.findings).toMatchObject([{ kind: "digest_mismatch" }]);
  });

  test("what is over before it is done is undetermined, neither broken nor fine", async () => {
    const aborted = await probeRegistry(url, { ...surroundings, signal: AbortSignal.abort() });
    expect(exitCode(aborted.assessment)).toBe(2);
    expect(aborted.assessment.report.undetermined).toMatchObject([{ reason: "budget_spent" }]);
    registry.script({ fault: { kind: "hang" } });
    const late = await probeRegistry(url, { ...surroundings, deadlineMs: 200 });
    expect([exitCode(late.assessment), late.assessment.report.complete]).toEqual([2, false]);
  });

  test("at the adaptive pace, with its progress told to the end", async () => {
    const progress: number[] = [];
    const { assessment } = await probeRegistry(url, {
      ...surroundings,
      requestsPerSecond: null,
      onProgress: ({ requests }) => progress.push(requests),
    });
    expect(exitCode(assessment)).toBe(0);
    expect(progress.at(-1)).toBe(assessment.report.checked.requests);
  });

  test("a registry that is declared private, and lets everybody in", async () => {
    expect((await probeRegistry(url, surroundings)).authEnforced).toBeNull();
    expect((await probeRegistry(url, { ...surroundings, isPrivate: true })).authEnforced).toBe(false);
    expect(warnings).toEqual(["the registry is declared private and answers an anonymous request"]);
  });

  test("all that cannot be is said together, before the first request", async () => {
    const wrong = { ...surroundings, repositories: ["team/app", "No Name"], newest: 0 };
    expect(await problemsOf(probeRegistry(url, wrong))).toEqual([
      'repositories[1] must be a repository name as team/app, got "No Name". Write lower-case parts with / between them.',
      "newest must be a whole number from 1, got 0. Leave it out for all tags.",
    ]);
    const bounds = { ...surroundings, concurrency: 0, deadlineMs: Number.NaN, timeoutMs: 2 ** 31 };
    expect((await problemsOf(probeRegistry(url, bounds))).map((one) => one.split(" ")[0])).toEqual([
      "concurrency",
      "timeoutMs",
      "deadlineMs",
      "budgetMs",
    ]);
    expect(registry.requests).toEqual([]);
  });
});

describe("verifyImages", () => {
  const name = (reference: string) => `${registry.url}/${reference}`;

  test("proves what is named, and nothing else", async () => {
    registry.storage.deleteManifest("team/web", other.digest);
    const results = await verifyImages([name("team/app:1.0"), name("team/app:amd64")], surroundings);
    expect(results.map(({ assessment }) => exitCode(assessment))).toEqual([0]);
    const [lost] = await verifyImages([name("team/web")], surroundings);
    expect(lost?.assessment.report.findings).toMatchObject([{ kind: "manifest_missing", tags: ["latest"] }]);
  });

  test.each([
    [{ platforms: ["linux/amd64", "linux/arm64"] }, []],
    [{ platforms: ["linux/s390x"] }, ["index_child_missing"]],
    [{ digest: index.digest }, []],
    [{ digest: Digest.sha256(Buffer.from("another")) }, ["digest_mismatch"]],
  ])("expects %j", async (expectations, kinds) => {
    const [result] = await verifyImages([name("team/app:1.0")], { ...surroundings, expectations });
    expect(result?.assessment.report.findings.map(({ kind }) => kind)).toEqual(kinds);
  });

  test("by registry: credentials belong to one of them", async () => {
    const second = await EmbeddedRegistry.start();
    try {
      second.put("app", "1", image);
      const images = [name("team/app:1.0"), `${second.url}/app:1`];
      const results = await verifyImages(images, surroundings);
      expect(results.map(({ assessment }) => assessment.report.registry)).toEqual([
        url.host,
        new URL(second.url).host,
      ]);
      const credentials = { username: "reader", password: "s3cret" };
      const [problem = ""] = await problemsOf(verifyImages(images, { ...surroundings, credentials }));
      expect(problem).toContain("images must be on one registry");
      expect(problem).not.toContain("s3cret");
    } finally {
      await second.close();
    }
  });

  test("no image, and what is none", async () => {
    expect(await problemsOf(verifyImages([], surroundings))).toHaveLength(1);
    expect(await problemsOf(verifyImages(["a b", "c@d"], surroundings))).toHaveLength(2);
  });
});
