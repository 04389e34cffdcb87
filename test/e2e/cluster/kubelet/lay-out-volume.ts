import { createHash } from "node:crypto";
import {
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import type { VolumeFiles } from "./volume-files";

/** The link that all files are reached by, so that they change together. */
const DATA_LINK = "..data";

/**
 * Lays a volume's files out as a kubelet does: in a folder by their contents, a link to it that is replaced at once,
 * and a link to each first part of a path. Does nothing where the same is there already.
 *
 * @param fsGroup whose the files are, and who may read them; null: the owner's own group
 * @returns whether anything changed
 */
export function layOutVolume(folder: string, files: VolumeFiles, fsGroup: number | null): boolean {
  const name = `..${hashOf(files)}`;
  const before = linkTarget(join(folder, DATA_LINK));
  if (before === name) return false;
  writeFiles(join(folder, name), files, fsGroup);
  symlinkSync(name, join(folder, `${DATA_LINK}_tmp`));
  renameSync(join(folder, `${DATA_LINK}_tmp`), join(folder, DATA_LINK));
  for (const top of new Set([...files.keys()].map(firstPart))) {
    if (linkTarget(join(folder, top)) === null) symlinkSync(join(DATA_LINK, top), join(folder, top));
  }
  if (before !== null) {
    const gone = new Set(readdirSync(join(folder, before)));
    for (const path of files.keys()) gone.delete(firstPart(path));
    for (const top of gone) rmSync(join(folder, top), { force: true });
    rmSync(join(folder, before), { recursive: true, force: true });
  }
  return true;
}

function writeFiles(folder: string, files: VolumeFiles, fsGroup: number | null): void {
  mkdirSync(folder);
  secureFolder(folder, fsGroup);
  for (const [path, { mode, bytes }] of files) {
    const file = join(folder, path);
    makeParents(folder, dirname(path), fsGroup);
    writeFileSync(file, bytes);
    if (fsGroup !== null) own(file, fsGroup);
    // Written after the owner: a change of owner takes bits away. A group of its own may always read.
    chmodSync(file, fsGroup === null ? mode : mode | 0o440);
  }
}

function makeParents(folder: string, path: string, fsGroup: number | null): void {
  if (path === ".") return;
  makeParents(folder, dirname(path), fsGroup);
  mkdirSync(join(folder, path), { recursive: true });
  secureFolder(join(folder, path), fsGroup);
}

/** As a kubelet leaves it: everybody may enter, and what is made in it is its group's. */
export function secureFolder(folder: string, fsGroup: number | null, mode = 0o755): void {
  if (fsGroup !== null) own(folder, fsGroup);
  chmodSync(folder, fsGroup === null ? mode : mode | 0o2110);
}

/** Where this process may give files away. */
function own(path: string, group: number): void {
  if (process.getuid?.() === 0) chownSync(path, 0, group);
}

function firstPart(path: string): string {
  return path.split("/", 1)[0] ?? path;
}

function linkTarget(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}

function hashOf(files: VolumeFiles): string {
  const hash = createHash("sha256");
  for (const [path, { mode, bytes }] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(JSON.stringify([path, mode, bytes.toString("base64")]));
  }
  return hash.digest("hex").slice(0, 16);
}
