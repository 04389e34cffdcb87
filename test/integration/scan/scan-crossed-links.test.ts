/** Layer links that name another digest: the registry follows them twice, and so does the scan. */
import { writeFileSync } from "node:fs";
import { Digest } from "../../../lib/oci/digest";
import { buildImage } from "../../../lib/testing";
import { Distribution, type DistributionVersion, distributionVersions } from "../../support/distribution";
import { rawHttp } from "../../support/raw-http";
import { inStorage, layerLinkPath } from "../../support/storage";
import { deleteData, deleteLayerLink, flipOneByte } from "../../support/storage-damage";
import { reportOf } from "../../support/tallyman";
import { writeImage } from "../../support/write-image";
import { linesOf, scanOf } from "./run-scan";

/** Three layers of one size: what is served for one of them is told apart by its digest alone. */
type Layers = readonly [Digest, Digest, Digest];
type Links = (layer: Digest, content: Digest | string) => void;

interface Case {
  readonly name: string;
  readonly damage: (root: string, repository: string, layers: Layers, link: Links) => void;
  /** Per layer, in order; null where it is whole. */
  readonly expected: readonly [string | null, string | null, string | null];
}

const CASES: readonly Case[] = [
  {
    name: "another",
    damage: (_root, _repository, [a, b], link) => link(a, b),
    expected: ["digest_mismatch", null, null],
  },
  {
    name: "another-of-garbage",
    damage: (_root, _repository, [a, b], link) => {
      link(a, b);
      link(b, "no digest");
    },
    expected: ["unservable", "unservable", null],
  },
  {
    name: "another-without-link",
    damage: (root, repository, [a, b], link) => {
      link(a, b);
      deleteLayerLink(root, repository, b);
    },
    expected: ["unservable", "layer_missing", null],
  },
  {
    name: "another-without-data",
    damage: (root, _repository, [a, b], link) => {
      link(a, b);
      deleteData(root, b);
    },
    expected: ["layer_missing", "layer_missing", null],
  },
  {
    name: "a-third",
    damage: (_root, _repository, [a, b, c], link) => {
      link(a, b);
      link(b, c);
    },
    expected: ["digest_mismatch", "digest_mismatch", null],
  },
  {
    name: "a-third-without-data",
    damage: (root, _repository, [a, b, c], link) => {
      link(a, b);
      link(b, c);
      deleteData(root, c);
    },
    expected: ["unservable", "layer_missing", "layer_missing"],
  },
  {
    name: "each-other",
    damage: (_root, _repository, [a, b], link) => {
      link(a, b);
      link(b, a);
    },
    expected: [null, null, null],
  },
];

describe.each(distributionVersions())("distribution %s", (version: DistributionVersion) => {
  let registry: Distribution;
  beforeAll(async () => {
    registry = await Distribution.start({ version, cache: "none" });
  });
  afterAll(() => registry?.stop());

  test("a link to another layer is judged by what the registry serves for it", async () => {
    const expected = CASES.flatMap(({ name, damage, expected: kinds }) => {
      const image = buildImage({ seed: name, layers: [64, 64, 64] });
      const layers = image.layers.map(({ digest }) => digest) as unknown as Layers;
      writeImage(registry.root, name, "1.0", image);
      damage(registry.root, name, layers, (layer, content) =>
        writeFileSync(inStorage(registry.root, layerLinkPath(name, layer)), `${content}`),
      );
      return kinds.flatMap((kind, i) => (kind === null ? [] : [`${name} 1.0 ${kind} ${layers[i]}`]));
    });
    await bothSay(registry, expected);
  });

  test.each<[string, (root: string, by512: Digest, by256: Digest) => void, string | null]>([
    ["left as it is", () => undefined, null],
    ["with a byte changed", (root, _, by256) => flipOneByte(root, by256), "digest_mismatch"],
    ["without its data", (root, _, by256) => deleteData(root, by256), "layer_missing"],
    ["without its own link", (root, by512) => deleteLayerLink(root, "long", by512), "layer_missing"],
    [
      "without the link of its sha256",
      (root, _, by256) => deleteLayerLink(root, "long", by256),
      "unservable",
    ],
  ])("a layer pushed by its sha512, %s", async (_, damage, kind) => {
    const fresh = await Distribution.start({ version, cache: "none" });
    try {
      const { by512, by256 } = await pushedBySha512(fresh);
      damage(fresh.root, by512, by256);
      const { report } = await bothSay(fresh, kind === null ? [] : [`long 1.0 ${kind} ${by512}`]);
      // No link of a layer that a tag needs is offered for removal.
      expect(report.findings.filter(({ kind }) => kind === "layer_link_dangling")).toEqual([]);
    } finally {
      await fresh.stop();
    }
  });
});

async function bothSay(registry: Distribution, expected: readonly string[]) {
  const bytes = ["--verify-bytes", "all"];
  const scan = await scanOf([registry.root, ...bytes]);
  const walk = await reportOf(["probe", registry.url, ...bytes]);
  expect([...scan.report.undetermined, ...walk.report.undetermined]).toEqual([]);
  expect(linesOf(walk.report)).toEqual([...expected].sort());
  expect(linesOf(scan.report)).toEqual([...expected].sort());
  return scan;
}

/** An image whose blobs the registry was given by their sha512; its one layer, by both digests. */
async function pushedBySha512(registry: Distribution): Promise<{ by512: Digest; by256: Digest }> {
  const image = buildImage({ seed: "by sha512", layers: [20_000], algorithm: "sha512" });
  const repository = `${registry.url}/v2/long`;
  for (const [digest, body] of image.blobs) {
    const { headers } = await rawHttp(`${repository}/blobs/uploads/`, { method: "POST" });
    await put(`${headers.location}&digest=${digest}`, "application/octet-stream", body);
  }
  await put(`${repository}/manifests/1.0`, image.mediaType, image.body);
  const by512 = image.layers[0]?.digest as Digest;
  return { by512, by256: Digest.sha256(image.blobs.get(`${by512}`) as Buffer) };
}

async function put(url: string, type: string, body: Buffer): Promise<void> {
  const { status } = await rawHttp(url, { method: "PUT", headers: { "content-type": type }, body });
  if (status !== 201) throw new Error(`PUT answers ${status}`);
}
