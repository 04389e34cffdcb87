/** A registry's disk: links, manifests and names that are not what they were when it was whole. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { renderScan } from "../../lib/cli/scan/render-scan";
import { findRegistries } from "../../lib/integrity/disk/find-registries";
import { asLink } from "../../lib/integrity/disk/repository-links";
import type { ScanReport } from "../../lib/integrity/disk/scan-model";
import { scanStorage } from "../../lib/integrity/disk/scan-storage";
import { Digest } from "../../lib/oci/digest";
import { buildArtifact } from "../../lib/testing";
import {
  blobDataPath,
  inStorage,
  layerLinkPath,
  repositoryPath,
  revisionLinkPath,
  tagLinkPath,
} from "../support/storage";
import { firstChild, firstLayer, twoPlatforms } from "../support/two-platforms";
import { writeImage } from "../support/write-image";
import { fuzz, plainly } from "./fuzz";
import { mutatedBytes, mutatedJson } from "./mutated";

const REPOSITORY = "team/app";
const INDEX = twoPlatforms("fuzz/disk");
const ARTIFACT = buildArtifact({ seed: "fuzz/disk" });
const CHILD = firstChild(INDEX);
const LINKS = [INDEX.digest, CHILD.digest, firstLayer(INDEX).digest].map(String);
/** What a scan of the whole storage reads, each with what may stand there. */
const FILES: readonly { readonly path: string; readonly kind: "link" | "manifest" | "blob" }[] = [
  { path: tagLinkPath(REPOSITORY, "1.0"), kind: "link" },
  { path: revisionLinkPath(REPOSITORY, INDEX.digest), kind: "link" },
  { path: revisionLinkPath(REPOSITORY, CHILD.digest), kind: "link" },
  { path: layerLinkPath(REPOSITORY, firstLayer(INDEX).digest), kind: "link" },
  { path: blobDataPath(INDEX.digest), kind: "manifest" },
  { path: blobDataPath(CHILD.digest), kind: "manifest" },
  { path: blobDataPath(ARTIFACT.digest), kind: "manifest" },
  { path: blobDataPath(firstLayer(INDEX).digest), kind: "blob" },
];
const MANIFESTS = [INDEX, CHILD, ARTIFACT].map(({ body }) => body.toString("utf8"));

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "tallyman-fuzz-"));
  writeImage(root, REPOSITORY, "1.0", INDEX);
  writeImage(root, REPOSITORY, "sbom", ARTIFACT);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function scan(): Promise<ScanReport> {
  const found = findRegistries(root);
  if (found.kind !== "found") throw new Error(found.problem);
  const { report } = await scanStorage({
    root,
    found,
    roleOf: () => "authoritative",
    slice: { k: 1, n: 1 },
    seed: 7,
    threads: 1,
    now: () => 0,
    sleep: async () => undefined,
  });
  const said = renderScan(report);
  expect(said).toBe(plainly(said));
  expect(JSON.stringify(report)).not.toMatch(/[\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
  return report;
}

/** Whether the scan passed over whatever is wrong. */
function isSilent({ findings, undetermined }: ScanReport): boolean {
  return undetermined.length === 0 && findings.every(({ severity }) => severity === "information");
}

test("the storage that is changed is whole", async () => {
  expect(isSilent(await scan())).toBe(true);
});

const change = fc.record({
  file: fc.constantFrom(...FILES),
  link: mutatedBytes(LINKS),
  manifest: fc.oneof(
    mutatedBytes(MANIFESTS),
    mutatedJson(MANIFESTS.map((text) => JSON.parse(text))).map((text) => Buffer.from(text)),
  ),
});

fuzz(
  "one file of a storage folder that is another: it is told, and nothing is thrown",
  change,
  async ({ file, link, manifest }) => {
    const path = inStorage(root, file.path);
    const before = readFileSync(path);
    const now = file.kind === "link" ? link : manifest;
    writeFileSync(path, now);
    try {
      const report = await scan();
      // A link that names another thing that is there is a tag that was moved.
      const isDigest = file.kind === "link" && Digest.parse(now.toString("latin1")) !== null;
      if (!now.equals(before) && !isDigest) expect(isSilent(report)).toBe(false);
      if (now.equals(before)) expect(isSilent(report)).toBe(true);
    } finally {
      writeFileSync(path, before);
    }
  },
  40,
);

/** Manifests whose bytes have their digest: what is wrong with them is what they say. */
fuzz(
  "a manifest that says anything at all, under its own digest",
  change,
  async ({ manifest }) => {
    const digest = Digest.sha256(manifest);
    const written = [
      [blobDataPath(digest), manifest],
      [revisionLinkPath("fuzzed", digest), Buffer.from(`${digest}`)],
      [tagLinkPath("fuzzed", "x"), Buffer.from(`${digest}`)],
    ] as const;
    const isKnown = MANIFESTS.some((text) => manifest.equals(Buffer.from(text)));
    if (isKnown) return;
    try {
      for (const [path, bytes] of written) {
        mkdirSync(dirname(inStorage(root, path)), { recursive: true });
        writeFileSync(inStorage(root, path), bytes);
      }
      const { findings, checked } = await scan();
      expect(checked.repositories).toBe(2);
      for (const { digest: named } of findings)
        if (named !== null) expect(Digest.parse(named)?.toString()).toBe(named);
      // What the fuzzed repository holds takes nothing from the other.
      expect(findings.filter(({ repository }) => repository === REPOSITORY)).toEqual([]);
    } finally {
      rmSync(inStorage(root, repositoryPath("fuzzed")), { recursive: true, force: true });
      rmSync(dirname(inStorage(root, blobDataPath(digest))), { recursive: true, force: true });
    }
  },
  40,
);

fuzz("a link", mutatedBytes(LINKS), (bytes) => {
  const value = bytes.toString("latin1", 0, 256);
  for (const expected of [null, INDEX.digest]) {
    const link = asLink({ kind: "there", value }, expected);
    if (link.kind === "there") expect(`${link.value}`).toBe(value);
    else expect(link.kind).toBe("malformed");
  }
});
