import { execFileSync } from "node:child_process";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { isObject } from "../../lib/oci/descriptor";
import { Digest } from "../../lib/oci/digest";
import { type IndexManifest, parseManifest } from "../../lib/oci/manifest";
import { MediaType } from "../../lib/oci/media-type";
import { isRepositoryName, isTag } from "../../lib/oci/reference";
import {
  allBlobs,
  allManifests,
  type BuiltManifest,
  buildArtifact,
  buildAttestation,
  buildDeepIndex,
  buildImage,
  buildIndex,
  buildRawManifest,
  buildWideIndex,
  HOSTILE_REPOSITORY_NAMES,
  HOSTILE_TAG_NAMES,
} from "../../lib/testing";

function json(body: Buffer | undefined): Record<string, unknown> {
  const value: unknown = JSON.parse(String(body));
  if (!isObject(value)) throw new Error("not an object");
  return { ...value };
}

function indexOf(built: BuiltManifest): IndexManifest {
  const parsed = parseManifest(built.body, built.mediaType);
  if (parsed.kind !== "index") throw new Error("not an index");
  return parsed;
}

function blob(image: BuiltManifest, digest: Digest | undefined): Buffer {
  const content = image.blobs.get(`${digest}`);
  if (content === undefined) throw new Error(`no blob ${digest}`);
  return content;
}

describe("buildImage", () => {
  test("is a function of its options: these digests hold on every Node", () => {
    expect(`${buildImage({ seed: "pinned" }).digest}`).toBe(PINNED_IMAGE);
    expect(`${buildImage({ seed: "pinned", mediaTypes: "docker", layers: [0, 5_000] }).digest}`).toBe(
      PINNED_DOCKER_IMAGE,
    );
  });

  test("another seed shares neither config nor layers", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.nat(3), (a, b, layers) => {
        fc.pre(a !== b);
        const one = buildImage({ seed: a, layers });
        const other = buildImage({ seed: b, layers });
        expect([...one.blobs.keys()].filter((digest) => other.blobs.has(digest))).toEqual([]);
      }),
      { numRuns: 25 },
    );
  });

  test.each(["sha256", "sha512"] as const)("every descriptor is true, by %s", (algorithm) => {
    const image = buildImage({ seed: "a", layers: [0, 1, 511, 512, 513, 70_000], algorithm });
    const parsed = parseManifest(image.body, image.mediaType);
    if (parsed.kind !== "image") throw new Error("not an image");
    expect(image.digest.algorithm).toBe(algorithm);
    expect(image.digest.verifies(image.body)).toBe(true);
    for (const descriptor of [parsed.config, ...parsed.layers]) {
      const content = blob(image, descriptor?.digest);
      expect(descriptor?.size).toBe(content.length);
      expect(descriptor?.digest.verifies(content)).toBe(true);
    }
    expect(parsed.layers).toHaveLength(6);
    expect(image.config?.digest).toEqual(parsed.config?.digest);
    expect(image.layers.map((layer) => layer.size)).toEqual(parsed.layers.map((layer) => layer.size));
  });

  test("the config's diff ids are those of the tars, which tar itself reads", () => {
    const image = buildImage({
      seed: "a",
      layers: [0, 700],
      platform: "linux/arm64/v8",
      created: "2026-01-02T03:04:05Z",
    });
    const config = json(blob(image, image.config?.digest));
    const tars = image.layers.map((layer) => gunzipSync(blob(image, layer.digest)));
    expect(config).toMatchObject({
      os: "linux",
      architecture: "arm64",
      variant: "v8",
      created: "2026-01-02T03:04:05Z",
      rootfs: { type: "layers", diff_ids: tars.map((tar) => `${Digest.sha256(tar)}`) },
    });
    expect(execFileSync("tar", ["-tvf", "-"], { input: tars[1] }).toString()).toMatch(
      /^-rw-r--r-- .* 700 .* data\n$/,
    );
    expect(json(image.body).annotations).toEqual({
      "org.opencontainers.image.created": "2026-01-02T03:04:05Z",
    });
  });

  test.each([
    ["oci", MediaType.ociManifest, MediaType.ociConfig, MediaType.ociLayerGzip],
    ["docker", MediaType.dockerManifest, MediaType.dockerConfig, MediaType.dockerLayer],
  ] as const)("%s media types", (mediaTypes, manifest, config, layer) => {
    const image = buildImage({ seed: "a", mediaTypes, layers: 1 });
    expect(image.mediaType).toBe(manifest);
    expect(json(image.body)).toMatchObject({
      mediaType: manifest,
      config: { mediaType: config },
      layers: [{ mediaType: layer }],
    });
  });

  test("a plain tar is a layer uncompressed, a foreign layer is in the manifest alone", () => {
    const foreign = "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip";
    const image = buildImage({
      seed: "a",
      layers: [{ mediaType: MediaType.ociLayer }, { mediaType: foreign }],
    });
    expect(blob(image, image.layers[0]?.digest).subarray(257, 262).toString()).toBe("ustar");
    expect(image.layers[1]?.mediaType).toBe(foreign);
    expect(image.blobs.has(`${image.layers[1]?.digest}`)).toBe(false);
    expect(image.blobs.size).toBe(2);
  });

  test("a subject is named by its descriptor", () => {
    const subject = buildImage({ seed: "subject" });
    const parsed = parseManifest(buildImage({ seed: "a", subject }).body, null);
    expect(parsed.subject).toMatchObject({ digest: subject.digest, size: subject.body.length });
  });

  test("a platform without an architecture is refused with a remedy", () => {
    expect(() => buildImage({ seed: "a", platform: "linux" })).toThrow('got "linux". Write "linux/amd64".');
  });
});

