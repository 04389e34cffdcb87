import fc from "fast-check";
import { MalformedError } from "../../lib/oci/descriptor";
import { type Manifest, parseManifest } from "../../lib/oci/manifest";
import { MediaType } from "../../lib/oci/media-type";

const digest = `sha256:${"a".repeat(64)}`;
const child = { mediaType: MediaType.ociManifest, digest, size: 100 };
const config = { mediaType: MediaType.ociConfig, digest, size: 10 };
const layer = { mediaType: MediaType.ociLayerGzip, digest, size: 1000 };

function parse(json: unknown, contentType: string | null = null): Manifest {
  return parseManifest(Buffer.from(JSON.stringify(json)), contentType);
}

describe("what the bytes are: by Content-Type, then the body's mediaType, then the shape", () => {
  const index = { schemaVersion: 2, manifests: [child] };
  const image = { schemaVersion: 2, config, layers: [layer] };
  const both = { ...index, ...image };
  test.each<[string, unknown, string | null, Manifest["kind"], string]>([
    [
      "index by all three",
      { ...index, mediaType: MediaType.ociIndex },
      MediaType.ociIndex,
      "index",
      MediaType.ociIndex,
    ],
    ["index without mediaType", index, MediaType.ociIndex, "index", MediaType.ociIndex],
    [
      "index by its body",
      { ...index, mediaType: MediaType.dockerList },
      "application/json",
      "index",
      MediaType.dockerList,
    ],
    ["index by its shape alone", index, null, "index", ""],
    ["index by its shape, under a type that says nothing", index, "text/plain", "index", "text/plain"],
    [
      "image by all three",
      { ...image, mediaType: MediaType.ociManifest },
      MediaType.ociManifest,
      "image",
      MediaType.ociManifest,
    ],
    [
      "image without mediaType",
      image,
      `${MediaType.dockerManifest}; charset=utf-8`,
      "image",
      MediaType.dockerManifest,
    ],
    [
      "image by its body",
      { ...image, mediaType: MediaType.ociManifest },
      null,
      "image",
      MediaType.ociManifest,
    ],
    ["image by its layers", { layers: [layer] }, null, "image", ""],
    ["image by its config", { config }, null, "image", ""],
    [
      "Content-Type outweighs the body",
      { ...both, mediaType: MediaType.ociManifest },
      MediaType.ociIndex,
      "index",
      MediaType.ociIndex,
    ],
    [
      "the body outweighs the shape",
      { ...both, mediaType: MediaType.ociManifest },
      null,
      "image",
      MediaType.ociManifest,
    ],
    [
      "schema 1 by its type",
      { schemaVersion: 1 },
      MediaType.dockerSchema1Signed,
      "schema1",
      MediaType.dockerSchema1Signed,
    ],
    [
      "schema 1 by its shape",
      { schemaVersion: 1, fsLayers: [] },
      "application/json",
      "schema1",
      "application/json",
    ],
    ["a shape that nobody knows", { schemaVersion: 2 }, null, "unknown", ""],
    [
      "a type that nobody knows",
      { mediaType: "application/x-new", blobs: [child] },
      null,
      "unknown",
      "application/x-new",
    ],
  ])("%s", (_, json, contentType, kind, mediaType) => {
    expect(parse(json, contentType)).toMatchObject({ kind, mediaType });
  });
});

test("an index: its entries in order, subject and creation time", () => {
  const parsed = parse({
    manifests: [child, { ...child, size: 2, platform: { os: "linux", architecture: "arm64" } }],
    subject: child,
    annotations: { "org.opencontainers.image.created": "2026-01-02T03:04:05Z" },
  });
  if (parsed.kind !== "index") throw new Error(parsed.kind);
  expect(parsed.manifests.map(({ size, platform }) => [size, platform?.architecture])).toEqual([
    [100, undefined],
    [2, "arm64"],
  ]);
  expect(parsed.subject?.size).toBe(100);
  expect(parsed.created).toBe("2026-01-02T03:04:05Z");
});

test("an image: config and layers", () => {
  const parsed = parse({ config, layers: [layer, layer] }, MediaType.ociManifest);
  if (parsed.kind !== "image") throw new Error(parsed.kind);
  expect(parsed.config?.size).toBe(10);
  expect(parsed.layers.map(({ mediaType }) => mediaType)).toEqual([
    MediaType.ociLayerGzip,
    MediaType.ociLayerGzip,
  ]);
  expect(parsed.subject).toBeNull();
  expect(parsed.created).toBeNull();
});

