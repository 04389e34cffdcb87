import { constants } from "node:fs";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import type { ByteSink } from "./byte-sink";
import { removeLeftOver, UNFINISHED_SUFFIX } from "./left-over";

const FLUSH_BYTES = 256 * 1024;
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
    this.beside = `${path}.${name}${UNFINISHED_SUFFIX}`;
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
      await removeLeftOver(this.path, this.nowMs);
      const { O_CREAT, O_EXCL, O_WRONLY, O_NOFOLLOW } = constants;
      this.handle = await open(this.beside, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW, OWNER_ALONE);
    }
    for (let at = 0; at < bytes.length; ) at += (await this.handle.write(bytes, at)).bytesWritten;
  }

  private async close(): Promise<void> {
    await this.handle?.close().catch(() => undefined);
  }
}
