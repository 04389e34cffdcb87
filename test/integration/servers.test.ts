/**
 * How the real registries behave, held by raw requests: what the probe's verdicts rest upon. A fact that a newer
 * registry changes fails here first, by name.
 */
import { MediaType } from "../../lib/oci/media-type";
import { type BuiltManifest, buildIndex } from "../../lib/testing";
import { Distribution, type DistributionVersion, distributionVersions } from "../support/distribution";
import { rawHttp } from "../support/raw-http";
import { errorCode, provesLastByte, RegistryObserver } from "../support/registry-observer";
import { skopeoPull } from "../support/skopeo";
import {
  cutOneByte,
  deleteData,
  deleteLayerLink,
  deleteRevisionLink,
  emptyData,
  emptyTagLink,
  flipOneByte,
  removeTagDirectory,
} from "../support/storage-damage";
import {
  firstChild,
  firstLayer,
  namesIn,
  SOUND,
  statuses,
  statusesOf,
  twoPlatforms,
} from "../support/two-platforms";
import { writeImage } from "../support/write-image";

describe.each(distributionVersions("facts of servers.test.ts"))(
  "distribution %s",
  (version: DistributionVersion) => {
    const is28 = version === "2.8";

    describe("on one storage, with a cache and without", () => {
      let cached: Distribution;
      let uncached: Distribution;

      beforeAll(async () => {
        cached = await Distribution.start({ version });
        uncached = await Distribution.start({ version, cache: "none", root: cached.root });
      });

      afterAll(async () => {
        await uncached?.stop();
        await cached?.stop();
      });

      /** A repository with one tag, `latest`. */
      function repository(name: string, index: BuiltManifest = twoPlatforms(name)) {
        writeImage(cached.root, name, "latest", index);
        return {
          index,
          child: firstChild(index),
          layer: firstLayer(index),
          at: new RegistryObserver(cached.url, name),
          atUncached: new RegistryObserver(uncached.url, name),
          image: `${cached.host}/${name}:latest`,
        };
      }

      test("an image written straight to the storage is whole, and skopeo pulls it", async () => {
        const { index, at, image } = repository("sound/app");
        expect(await statusesOf(at, index)).toEqual(SOUND);
        expect((await at.manifest("latest")).headers["docker-content-digest"]).toBe(`${index.digest}`);
        expect(await skopeoPull(image)).toEqual({ ok: true, stderr: "" });
      });

      test("F3: a tag's directory removed leaves index, children, config and layers at 200", async () => {
        const { index, at } = repository("f3");
        removeTagDirectory(cached.root, "f3", "latest");
        expect((await at.manifest("latest")).status).toBe(404);
        expect(await statusesOf(at, index)).toEqual(SOUND);
      });

      test("F4: a child of a live index can be deleted; the index stays at 200", async () => {
        const { index, child, at } = repository("f4");
        expect((await at.delete(child.digest)).status).toBe(202);
        expect(statuses([await at.manifest(child.digest), await at.manifest(index.digest)])).toEqual([
          404, 200,
        ]);
      });

      test("F5: the same bytes PUT again bring a deleted child back", async () => {
        const { child, at, image } = repository("f5");
        await at.delete(child.digest);
        expect((await skopeoPull(image)).ok).toBe(false);
        expect((await at.put(child)).status).toBe(201);
        expect((await at.manifest(child.digest)).status).toBe(200);
        expect((await skopeoPull(image)).ok).toBe(true);
      });

      const BLOB_DAMAGE = { deleted: deleteData, emptied: emptyData, "cut by one byte": cutOneByte };

      test.each(Object.entries(BLOB_DAMAGE))(
        "F6a, F6e: layer data %s: a warm HEAD lies, the last byte by range does not",
        async (name, damage) => {
          const { layer, at, atUncached } = repository(`f6a/${name.replaceAll(" ", "-")}`);
          const warm = await at.headBlob(layer.digest);
          expect(provesLastByte(await at.lastByte(layer), layer.size)).toBe(true);
          expect(provesLastByte(await atUncached.lastByte(layer), layer.size)).toBe(true);

          damage(cached.root, layer.digest);
          const lie = await at.headBlob(layer.digest);
          expect([warm.status, lie.status, lie.headers["content-length"]]).toEqual([
            200,
            200,
            `${layer.size}`,
          ]);
          const answer = await at.lastByte(layer);
          expect(provesLastByte(answer, layer.size)).toBe(false);
          expect(provesLastByte(await atUncached.lastByte(layer), layer.size)).toBe(false);
          // The header alone would be believed: only the byte that does not arrive tells.
          expect([answer.status, answer.body.length, answer.whole]).toEqual([206, 0, false]);
          expect(answer.headers["content-range"]).toBe(
            `bytes ${layer.size - 1}-${layer.size - 1}/${layer.size}`,
          );
        },
      );

      test("F6a: bytes=0-0 and bytes=-1 miss a layer that is one byte short", async () => {
        const { layer, atUncached } = repository("f6a/first-byte");
        cutOneByte(cached.root, layer.digest);
        for (const range of ["bytes=0-0", "bytes=-1"]) {
          const answer = await atUncached.get(`blobs/${layer.digest}`, { range });
          expect([answer.status, answer.body.length]).toEqual([206, 1]);
        }
      });

      test("F6a: a byte flipped in a layer is found by the hash of all bytes alone", async () => {
        const { layer, at, atUncached } = repository("f6a/flipped");
        flipOneByte(cached.root, layer.digest);
        for (const registry of [at, atUncached]) {
          expect(provesLastByte(await registry.lastByte(layer), layer.size)).toBe(true);
          const { status, body } = await registry.blob(layer.digest);
          expect([status, body.length, layer.digest.verifies(body)]).toEqual([200, layer.size, false]);
        }
      });

      test("F6c: a byte flipped in a child manifest is served at 200 under the digest asked for, if it parses", async () => {
        const { child, at, atUncached } = repository("f6c/flipped");
        flipOneByte(cached.root, child.digest, child.body.indexOf('"size":') + '"size":'.length);
        for (const registry of [at, atUncached]) {
          const { status, headers, body } = await registry.manifest(child.digest);
          expect([status, headers["docker-content-digest"]]).toEqual([200, `${child.digest}`]);
          expect(child.digest.verifies(body)).toBe(false);
        }
      });

      test("F6c: a byte flipped in the mediaType of a child manifest answers 500", async () => {
        const { child, at } = repository("f6c/media-type");
        flipOneByte(cached.root, child.digest, child.body.indexOf("application/"));
        expect((await at.manifest(child.digest)).status).toBe(500);
      });

      test("F6c: empty manifest data and an empty tag link answer 500 for ever", async () => {
        const { child, at, atUncached } = repository("f6c/emptied");
        emptyData(cached.root, child.digest);
        emptyTagLink(cached.root, "f6c/emptied", "latest");
        for (const registry of [at, atUncached, at]) {
          expect(
            statuses([await registry.manifest(child.digest), await registry.manifest("latest")]),
          ).toEqual([500, 500]);
        }
      });

      test("F6d: a layer's link deleted is 200 from a warm cache, 404 without one", async () => {
        const { layer, at, atUncached } = repository("f6d");
        expect((await at.headBlob(layer.digest)).status).toBe(200);
        deleteLayerLink(cached.root, "f6d", layer.digest);
        expect(statuses([await at.headBlob(layer.digest), await at.blob(layer.digest)])).toEqual([200, 200]);
        expect((await atUncached.headBlob(layer.digest)).status).toBe(404);
      });

      test("F7: a manifest without its revision link is 404, though its data is on the disk", async () => {
        const { index, child, at, atUncached } = repository("f7");
        deleteRevisionLink(cached.root, "f7", child.digest);
        for (const registry of [at, atUncached]) {
          expect(
            statuses([await registry.manifest(child.digest), await registry.manifest(index.digest)]),
          ).toEqual([404, 200]);
        }
      });

      test("F9: an index whose child is absent cannot be pushed", async () => {
        const { at } = repository("f9");
        const answer = await at.put(twoPlatforms("f9/absent"), "next");
        expect([answer.status, errorCode(answer)]).toEqual([400, "MANIFEST_BLOB_UNKNOWN"]);
      });

      test(`F11, F6e: an index asked for without its type is ${is28 ? "404" : "200"}`, async () => {
        const { at } = repository("f11");
        const without = [{}, { accept: "*/*" }, { accept: MediaType.ociManifest }];
        const answers = await Promise.all(without.map((headers) => at.get("manifests/latest", headers)));
        expect(statuses(answers)).toEqual(is28 ? [404, 404, 404] : [200, 200, 200]);
        expect((await at.manifest("latest")).status).toBe(200);
      });

      test("F12a: an index without a mediaType of its own is legal, and served as an index", async () => {
        const { index, at } = repository("f12a");
        const bare = buildIndex({ children: index.children, withMediaType: false });
        expect((await at.put(bare, "bare")).status).toBe(201);
        expect((await at.manifest("bare")).headers["content-type"]).toBe(MediaType.ociIndex);
      });

      test("F13: the catalogue refuses n=1001 and pages by a relative Link", async () => {
        repository("f13/one");
        repository("f13/two");
        const refused = await rawHttp(`${cached.url}/v2/_catalog?n=1001`);
        expect([refused.status, errorCode(refused)]).toEqual([400, "PAGINATION_NUMBER_INVALID"]);
        const page = await rawHttp(`${cached.url}/v2/_catalog?n=1`);
        expect([page.status, page.headers.link]).toEqual([
          200,
          expect.stringMatching(/^<\/v2\/_catalog\?[^>]*last=[^>]*>; rel="next"$/),
        ]);
      });

      test(`F14, F6e: the list of tags ${is28 ? "ignores n and last" : "honours n"}`, async () => {
        const { index, at } = repository("f14");
        for (const tag of ["a", "b", "c"]) writeImage(cached.root, "f14", tag, index);
        const page = await at.get("tags/list?n=2");
        expect([namesIn(page, "tags"), page.headers.link !== undefined]).toEqual(
          is28 ? [["a", "b", "c", "latest"], false] : [["a", "b"], true],
        );
      });

      test(`F17, F6e: DELETE by tag is ${is28 ? "refused" : "accepted"}; there is no referrers route`, async () => {
        const { index, at } = repository("f17");
        expect((await at.delete("latest")).status).toBe(is28 ? 400 : 202);
        expect(statuses([await at.manifest("latest"), await at.manifest(index.digest)])).toEqual(
          is28 ? [200, 200] : [404, 200],
        );
        const referrers = await at.get(`referrers/${index.digest}`);
        expect([referrers.status, referrers.headers["content-type"]]).toEqual([
          404,
          expect.stringMatching(/^text\/plain/),
        ]);
      });

      // Last in this group: it empties the cache that the others warmed.
      test("F6a, F6d: after a restart HEAD tells what the warm cache hid", async () => {
        const gone = repository("restart/gone");
        const unlinked = repository("restart/unlinked");
        const heads = async () =>
          statuses([
            await gone.at.headBlob(gone.layer.digest),
            await unlinked.at.headBlob(unlinked.layer.digest),
          ]);
        await heads();
        deleteData(cached.root, gone.layer.digest);
        deleteLayerLink(cached.root, "restart/unlinked", unlinked.layer.digest);
        expect(await heads()).toEqual([200, 200]);
        await cached.restart();
        expect(await heads()).toEqual([404, 404]);
      });
    });
  },
);