test("an image without layers has none; one without config is legal only where no type demands it", () => {
  expect(parse({ config }, MediaType.ociManifest)).toMatchObject({ kind: "image", layers: [] });
  expect(parse({ layers: [layer] }, "application/json")).toMatchObject({ kind: "image", config: null });
});

test.each<[string, unknown, string | null, string]>([
  ["no object", [child], null, "manifest must be a JSON object"],
  ["null", null, MediaType.ociIndex, "manifest must be a JSON object"],
  ["no list", { manifests: {} }, MediaType.ociIndex, "manifests must be an array"],
  ["no list at all", {}, MediaType.ociIndex, "manifests must be an array"],
  ["layers are no list", { config, layers: 3 }, MediaType.ociManifest, "layers must be an array"],
  ["no config", { layers: [] }, MediaType.ociManifest, "config must be a descriptor"],
  [
    "no config by the body's type",
    { mediaType: MediaType.dockerManifest, layers: [] },
    null,
    "config must be a descriptor",
  ],
  ["config is a digest", { config: digest, layers: [] }, MediaType.ociManifest, "config must be an object"],
  [
    "a child without digest",
    { manifests: [child, { size: 1 }] },
    null,
    "manifests[1].digest must be sha256:",
  ],
  [
    "a layer of negative size",
    { config, layers: [layer, layer, { ...layer, size: -1 }] },
    null,
    "layers[2].size must be a whole number",
  ],
  [
    "a wrong subject",
    { config, layers: [], subject: [] },
    MediaType.ociManifest,
    "subject must be an object",
  ],
])("%s: path and rule are named", (_, json, contentType, message) => {
  expect(() => parse(json, contentType)).toThrow(MalformedError);
  expect(() => parse(json, contentType)).toThrow(message);
});

test.each([
  ["nothing", ""],
  ["half of it", '{"manifests":['],
  ["a page", "<!DOCTYPE html><title>Sign in</title>"],
  ["zeros", "\0\0\0\0"],
])("%s is no JSON", (_, text) => {
  expect(() => parseManifest(Buffer.from(text), MediaType.ociIndex)).toThrow("manifest must be JSON");
});

test("10,000 entries are read, one more is refused", () => {
  const entries = (count: number) => Array.from({ length: count }, () => child);
  expect(parse({ manifests: entries(10_000) })).toMatchObject({ kind: "index" });
  expect(() => parse({ manifests: entries(10_001) })).toThrow(
    "manifests must have at most 10000 entries, got 10001",
  );
  expect(() => parse({ config, layers: entries(10_001) })).toThrow("layers must have at most 10000 entries");
});

test("whatever the bytes, it returns or says what is malformed", () => {
  const fields = {
    mediaType: fc.anything(),
    size: fc.anything(),
    digest: fc.oneof(fc.constant(digest), fc.anything()),
    platform: fc.anything(),
  };
  const near = fc.record({ ...fields, size: fc.oneof(fc.nat(), fc.anything()) }, { requiredKeys: [] });
  const list = fc.oneof(fc.array(near, { maxLength: 4 }), fc.anything());
  const document = fc.record(
    {
      schemaVersion: fc.constantFrom(1, 2, "2"),
      mediaType: fc.oneof(fc.constantFrom(...Object.values(MediaType)), fc.anything()),
      manifests: list,
      layers: list,
      config: fc.oneof(near, fc.anything()),
      subject: fc.oneof(near, fc.anything()),
      annotations: fc.anything(),
    },
    { requiredKeys: [] },
  );
  const text = document.map((value) =>
    Buffer.from(JSON.stringify(value, (_, each) => (typeof each === "bigint" ? 1 : each))),
  );
  const bytes = fc.uint8Array({ maxLength: 64 }).map((value) => Buffer.from(value));
  const body = fc.oneof(
    text,
    bytes,
    fc.json().map((value) => Buffer.from(value)),
  );
  const contentType = fc.option(fc.oneof(fc.constantFrom(...Object.values(MediaType)), fc.string()));
  const kinds = new Set<string>();
  fc.assert(
    fc.property(body, contentType, (content, type) => {
      try {
        kinds.add(parseManifest(content, type).kind);
      } catch (error) {
        expect(error).toBeInstanceOf(MalformedError);
        kinds.add("malformed");
      }
    }),
    { numRuns: 500, seed: 1 },
  );
  // The property is worth something only if both ends are reached.
  expect(kinds).toEqual(new Set(["index", "image", "schema1", "unknown", "malformed"]));
});
