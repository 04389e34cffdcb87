import { createHash } from "node:crypto";
import fc from "fast-check";
import { nameOf, placeOf } from "../../../bench/simulation/blob-name";
import { countsOf, type EstateShape, estateOf, tagsIn } from "../../../bench/simulation/estate-shape";
import { SyntheticEstate } from "../../../bench/simulation/synthetic-estate";
import { shardOf } from "../../../lib/integrity/shard";
import { parseManifest } from "../../../lib/oci/manifest";

const places = fc.record({
  scope: fc.constantFrom(0, 1, 2) as fc.Arbitrary<0 | 1 | 2>,
  owner: fc.nat(1_000_000),
  tag: fc.nat(60_000),
  version: fc.nat(100_000),
  platform: fc.nat(200),
  layer: fc.nat(200),
});

test("a layer's name tells its place, and no other digest tells one", () => {
  fc.assert(
    fc.property(places, fc.nat(31), (place, at) => {
      const name = nameOf(9, place);
      expect(name).toMatch(/^[0-9a-f]{64}$/);
      expect(placeOf(9, name)).toEqual(place);
      expect(placeOf(8, name)).toBeNull();
      const bytes = Buffer.from(name, "hex");
      bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
      expect(placeOf(9, bytes.toString("hex"))).toBeNull();
    }),
  );
  expect(placeOf(9, createHash("sha256").update("config").digest("hex"))).toBeNull();
});

test("names spread evenly over the slices that digests are dealt to", () => {
  const counts = new Array<number>(10).fill(0);
  for (let tag = 0; tag < 10_000; tag++) {
    const name = nameOf(9, { scope: 2, owner: tag % 7, tag, version: 0, platform: 0, layer: 1 });
    const slice = Number.parseInt(name.slice(0, 8), 16) % 10;
    counts[slice] = (counts[slice] as number) + 1;
  }
  for (const count of counts) expect(Math.abs(count - 1_000)).toBeLessThan(150);
});

const SMALL: EstateShape = { ...estateOf(3_000), repositories: 60, tagsPerRepository: 3 };

test("manifests are what they say, their digests are true, and all is counted", () => {
  const estate = new SyntheticEstate(SMALL);
  const manifests = new Set<string>();
  const distinct = new Set<string>();
  const linked = new Set<string>();
  let tags = 0;
  for (let repository = 0; repository < SMALL.repositories; repository++) {
    for (let tag = 0; tag < tagsIn(SMALL, repository); tag++) {
      tags++;
      const index = estate.index({ repository, tag, version: 0 });
      for (const { body, hex } of [index, ...index.images, ...index.images.map(({ config }) => config)]) {
        expect(createHash("sha256").update(body).digest("hex")).toBe(hex);
      }
      const parsed = parseManifest(index.body, null);
      expect(parsed.kind === "index" && parsed.manifests.map(({ digest }) => digest.hex)).toEqual(
        index.images.map(({ hex }) => hex),
      );
      for (const image of index.images) {
        manifests.add(image.hex);
        const manifest = parseManifest(image.body, null);
        if (manifest.kind !== "image" || manifest.config === null) throw new Error("no image");
        expect(manifest.layers.map(({ digest, size }) => [digest.hex, size])).toEqual(
          image.layers.map(({ hex, size }) => [hex, size]),
        );
        for (const { hex } of [image.config, ...image.layers]) {
          distinct.add(hex);
          linked.add(`${repository} ${hex}`);
        }
      }
    }
  }
  const counts = { tags, manifests: manifests.size, blobs: linked.size, distinctBlobs: distinct.size };
  expect(countsOf(SMALL)).toMatchObject({ ...counts, indexes: tags, repositories: 60 });
});

test.each([100_000, 1_000_000, 10_000_000])("the shape of about %i blobs has about as many", (blobs) => {
  const { distinctBlobs } = countsOf(estateOf(blobs));
  expect(Math.abs(distinctBlobs / blobs - 1)).toBeLessThan(0.03);
});

test("every repository has one shard, the shards are about even, and one more moves few", () => {
  const estate = new SyntheticEstate(estateOf(1_000_000));
  const names = Array.from({ length: 1_000 }, (_, i) => estate.repositoryName(i));
  const loads = new Array<number>(9).fill(0);
  let moved = 0;
  for (const name of names) {
    const before = shardOf(name, 8);
    loads[before] = (loads[before] as number) + 1;
    const after = shardOf(name, 9);
    if (after !== before) moved++;
    expect([before, 9]).toContain(after);
  }
  for (const load of loads.slice(1)) expect(Math.abs(load - 125)).toBeLessThan(40);
  expect(moved).toBeLessThan(200);
});
