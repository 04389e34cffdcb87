/** What a walk asks of blobs that repositories share, on the embedded registry. */
import fc from "fast-check";
import { probeRegistry } from "../../lib/integrity/probe-registry";
import { type BuiltManifest, buildImage, buildIndex, EmbeddedRegistry } from "../../lib/testing";
import { damageOf, reportOf } from "../support/tallyman";

let registry: EmbeddedRegistry;

afterEach(() => registry.close());

const probe = (...words: string[]) => reportOf(["probe", registry.url, ...words]);

/** `GET`, `GET part` or `HEAD` of each blob, by repository, in the order of the requests. */
function askedOf(digest: unknown): string[] {
  return registry.requests
    .filter(({ url }) => url.endsWith(`/blobs/${digest}`))
    .map(({ method, url, range }) => `${url.split("/")[2]} ${method}${range === null ? "" : " part"}`);
}

test("a blob is proven once in the registry; each further repository is asked whether it has it", async () => {
  registry = await EmbeddedRegistry.start();
  const image = buildImage({ seed: "shared", layers: [20_000, 64] });
  for (const repository of ["a", "b", "c"]) registry.put(repository, "1", image);
  const words = ["--repository", "b", "--repository", "a", "--repository", "c", "--concurrency", "1"];
  const { report, exitCode } = await probe(...words);
  expect([exitCode, report.checked.blobs, report.findings]).toEqual([0, 9, []]);
  const [long, short] = image.layers;
  const kinds = (digest: unknown) => askedOf(digest).map((asked) => asked.slice(2));
  // Which repository comes first turns with the clock.
  expect(kinds(long?.digest)).toEqual(["GET part", "HEAD", "HEAD"]);
  expect(kinds(short?.digest)).toEqual(["GET", "HEAD", "HEAD"]);
  expect(kinds(image.config?.digest)).toEqual(["GET", "HEAD", "HEAD"]);
  expect(new Set(askedOf(long?.digest).map((asked) => asked[0]))).toEqual(new Set(["a", "b", "c"]));
});

test("F6a: what is lost under a warm cache is never proven, so that no repository is asked by a head", async () => {
  registry = await EmbeddedRegistry.start();
  const image = buildImage({ seed: "shared", layers: [20_000] });
  for (const repository of ["a", "b"]) registry.put(repository, "1", image);
  expect((await probe("--blobs", "head")).exitCode).toBe(0);
  const layer = image.layers[0]?.digest ?? "";
  registry.storage.deleteBlobData(layer);
  registry.forgetRequests();
  const { report } = await probe("--concurrency", "1");
  expect(damageOf(report).map((line) => line.split(" ").slice(0, 2).join(" "))).toEqual([
    "truncated a",
    "truncated b",
  ]);
  expect(askedOf(layer).filter((asked) => asked.includes("HEAD"))).toEqual([]);
});

test("--blobs head proves nothing: every repository is asked by a head, and a slice's bytes are still read", async () => {
  registry = await EmbeddedRegistry.start();
  const image = buildImage({ seed: "shared", layers: [20_000] });
  for (const repository of ["a", "b"]) registry.put(repository, "1", image);
  const layer = image.layers[0]?.digest;
  await probe("--blobs", "head", "--concurrency", "1");
  expect(askedOf(layer).map((asked) => asked.slice(2))).toEqual(["HEAD", "HEAD"]);
  registry.forgetRequests();
  await probe("--blobs", "head", "--verify-bytes", "all", "--concurrency", "1");
  expect(askedOf(layer).map((asked) => asked.slice(2))).toEqual(["GET", "HEAD"]);
});

test.each([401, 403, 405, 500])(
  "a store that answers %d to a HEAD is asked for the byte: nothing is in doubt",
  async (status) => {
    registry = await EmbeddedRegistry.start();
    const image = buildImage({ seed: "shared", layers: [20_000] });
    for (const repository of ["a", "b"]) registry.put(repository, "1", image);
    registry.script({ path: "/blobs/", method: "HEAD", fault: { kind: "status", status } });
    const { report, exitCode } = await probe("--concurrency", "1");
    expect([exitCode, report.complete, report.findings]).toEqual([0, true, []]);
    expect(askedOf(image.layers[0]?.digest).filter((asked) => asked.includes("GET"))).toHaveLength(2);
  },
);

/** Layers by number, shared between images; lengths on both sides of what is read whole. */
const LAYER_BYTES = [20_000, 64, 20_001, 65, 20_002, 66] as const;
const KINDS = ["data", "link", "cut", "flip"] as const;

