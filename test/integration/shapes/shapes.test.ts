/** `tallyman probe`: manifests of every shape, whole and broken, on the embedded registry. */
import { MediaType } from "../../../lib/oci/media-type";
import {
  type BuiltManifest,
  buildArtifact,
  buildImage,
  buildIndex,
  buildRawManifest,
  EmbeddedRegistry,
} from "../../../lib/testing";
import { reportOf } from "../../support/tallyman";
import { firstChild, firstLayer, twoPlatforms } from "../../support/two-platforms";
import { type Entry, entryOf, rawImage, rawIndex } from "./raw-manifests";
import { verdictOf } from "./verdict-of";

const EMPTY = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";

let registry: EmbeddedRegistry;

beforeEach(async () => {
  registry = await EmbeddedRegistry.start();
});

afterEach(() => registry.close());

const verdict = (): Promise<(number | string)[]> => verdictOf(registry.url);

const image = buildImage({ seed: "shapes" });
const [layer] = image.layers as [Entry, Entry];

describe("nothing to walk is whole", () => {
  test("an empty registry", async () => {
    expect(await verdict()).toEqual([0]);
    expect((await reportOf(["probe", registry.url])).report.checked).toMatchObject({
      repositories: 0,
      tags: 0,
      requests: 1,
    });
  });

  test("a repository whose tags are null", async () => {
    registry.put("app", "1", image);
    registry.storage.deleteTag("app", "1");
    expect(await verdict()).toEqual([0]);
    expect((await reportOf(["probe", registry.url])).report.checked).toMatchObject({
      repositories: 1,
      tags: 0,
      requests: 2,
    });
  });

  test("an index without entries", async () => {
    registry.put("app", "1", rawIndex([]));
    expect(await verdict()).toEqual([0]);
  });
});

describe("an index without a mediaType (F12a)", () => {
  const child = buildImage({ seed: "untyped/child", platform: "linux/arm64" });
  const index = buildIndex({ children: [child], withMediaType: false });

  test.each([
    ["its own Content-Type", MediaType.ociIndex],
    ["a Content-Type that says nothing", "application/json"],
  ])("by %s: a lost child is found", async (_how, contentType) => {
    registry.put("app", "1", index);
    registry.script({
      fault: {
        kind: "reply",
        change: (reply) => ({ ...reply, headers: { ...reply.headers, "content-type": contentType } }),
      },
      path: "/manifests/1",
    });
    expect(await verdict()).toEqual([0]);
    registry.storage.unlinkManifest("app", child.digest);
    expect(await verdict()).toEqual([1, "damage index_child_missing app 1 [linux/arm64]"]);
  });
});

describe("what need not be there", () => {
  test.each([
    "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
    "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
  ])("a foreign layer is not asked for: %s", async (mediaType) => {
    const windows = buildImage({ seed: "foreign", layers: [{ mediaType }, {}] });
    registry.put("app", "1", windows);
    expect(await verdict()).toEqual([0]);
    const asked = registry.requests.filter(({ url }) => url.includes("/blobs/"));
    expect(asked).toHaveLength(2);
    expect(asked.some(({ url }) => url.includes(`${windows.layers[0]?.digest}`))).toBe(false);
  });

  test("an empty descriptor that is inline is not asked for", async () => {
    registry.put("sbom", "1", buildArtifact({ seed: "inline", emptyConfig: "inline" }));
    expect(await verdict()).toEqual([0]);
    expect(registry.requests.some(({ url }) => url.includes(EMPTY))).toBe(false);
  });

  test("an empty descriptor that is nowhere is a warning", async () => {
    registry.put("sbom", "1", buildArtifact({ seed: "stored" }));
    expect(await verdict()).toEqual([0]);
    registry.storage.deleteBlobLink("sbom", EMPTY);
    registry.restart();
    expect(await verdict()).toEqual([0, "warning empty_descriptor_missing sbom 1"]);
  });

  test("the subject of an artifact, or of an image, is a warning", async () => {
    const sbom = buildArtifact({ seed: "subject", subject: image });
    registry.put("app", "sbom", sbom);
    registry.put("app", "signed", buildImage({ seed: "signed", subject: image }));
    expect(await verdict()).toEqual([0, "warning subject_missing app sbom,signed"]);
    registry.put("app", null, image);
    expect(await verdict()).toEqual([0]);
    registry.put("app", "1", image);
    registry.storage.unlinkManifest("app", image.digest);
    expect((await verdict())[0]).toBe(1);
  });

  test("an attestation, or any part of one, is a warning; the image beside it is not", async () => {
    const index = buildIndex({ children: [buildImage({ seed: "attested" })], attestations: true });
    const [child, attestation] = index.children;
    registry.put("app", "1", index);
    registry.storage.deleteBlobData(attestation?.layers[0]?.digest ?? "");
    expect(await verdict()).toEqual([0, "warning attestation_missing app 1"]);
    registry.storage.unlinkManifest("app", attestation?.digest ?? "");
    expect(await verdict()).toEqual([0, "warning attestation_missing app 1"]);
    registry.storage.unlinkManifest("app", child?.digest ?? "");
    expect(await verdict()).toEqual([
      1,
      "damage index_child_missing app 1 [linux/amd64]",
      "warning attestation_missing app 1",
    ]);
  });
});

