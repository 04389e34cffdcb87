/** The embedded registry beside docker-registry 2.8 itself: the same content, damage and requests, the same answers. */
import { isDeepStrictEqual } from "node:util";
import { Digest } from "../../lib/oci/digest";
import { MediaType } from "../../lib/oci/media-type";
import { type BuiltManifest, buildImage, buildIndex, EmbeddedRegistry } from "../../lib/testing";
import { Distribution } from "../support/distribution";
import { ACCEPT_ALL, type RawAnswer, type RawRequest, rawHttp } from "../support/raw-http";
import * as disk from "../support/storage-damage";
import { writeImage } from "../support/write-image";

const amd64 = buildImage({ seed: "a", layers: [300, 900] });
const arm64 = buildImage({ seed: "b", platform: "linux/arm64", layers: [300] });
const index = buildIndex({ children: [amd64, arm64] });
const [layer] = amd64.layers;
const config = amd64.config;
if (layer === undefined || config === null) throw new Error("the image has a layer and a config");

const REPOSITORY = "team/app";
const last = (size: number): string => `bytes=${size - 1}-${size - 1}`;

/** Every way of asking that the probe, a pull and a curious person have. */
const QUESTIONS: readonly (readonly [path: string, request?: RawRequest])[] = [
  [""],
  ["_catalog?n=1000"],
  ["_catalog?n=1001"],
  ["_catalog?n=1"],
  [`${REPOSITORY}/tags/list`],
  ["absent/tags/list"],
  ["UPPER/tags/list"],
  [`${REPOSITORY}/referrers/${index.digest}`],
  ...["GET", "HEAD"].flatMap((method) => [
    [`${REPOSITORY}/manifests/latest`, { method, headers: ACCEPT_ALL }] as const,
    [`${REPOSITORY}/manifests/latest`, { method, headers: { accept: "*/*" } }] as const,
    [`${REPOSITORY}/manifests/latest`, { method, headers: { accept: MediaType.ociManifest } }] as const,
    [`${REPOSITORY}/manifests/absent`, { method, headers: ACCEPT_ALL }] as const,
    [`${REPOSITORY}/manifests/${index.digest}`, { method, headers: ACCEPT_ALL }] as const,
    [`${REPOSITORY}/manifests/${amd64.digest}`, { method, headers: ACCEPT_ALL }] as const,
    [`${REPOSITORY}/manifests/${amd64.digest}`, { method, headers: { accept: MediaType.ociIndex } }] as const,
    [`${REPOSITORY}/manifests/${layer.digest}`, { method, headers: ACCEPT_ALL }] as const,
    [`${REPOSITORY}/manifests/${config.digest}`, { method, headers: ACCEPT_ALL }] as const,
    [`${REPOSITORY}/blobs/${layer.digest}`, { method }] as const,
    [`${REPOSITORY}/blobs/${config.digest}`, { method }] as const,
    [`${REPOSITORY}/blobs/${amd64.digest}`, { method }] as const,
    [`absent/blobs/${layer.digest}`, { method }] as const,
    [`${REPOSITORY}/blobs/sha256:short`, { method }] as const,
  ]),
  ...[
    last(layer.size),
    last(layer.size + 1),
    "bytes=0-0",
    "bytes=-1",
    "bytes=5-9",
    "bytes=9-",
    "bytes=9-5",
    "junk",
  ].map((range) => [`${REPOSITORY}/blobs/${layer.digest}`, { headers: { range } }] as const),
];

const COMPARED_HEADERS = [
  "content-type",
  "content-length",
  "content-range",
  "accept-ranges",
  "docker-content-digest",
  "docker-distribution-api-version",
  "etag",
  "link",
];

function essentials(answer: RawAnswer): object {
  return {
    status: answer.status,
    headers: Object.fromEntries(COMPARED_HEADERS.map((name) => [name, answer.headers[name]])),
    body: answer.body.toString("latin1"),
    whole: answer.whole,
  };
}