interface Estate {
  /** Per repository the layers of its one image. */
  readonly repositories: readonly (readonly number[])[];
  readonly damage: readonly {
    readonly layer: number;
    readonly repository: number;
    readonly kind: (typeof KINDS)[number];
  }[];
  readonly isWarm: boolean;
}

const anyLayer = fc.nat(LAYER_BYTES.length - 1);
const anyEstate: fc.Arbitrary<Estate> = fc.record({
  repositories: fc.array(fc.uniqueArray(anyLayer, { minLength: 1, maxLength: 4 }), {
    minLength: 2,
    maxLength: 5,
  }),
  damage: fc.array(fc.record({ layer: anyLayer, repository: fc.nat(4), kind: fc.constantFrom(...KINDS) }), {
    maxLength: 4,
  }),
  isWarm: fc.boolean(),
});

/** One digest for each layer, whatever image it is in. */
const layerDigests = LAYER_BYTES.map((_, n) => imageOf([n]).children[0]?.layers[0]?.digest ?? "");

function imageOf(layers: readonly number[]): BuiltManifest {
  return buildIndex({
    children: layers.map((n) => buildImage({ seed: `layer ${n}`, layers: [LAYER_BYTES[n] ?? 0] })),
  });
}

async function findingsOf(...words: string[]): Promise<string[]> {
  const sleep = async (): Promise<void> => undefined;
  const { report } = await reportOf(["probe", registry.url, ...words], { sleep });
  return report.findings.map(({ kind, repository, digest }) => `${kind} ${repository} ${digest}`);
}

test("a walk that shares finds what walks of one repository each, which share nothing, find together", async () => {
  await fc.assert(
    fc.asyncProperty(anyEstate, fc.integer({ min: 1, max: 8 }), async (estate, concurrency) => {
      registry = await EmbeddedRegistry.start();
      try {
        const names = estate.repositories.map((_, i) => `r${i}`);
        for (const [i, layers] of estate.repositories.entries()) registry.put(`r${i}`, "1", imageOf(layers));
        if (estate.isWarm) await findingsOf("--blobs", "head");
        for (const { layer, repository, kind } of estate.damage)
          hurt(layerDigests[layer] ?? "", `r${repository}`, kind);
        const alone: string[] = [];
        for (const name of names) alone.push(...(await findingsOf("--repository", name)));
        expect((await findingsOf("--concurrency", `${concurrency}`)).sort()).toEqual(alone.sort());
      } finally {
        await registry.close();
      }
    }),
    { numRuns: 40 },
  );
});

function hurt(
  digest: string | BuiltManifest["digest"],
  repository: string,
  kind: (typeof KINDS)[number],
): void {
  const { storage } = registry;
  if (kind === "link") {
    if (storage.hasBlobLink(repository, digest)) storage.deleteBlobLink(repository, digest);
    return;
  }
  if (storage.data(digest) === null) return;
  if (kind === "data") storage.deleteBlobData(digest);
  else if (kind === "cut") storage.cutBlobData(digest, 1);
  else storage.flipBlobByte(digest);
}

test("by turns: what a warm cache hides is counted by the run whose slice it is, and what a head tells by every run", async () => {
  registry = await EmbeddedRegistry.start();
  const image = buildImage({ seed: "turns", layers: [20_000, 20_001, 64, 65] });
  registry.put("a", "1", image);
  await probe("--blobs", "head");
  const [hidden, unlinked] = image.layers;
  registry.storage.deleteBlobData(hidden?.digest ?? "");
  registry.storage.deleteBlobLink("a", unlinked?.digest ?? "");
  registry.storage.cache.forget("a", `${unlinked?.digest}`);
  const url = new URL(registry.url);
  const counts: { failures: number; brokenInTurn: number; slice: string | null }[] = [];
  for (const k of [1, 2, 3]) {
    const surroundings = {
      now: Date.now,
      random: Math.random,
      warn: () => undefined,
      sleep: async () => undefined,
    };
    const { assessment } = await probeRegistry(url, { ...surroundings, blobs: { rotate: { k, n: 3 } } });
    const { failures, brokenInTurn, report } = assessment;
    counts.push({ failures, brokenInTurn, slice: report.proof.slice });
  }
  expect(counts.map(({ slice }) => slice)).toEqual(["1/3", "2/3", "3/3"]);
  // The lost link at every run, the lost data at one of them; each once in its turn.
  expect(counts.map(({ failures }) => failures).sort()).toEqual([1, 1, 2]);
  expect(counts.reduce((sum, { brokenInTurn }) => sum + brokenInTurn, 0)).toBe(2);
});
