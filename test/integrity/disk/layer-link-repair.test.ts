import fs, { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { removeDanglingLink } from "../../../lib/integrity/disk/layer-link-repair";
import { blobDataPath, layerLinkPath } from "../../../lib/integrity/disk/layout";
import { Digest } from "../../../lib/oci/digest";

const digest = Digest.sha256(Buffer.from("layer"));
let root: string;
let link: string;

function put(path: string, content: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "tallyman-links-"));
  link = join(root, layerLinkPath("app", digest));
  put(link, `${digest}`);
  utimesSync(link, 0, 0);
});
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(root, { recursive: true, force: true });
});

/** What a push does between the removal and the look that follows it. */
function meanwhile(push: () => void): void {
  const { rmdirSync } = fs;
  jest.spyOn(fs, "rmdirSync").mockImplementationOnce((path) => {
    rmdirSync(path);
    push();
  });
}

test.each([
  ["brings the data alone: the link is written again", null, `${digest}`],
  ["writes the link too: that one stays as it is", "the push's own", "the push's own"],
])("a push meanwhile %s", (_, pushed, left) => {
  meanwhile(() => {
    put(join(root, blobDataPath(digest)), "layer");
    if (pushed !== null) put(link, pushed);
  });
  const dangling = { registry: "private", root, repository: "app", digest };
  expect(removeDanglingLink(dangling, Date.now(), false)).toEqual({ kind: "served" });
  expect(readFileSync(link, "utf8")).toBe(left);
});