/** One after the other: each fills the cache for the next. */
async function expectSameAnswers(embedded: EmbeddedRegistry, real: Distribution): Promise<void> {
  const different: object[] = [];
  for (const [path, request] of QUESTIONS) {
    const said = essentials(await rawHttp(`${embedded.url}/v2/${path}`, request));
    const wanted = essentials(await rawHttp(`${real.url}/v2/${path}`, request));
    if (!isDeepStrictEqual(said, wanted)) different.push({ path, request, said, wanted });
  }
  expect(different).toEqual([]);
}

const IN_A_DIGEST = amd64.body.indexOf("sha256:") + 20;
const IN_THE_MEDIA_TYPE = amd64.body.indexOf("application/") + 5;

interface Damage {
  readonly name: string;
  readonly onDisk: (root: string, real: Distribution) => unknown;
  readonly inMemory: (embedded: EmbeddedRegistry) => void;
}

const DAMAGES: readonly Damage[] = [
  { name: "none", onDisk: () => undefined, inMemory: () => undefined },
  {
    name: "gc -m",
    onDisk: (_, real) => real.garbageCollect({ deleteUntagged: true }),
    inMemory: ({ storage }) => storage.garbageCollectDeletingUntagged(),
  },
  {
    name: "gc without -m",
    onDisk: (_, real) => real.garbageCollect({ deleteUntagged: false }),
    inMemory: ({ storage }) => storage.garbageCollect({ deleteUntagged: false }),
  },
  {
    name: "a child's link deleted",
    onDisk: (root) => disk.deleteRevisionLink(root, REPOSITORY, amd64.digest),
    inMemory: ({ storage }) => storage.unlinkManifest(REPOSITORY, amd64.digest),
  },
  {
    name: "a layer's link deleted",
    onDisk: (root) => disk.deleteLayerLink(root, REPOSITORY, layer.digest),
    inMemory: ({ storage }) => storage.deleteBlobLink(REPOSITORY, layer.digest),
  },
  ...(
    [
      ["a layer", layer.digest],
      ["a child", amd64.digest],
      ["the index", index.digest],
    ] as const
  ).flatMap(([what, digest]): Damage[] => [
    {
      name: `data of ${what} deleted`,
      onDisk: (root) => disk.deleteData(root, digest),
      inMemory: ({ storage }) => storage.deleteBlobData(digest),
    },
    {
      name: `data of ${what} emptied`,
      onDisk: (root) => disk.emptyData(root, digest),
      inMemory: ({ storage }) => storage.replaceBlobData(digest, Buffer.alloc(0)),
    },
    {
      name: `data of ${what} cut by a byte`,
      onDisk: (root) => disk.cutOneByte(root, digest),
      inMemory: ({ storage }) => storage.cutBlobData(digest, (storage.data(digest)?.length ?? 0) - 1),
    },
    {
      name: `a byte of ${what} flipped`,
      onDisk: (root) => disk.flipOneByte(root, digest, IN_A_DIGEST),
      inMemory: ({ storage }) => storage.flipBlobByte(digest, IN_A_DIGEST),
    },
    {
      name: `a byte of ${what} flipped, in its media type`,
      onDisk: (root) => disk.flipOneByte(root, digest, IN_THE_MEDIA_TYPE),
      inMemory: ({ storage }) => storage.flipBlobByte(digest, IN_THE_MEDIA_TYPE),
    },
  ]),
  {
    name: "a tag's link emptied",
    onDisk: (root) => disk.emptyTagLink(root, REPOSITORY, "latest"),
    inMemory: ({ storage }) => storage.emptyTagLink(REPOSITORY, "latest"),
  },
  {
    name: "a tag's folder deleted",
    onDisk: (root) => disk.removeTagDirectory(root, REPOSITORY, "latest"),
    inMemory: ({ storage }) => storage.deleteTag(REPOSITORY, "latest"),
  },
  {
    name: "the folder of the tags deleted",
    onDisk: (root) => disk.removeTagsDirectory(root, REPOSITORY),
    inMemory: ({ storage }) => storage.deleteTagsFolder(REPOSITORY),
  },
];