describe("buildArtifact", () => {
  test.each([
    ["stored", null, true],
    ["inline", "{}", false],
    ["both", "{}", true],
  ] as const)("the empty config %s", (emptyConfig, data, isStored) => {
    const subject = buildImage({ seed: "a" });
    const artifact = buildArtifact({ seed: "a", emptyConfig, subject });
    const parsed = parseManifest(artifact.body, artifact.mediaType);
    if (parsed.kind !== "image") throw new Error("not an image");
    expect(parsed.config?.mediaType).toBe(MediaType.ociEmpty);
    expect(parsed.config?.digest.hex).toMatch(/^44136fa3/);
    expect(parsed.config?.data?.toString() ?? null).toBe(data);
    expect(artifact.blobs.has(`${parsed.config?.digest}`)).toBe(isStored);
    expect(parsed.layers[0]?.digest.verifies(blob(artifact, artifact.layers[0]?.digest))).toBe(true);
    expect(parsed.subject?.digest).toEqual(subject.digest);
  });
});

describe("buildIndex", () => {
  const amd64 = buildImage({ seed: "a" });
  const arm64 = buildImage({ seed: "a", platform: "linux/arm64/v8" });

  test("entries carry digest, size and platform in the order given", () => {
    const parsed = indexOf(buildIndex({ children: [amd64, arm64] }));
    expect(parsed.manifests.map((entry) => [entry.digest, entry.size, entry.platform?.variant])).toEqual([
      [amd64.digest, amd64.body.length, null],
      [arm64.digest, arm64.body.length, "v8"],
    ]);
  });

  test("attestations follow the images in BuildKit's form", () => {
    const index = buildIndex({ children: [amd64, arm64], attestations: true });
    expect(indexOf(index).manifests.map((entry) => entry.isAttestation)).toEqual([false, false, true, true]);
    const last = index.children[3];
    expect(last?.entryAnnotations).toEqual({
      "vnd.docker.reference.digest": `${arm64.digest}`,
      "vnd.docker.reference.type": "attestation-manifest",
    });
    expect(last?.layers.map((layer) => layer.mediaType)).toEqual([MediaType.inToto]);
    expect(last?.digest).toEqual(buildAttestation(arm64).digest);
    expect(json(blob(index.children[2] ?? amd64, index.children[2]?.layers[0]?.digest)).subject).toEqual([
      { name: "image", digest: { sha256: amd64.digest.hex } },
    ]);
  });

  test("without a body mediaType, and as a Docker list", () => {
    const bare = buildIndex({ children: [amd64], withMediaType: false });
    expect(json(bare.body)).not.toHaveProperty("mediaType");
    expect(bare.mediaType).toBe(MediaType.ociIndex);
    expect(parseManifest(bare.body, null).kind).toBe("index");
    const list = buildIndex({ children: [amd64], mediaTypes: "docker" });
    expect(json(list.body).mediaType).toBe(MediaType.dockerList);
  });

  test("walks go in push order, each object once", () => {
    const inner = buildIndex({ children: [arm64, amd64] });
    const root = buildIndex({ children: [amd64, inner, amd64] });
    expect(allManifests(root).map((manifest) => manifest.digest)).toEqual(
      [amd64, arm64, inner, root].map((manifest) => manifest.digest),
    );
    expect([...allBlobs(root).keys()]).toEqual([...new Set([...amd64.blobs.keys(), ...arm64.blobs.keys()])]);
  });
});

describe("hostile content", () => {
  test("a deep index nests as often as it says", () => {
    let depth = 0;
    let at: BuiltManifest | undefined = buildDeepIndex("deep");
    for (; at !== undefined && at.config === null; at = at.children[0]) depth += 1;
    expect(depth).toBe(100);
  });

  test("a wide index has different children", () => {
    const wide = buildWideIndex("wide");
    expect(new Set(wide.children.map((child) => `${child.digest}`)).size).toBe(400);
    expect(indexOf(wide).manifests).toHaveLength(400);
  });

  test("no hostile name is legal", () => {
    expect(HOSTILE_REPOSITORY_NAMES.filter(isRepositoryName)).toEqual([]);
    expect(HOSTILE_TAG_NAMES.filter(isTag)).toEqual([]);
  });

  test("a raw manifest is taken as it is", () => {
    const raw = buildRawManifest({ body: Buffer.from("{"), mediaType: "text/x", blobs: [Buffer.from("b")] });
    expect(raw.digest.verifies(Buffer.from("{"))).toBe(true);
    expect([...raw.blobs.keys()]).toEqual([`${Digest.sha256(Buffer.from("b"))}`]);
  });
});

const PINNED_IMAGE = "sha256:08ac40e56b76adb2a6246be98f791a7d2c4ed2ebd9179c0b0ebc653e6f9543b8";
const PINNED_DOCKER_IMAGE = "sha256:7439eab50aa6b447bc9ea013d9925c7358fa210568123229eed5ed8c9b661571";
