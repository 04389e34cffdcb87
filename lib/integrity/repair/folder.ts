import { createReadStream } from "node:fs";
import { open, realpath } from "node:fs/promises";
import { join, sep } from "node:path";
import { isObject } from "../../oci/descriptor";
import type { Digest } from "../../oci/digest";
import type { BodySource } from "../../registry-client/http-message";
import { SourceError } from "./image-source";

const ABSENT: ReadonlySet<string> = new Set(["ENOENT", "ENOTDIR", "ELOOP", "EISDIR"]);

/** Files below one folder of this machine. A link that leads out of it is as good as no file. */
export class Folder {
  private constructor(private readonly root: string) {}

  /** @throws SourceError when it cannot be entered */
  static async open(path: string): Promise<Folder> {
    try {
      return new Folder(await realpath(path));
    } catch (error) {
      throw new SourceError(`${JSON.stringify(path)} cannot be read (${codeOf(error)})`);
    }
  }

  /** The content, or null where there is no such file, or one of more than `maxBytes`. @throws SourceError */
  async read(path: string, maxBytes: number): Promise<Buffer | null> {
    return this.with(path, async (file) => {
      const handle = await open(file, "r");
      try {
        const stat = await handle.stat();
        return stat.isFile() && stat.size <= maxBytes ? await handle.readFile() : null;
      } finally {
        await handle.close();
      }
    });
  }

  /**
   * A file whose bytes, read through now, have the digest and the size; else null.
   * @throws SourceError where it cannot be read
   */
  async content(path: string, digest: Digest, size: number): Promise<BodySource | null> {
    return this.with(path, async (file) => {
      const handle = await open(file, "r");
      try {
        const stat = await handle.stat();
        if (!stat.isFile() || stat.size !== size) return null;
        const hash = digest.hasher();
        const stream = handle.createReadStream({ autoClose: false });
        for await (const chunk of stream) hash.update(chunk as Buffer);
        if (hash.digest("hex") !== digest.hex) return null;
      } finally {
        await handle.close();
      }
      return { size, open: () => createReadStream(file) };
    });
  }

  private async with<T>(path: string, use: (file: string) => Promise<T>): Promise<T | null> {
    try {
      const file = await realpath(join(this.root, path));
      return file.startsWith(this.root.endsWith(sep) ? this.root : this.root + sep) ? await use(file) : null;
    } catch (error) {
      const code = codeOf(error);
      if (ABSENT.has(code)) return null;
      throw new SourceError(`${path} cannot be read (${code})`);
    }
  }
}

function codeOf(error: unknown): string {
  return isObject(error) && typeof error.code === "string" ? error.code : "unknown error";
}