describe("answers as docker-registry 2.8", () => {
  let real: Distribution;
  let embedded: EmbeddedRegistry;

  beforeEach(async () => {
    [real, embedded] = await Promise.all([Distribution.start({ version: "2.8" }), EmbeddedRegistry.start()]);
    writeImage(real.root, REPOSITORY, "latest", index);
    embedded.put(REPOSITORY, "latest", index);
    writeImage(real.root, "zoo", "1", arm64);
    embedded.put("zoo", "1", arm64);
  });

  afterEach(async () => {
    await Promise.all([real.stop(), embedded.close()]);
  });

  test.each(DAMAGES)("$name: asked before, after, and after a restart", async ({ onDisk, inMemory }) => {
    await expectSameAnswers(embedded, real);
    await onDisk(real.root, real);
    inMemory(embedded);
    await expectSameAnswers(embedded, real);
    await real.restart();
    embedded.restart();
    await expectSameAnswers(embedded, real);
  });

  test("writing: refusals, deletions and what they leave", async () => {
    const incomplete = buildIndex({ children: [buildImage({ seed: "never pushed" })] });
    const put = (manifest: BuiltManifest, contentType = manifest.mediaType): RawRequest => ({
      method: "PUT",
      headers: { "content-type": contentType },
      body: manifest.body,
    });
    const steps: readonly (readonly [path: string, request: RawRequest])[] = [
      ["manifests/bad", put(incomplete)],
      ["manifests/bad", put(incomplete.children[0] ?? incomplete)],
      ["manifests/bad", put(index, "application/x-unknown")],
      [`manifests/${amd64.digest}`, put(arm64)],
      ["manifests/again", put(index)],
      ["manifests/latest", { method: "DELETE" }],
      [`manifests/${amd64.digest}`, { method: "DELETE" }],
      [`manifests/${amd64.digest}`, { method: "DELETE" }],
      [`manifests/${amd64.digest}`, put(amd64)],
      [`manifests/${index.digest}`, { method: "DELETE" }],
      [`blobs/${layer.digest}`, { method: "DELETE" }],
      [`blobs/${layer.digest}`, { method: "DELETE" }],
    ];
    for (const [path, request] of steps) {
      const [said, wanted] = await Promise.all(
        [embedded.url, real.url].map((url) => rawHttp(`${url}/v2/${REPOSITORY}/${path}`, request)),
      );
      expect([path, request.method, said && essentials(said)]).toEqual([
        path,
        request.method,
        wanted && essentials(wanted),
      ]);
    }
    await expectSameAnswers(embedded, real);
  });

  test("the cache: filled by a push, and by one repository for another", async () => {
    for (const url of [embedded.url, real.url]) {
      const content = Buffer.from("pushed");
      const digest = Digest.sha256(content);
      const start = await rawHttp(`${url}/v2/pushed/blobs/uploads/`, { method: "POST" });
      const end = await rawHttp(`${start.headers.location}&digest=${digest}`, {
        method: "PUT",
        headers: { "content-type": "application/octet-stream" },
        body: content,
      });
      expect(end.status).toBe(201);
      await rawHttp(`${url}/v2/${REPOSITORY}/blobs/${layer.digest}`, { method: "HEAD" });
      if (url === real.url) {
        writeImage(real.root, "late", "1", amd64);
        disk.deleteData(real.root, digest);
        disk.deleteData(real.root, layer.digest);
      } else {
        embedded.put("late", "1", amd64);
        embedded.storage.deleteBlobData(digest);
        embedded.storage.deleteBlobData(layer.digest);
      }
      for (const path of [`pushed/blobs/${digest}`, `late/blobs/${layer.digest}`]) {
        const head = await rawHttp(`${url}/v2/${path}`, { method: "HEAD" });
        const full = await rawHttp(`${url}/v2/${path}`);
        expect([path, head.status, full.status, full.body.length]).toEqual([path, 200, 200, 0]);
      }
    }
  });
});
