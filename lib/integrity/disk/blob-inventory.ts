import { join } from "node:path";
import type { Digest } from "../../oci/digest";
import { DigestTable, type SharedDigests } from "./digest-table";
import { blobDataPath, LAYOUT_ROOT } from "./layout";
import { hashFile, isRealFolder, type Look, listFolder, readWholeFile, sizeOfFile } from "./storage-files";

const REFERENCED = 1;
const VERIFIED = 2;
/** A folder of the digest without data in it. */
const NO_DATA = -1;
/** Only another look, with its own answer, can tell. */
const UNKNOWN = -2;
/** Its folder was listed; nobody has needed its size yet. */
const UNSEEN = -3;

/** blobs, the algorithm, the prefix, the digest. */
const BLOB_FOLDERS = 4;

export interface UnreadableFolder {
  /** Relative to the storage folder. */
  readonly path: string;
  readonly look: Extract<Look<never>, { kind: "unknown" }>;
}

/** All blob data of one storage folder: listed at the start, and each file looked at once, when it is first needed. */
export class BlobInventory {
  readonly unreadable: UnreadableFolder[] = [];

  private constructor(
    private readonly root: string,
    private readonly table: DigestTable,
  ) {}

  /** Lists all data that is there now. @param root the folder that holds docker/registry/v2 */
  static list(root: string, seed: number): BlobInventory {
    const inventory = new BlobInventory(root, new DigestTable(seed));
    inventory.list();
    return inventory;
  }

  /** What another thread has listed and shares. */
  static ofShared(root: string, columns: SharedDigests, seed: number): BlobInventory {
    return new BlobInventory(root, DigestTable.ofShared(columns, seed));
  }

  /** For `ofShared` in other threads: what one of them learns of a blob all know. */
  share(): SharedDigests {
    return this.table.share();
  }

  /**
   * Bytes of the data. What the inventory does not have, or not for certain, is looked for on the disk: it may have
   * come since.
   *
   * @param isFresh looks at the disk whatever the inventory says
   */
  size(digest: Digest, isFresh: boolean): Look<number> {
    const entry = isFresh ? -1 : this.table.find(digest);
    if (entry >= 0) {
      const size = this.table.value(entry) === UNSEEN ? this.see(entry, digest) : this.table.value(entry);
      if (size >= 0) return { kind: "there", value: size };
    }
    return this.look(digest);
  }

  /** The data of a manifest, refused above `maxBytes`. */
  read(digest: Digest, maxBytes: number, isFresh: boolean): Look<Buffer> {
    const entry = isFresh ? -1 : this.table.find(digest);
    if (entry < 0) {
      const stored = this.look(digest);
      if (stored.kind !== "there") return stored;
    }
    const body = readWholeFile(this.pathOf(digest), maxBytes);
    if (entry >= 0 && body.kind === "there") this.table.setValue(entry, body.value.length);
    return body;
  }

  /**
   * Whether the bytes have the digest; read once where they have, again and again where they have not.
   *
   * @param at by which digest they are kept
   */
  verify(digest: Digest, at: Digest): Look<{ readonly digest: Digest; readonly bytes: number }> {
    const entry = at.equals(digest) ? this.table.find(digest) : -1;
    if (entry >= 0 && this.table.isMarked(entry, VERIFIED)) {
      return { kind: "there", value: { digest, bytes: 0 } };
    }
    const look = hashFile(this.pathOf(at), digest);
    if (entry >= 0 && look.kind === "there" && look.value.digest.equals(digest)) {
      this.table.mark(entry, VERIFIED);
    }
    return look;
  }

  /** A manifest that a repository links names the blob, or is it: a garbage collection would keep its data. */
  refer(digest: Digest): void {
    const entry = this.table.find(digest);
    if (entry >= 0) this.table.mark(entry, REFERENCED);
  }

  /** All data there is, and what of it no manifest refers to. */
  totals(): Readonly<Record<"stored" | "unreferenced", { readonly count: number; readonly bytes: number }>> {
    const stored = { count: 0, bytes: 0 };
    const unreferenced = { count: 0, bytes: 0 };
    for (let entry = 0; entry < this.table.count; entry++) {
      const known = this.table.value(entry);
      const size = known === UNSEEN ? this.see(entry, this.table.digest(entry)) : known;
      if (size < 0) continue;
      stored.count++;
      stored.bytes += size;
      if (this.table.isMarked(entry, REFERENCED)) continue;
      unreferenced.count++;
      unreferenced.bytes += size;
    }
    return { stored, unreferenced };
  }

  private list(): void {
    const all = isRealFolder(`${this.root}/${LAYOUT_ROOT}/blobs`);
    if (all.kind === "unknown") this.unreadable.push({ path: `${LAYOUT_ROOT}/blobs`, look: all });
    if (all.kind !== "there") return;
    for (const algorithm of ["sha256", "sha512"] as const) {
      const path = `${LAYOUT_ROOT}/blobs/${algorithm}`;
      for (const prefix of this.folders(path)) {
        for (const hex of this.folders(`${path}/${prefix}`)) this.table.addHex(algorithm, hex, UNSEEN);
      }
    }
  }

  private see(entry: number, digest: Digest): number {
    const look = sizeOfFile(this.pathOf(digest));
    const value = look.kind === "there" ? look.value : look.kind === "absent" ? NO_DATA : UNKNOWN;
    this.table.setValue(entry, value);
    return value;
  }

  private pathOf(digest: Digest): string {
    return `${this.root}/${blobDataPath(digest)}`;
  }

  /** Slow and sure: no folder on the way may be a symbolic link. */
  private look(digest: Digest): Look<number> {
    const path = this.pathOf(digest);
    const parts = [join(path, "..")];
    while (parts.length < BLOB_FOLDERS) parts.unshift(join(parts[0] as string, ".."));
    for (const part of parts) {
      const look = isRealFolder(part);
      if (look.kind !== "there") return look;
    }
    return sizeOfFile(path);
  }

  private folders(path: string): string[] {
    const look = listFolder(join(this.root, path));
    if (look.kind === "unknown") this.unreadable.push({ path, look });
    if (look.kind !== "there") return [];
    const folders: string[] = [];
    for (const entry of look.value) {
      if (entry.isDirectory()) folders.push(entry.name);
      else if (entry.isSymbolicLink()) {
        const detail = "is a symbolic link, which is not followed";
        this.unreadable.push({
          path: `${path}/${entry.name}`,
          look: { kind: "unknown", reason: "bad_response", detail },
        });
      }
    }
    return folders;
  }
}
