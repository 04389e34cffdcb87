import { constants } from "node:fs";
import { type FileHandle, lstat, open, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { ByteSink } from "./byte-sink";

const FLUSH_BYTES = 256 * 1024;
/** Whoever still writes is younger: no walk that is worth its memory takes a day. */
const ABANDONED_AFTER_MS = 24 * 3_600_000;
const OWNER_ALONE = 0o600;

/**
 * A file beside `path`, renamed over it when it is whole: readers see the old one or the new one. Nothing is made
 * before there is something to write.
 */
export class FileSink implements ByteSink {
  private waiting: Buffer[] = [];
  private waitingBytes = 0;
  private written: Promise<void> = Promise.resolve();
  private failure: unknown = null;
  private handle: FileHandle | null = null;
  private readonly beside: string;

  /** @param name made of letters and digits, another one for each sink */
  constructor(
    private readonly path: string,
    name: string,
    private readonly nowMs: number,
  ) {
    this.beside = `${path}.${name}${SUFFIX}`;
  }

  async append(bytes: Buffer): Promise<void> {
    this.waiting.push(bytes);
    this.waitingBytes += bytes.length;
    if (this.waitingBytes >= FLUSH_BYTES) await this.flush();
  }

  async finish(): Promise<void> {
    await this.flush();
    try {
      if (this.failure !== null) throw this.failure;
      await this.handle?.sync();
      await this.close();
      await rename(this.beside, this.path);
    } catch (error) {
      await this.discard();
      throw error;
    }
  }

  async discard(): Promise<void> {
    await this.written;
    if (this.handle === null) return;
    await this.close();
    await rm(this.beside, { force: true }).catch(() => undefined);
  }

  private flush(): Promise<void> {
    const bytes = Buffer.concat(this.waiting);
    this.waiting = [];
    this.waitingBytes = 0;
    this.written = this.written
      .then(() => this.write(bytes))
      .catch((error) => {
        this.failure ??= error;
      });
    return this.written;
  }

  private async write(bytes: Buffer): Promise<void> {
    if (this.failure !== null) return;
    if (this.handle === null) {
      await removeAbandoned(this.path, this.nowMs);
      const { O_CREAT, O_EXCL, O_WRONLY, O_NOFOLLOW } = constants;
      this.handle = await open(this.beside, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW, OWNER_ALONE);
    }
    for (let at = 0; at < bytes.length; ) at += (await this.handle.write(bytes, at)).bytesWritten;
  }

  private async close(): Promise<void> {
    await this.handle?.close().catch(() => undefined);
  }
}

const SUFFIX = ".tmp";

/** What a run that was killed has left beside the file. */
async function removeAbandoned(path: string, nowMs: number): Promise<void> {
  const prefix = `${basename(path)}.`;
  for (const name of await readdir(dirname(path))) {
    if (!name.startsWith(prefix) || !name.endsWith(SUFFIX)) continue;
    if (!/^[0-9a-z]+$/.test(name.slice(prefix.length, -SUFFIX.length))) continue;
    const file = join(dirname(path), name);
    const stat = await lstat(file).catch(() => null);
    if (stat?.isFile() === true && nowMs - stat.mtimeMs > ABANDONED_AFTER_MS) {
      await rm(file, { force: true }).catch(() => undefined);
    }
  }
}
