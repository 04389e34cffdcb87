/** `tallyman probe`: bytes, sizes and digests that contradict one another. */
import { MediaType } from "../../../lib/oci/media-type";
import { buildImage, buildRawManifest, EmbeddedRegistry } from "../../../lib/testing";
import { reportOf } from "../../support/tallyman";
import { firstChild, twoPlatforms } from "../../support/two-platforms";
import { type Entry, entryOf, rawImage, rawIndex } from "./raw-manifests";
import { verdictOf } from "./verdict-of";

let registry: EmbeddedRegistry;

beforeEach(async () => {
  registry = await EmbeddedRegistry.start();
});

afterEach(() => registry.close());

const verdict = (): Promise<(number | string)[]> => verdictOf(registry.url);

const image = buildImage({ seed: "shapes" });
const [layer] = image.layers as [Entry, Entry];

describe("bytes that are not what they are said to be", () => {
  const index = twoPlatforms("bytes");
  const child = firstChild(index);

  test("a wrong Docker-Content-Digest at a child", async () => {
    registry.put("app", "1", index);
    registry.script({ fault: { kind: "wrong-digest-header" }, path: `/manifests/${child.digest}` });
    expect(await verdict()).toEqual([1, "damage digest_mismatch app 1 [linux/amd64]"]);
  });

  test("a wrong Docker-Content-Digest at a tag: the image that it names is not there", async () => {
    registry.put("app", "1", index);
    registry.script({ fault: { kind: "wrong-digest-header" }, path: "/manifests/1" });
    expect(await verdict()).toEqual([1, "damage manifest_missing app 1"]);
  });

  test("an index whose bytes have changed", async () => {
    registry.put("app", "1", index);
    registry.storage.flipBlobByte(index.digest, index.body.indexOf('"size":') + '"size":'.length);
    expect(await verdict()).toEqual([1, "damage digest_mismatch app 1"]);
  });

  test("a child whose descriptor says another size", async () => {
    const entry = { ...entryOf(image), size: image.body.length + 1 };
    registry.put("app", "1", rawIndex([entry], { children: [image] }));
    expect(await verdict()).toEqual([1, "damage size_mismatch app 1"]);
  });

  test.each([
    [-1, "size_mismatch"],
    [+1, "truncated"],
    [-layer.size, "size_mismatch"],
  ])("a layer whose descriptor says %d bytes more than there are", async (more, kind) => {
    registry.put("app", "1", rawImage([{ ...layer, size: layer.size + more }], image));
    expect(await verdict()).toEqual([1, `damage ${kind} app 1`]);
  });

  test("two descriptors of one layer that differ in size", async () => {
    const other = rawImage([{ ...layer, size: layer.size + 1 }], image);
    registry.put("app", "1", image);
    registry.put("app", "2", other);
    const { exitCode, report } = await reportOf(["probe", registry.url]);
    expect([exitCode, report.findings.map(({ digest }) => digest)]).toEqual([1, [`${layer.digest}`]]);
  });

  test.each([
    ["no JSON", "{"],
    ["an array", "[]"],
    ["a layer without a digest", '{"schemaVersion":2,"layers":[{"size":1}],"config":null}'],
    ["a size below zero", JSON.stringify({ manifests: [{ digest: `${layer.digest}`, size: -1 }] })],
  ])("a manifest with the right hash that is none: %s", async (_what, text) => {
    const mediaType = text.includes("manifests") ? MediaType.ociIndex : MediaType.ociManifest;
    registry.put("app", "1", buildRawManifest({ body: Buffer.from(text), mediaType }));
    expect(await verdict()).toEqual([1, "damage malformed_manifest app 1"]);
  });
});
