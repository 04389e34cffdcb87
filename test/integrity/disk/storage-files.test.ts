import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  hashFile,
  isRealFolder,
  listFolder,
  readLinkFile,
  readWholeFile,
  sizeOfFile,
} from "../../../lib/integrity/disk/storage-files";
import { Digest } from "../../../lib/oci/digest";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tallyman-files-"));
  writeFileSync(join(folder, "file"), "content");
  writeFileSync(join(folder, "empty"), "");
  writeFileSync(join(folder, "long"), "x".repeat(5000));
  mkdirSync(join(folder, "folder"));
  symlinkSync("file", join(folder, "symlink"));
  symlinkSync("folder", join(folder, "folder-symlink"));
  execFileSync("mkfifo", [join(folder, "pipe")]);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const looks: Readonly<Record<string, (path: string) => { readonly kind: string; readonly reason?: string }>> =
  {
    readLinkFile,
    readWholeFile: (path) => readWholeFile(path, 1000),
    sizeOfFile,
    hashFile: (path) => hashFile(path, Digest.sha256(Buffer.from(""))),
  };

describe.each(Object.entries(looks))("%s", (_, look) => {
  test.each([
    ["file", "there"],
    ["empty", "there"],
    ["none", "absent"],
    ["file/below", "absent"],
    ["symlink", "unknown"],
    ["folder", "unknown"],
    // A pipe without a writer would hold up whoever opens it.
    ["pipe", "unknown"],
  ])("%s is %s", (name, kind) => {
    const seen = look(join(folder, name));
    expect(seen.kind).toBe(kind);
    if (kind === "unknown") expect(seen.reason).toBe("bad_response");
  });
});

test("reads are bounded", () => {
  expect(readLinkFile(join(folder, "long"))).toEqual({ kind: "there", value: "x".repeat(256) });
  expect(readWholeFile(join(folder, "long"), 4999)).toMatchObject({
    kind: "unknown",
    reason: "body_too_large",
  });
  expect(readWholeFile(join(folder, "long"), 5000)).toMatchObject({ kind: "there" });
});

test("folders behind symbolic links are not listed", () => {
  expect(isRealFolder(join(folder, "folder"))).toEqual({ kind: "there", value: true });
  expect(listFolder(join(folder, "folder-symlink"))).toMatchObject({
    kind: "unknown",
    reason: "bad_response",
  });
  expect(listFolder(join(folder, "none"))).toEqual({ kind: "absent" });
});

test("no permission is no proof", () => {
  const locked = join(folder, "locked");
  mkdirSync(locked);
  writeFileSync(join(locked, "link"), "");
  chmodSync(folder, 0o755);
  chmodSync(locked, 0o000);
  // The superuser may read everything: for the length of the test the process is somebody else.
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) process.seteuid?.(65_534);
  try {
    for (const look of Object.values(looks)) {
      expect(look(join(locked, "link"))).toMatchObject({ kind: "unknown", reason: "unauthorized" });
    }
    expect(listFolder(locked)).toMatchObject({ kind: "unknown", reason: "unauthorized" });
  } finally {
    if (isRoot) process.seteuid?.(0);
    chmodSync(locked, 0o755);
  }
});