describe("what cannot be read is said, and is no error", () => {
  test("schema 1", async () => {
    const body = Buffer.from(JSON.stringify({ schemaVersion: 1, name: "a", tag: "1", fsLayers: [] }));
    registry.put("old", "1", buildRawManifest({ body, mediaType: MediaType.dockerSchema1Signed }));
    expect(await verdict()).toEqual([0, "information schema1 old 1"]);
  });

  test("a manifest, an index entry and a layer of unknown types are still asked for", async () => {
    const mediaType = "application/vnd.example.thing.v1+json";
    const thing = buildRawManifest({ body: Buffer.from('{"a":1}'), mediaType });
    registry.put("thing", "1", thing);
    registry.put("index", "1", rawIndex([entryOf(thing)], { children: [thing] }));
    registry.put("layer", "1", rawImage([{ ...layer, mediaType }], image));
    expect(await verdict()).toEqual([
      0,
      "information unknown_media_type index 1",
      "information unknown_media_type layer 1",
      "information unknown_media_type thing 1",
    ]);
    registry.storage.unlinkManifest("index", thing.digest);
    registry.storage.deleteBlobLink("layer", layer.digest);
    registry.restart();
    expect(await verdict()).toEqual([
      1,
      "damage index_child_missing index 1",
      "damage layer_missing layer 1",
      "information unknown_media_type thing 1",
    ]);
  });
});

test("F23: an index entry that is a plain blob is asked for as one", async () => {
  const cache: Entry = { ...layer, mediaType: MediaType.ociLayerGzip };
  registry.put("cache", "1", rawIndex([cache], { blobs: image.blobs }));
  expect(await verdict()).toEqual([0]);
  registry.storage.deleteBlobLink("cache", layer.digest);
  registry.restart();
  expect(await verdict()).toEqual([1, "damage index_child_missing cache 1"]);
});

describe("one broken object is one finding", () => {
  test("a shared layer names every tag that reaches it", async () => {
    registry.put("app", "2", image);
    registry.put("app", "1", buildIndex({ children: [image] }));
    registry.put("app", "whole", buildImage({ seed: "whole" }));
    registry.put("copy", "1", image);
    registry.storage.deleteBlobData(layer.digest);
    expect(await verdict()).toEqual([
      1,
      "damage layer_missing app 1,2 [linux/amd64]",
      "damage layer_missing copy 1",
    ]);
  });

  test("below a lost manifest nothing more is reported", async () => {
    const index = twoPlatforms("below");
    registry.put("app", "1", index);
    registry.storage.deleteBlobData(firstLayer(index).digest);
    registry.storage.unlinkManifest("app", firstChild(index).digest);
    expect(await verdict()).toEqual([1, "damage index_child_missing app 1 [linux/amd64]"]);
  });

  test("what an attestation shares with an image is the image's damage", async () => {
    const attested = buildIndex({ children: [image], attestations: true });
    const attestation = attested.children[1] as BuiltManifest;
    registry.put("app", "1", attested);
    registry.put("app", "2", attestation);
    registry.storage.deleteBlobData(attestation.layers[0]?.digest ?? "");
    expect(await verdict()).toEqual([1, "damage layer_missing app 2"]);
  });
});
