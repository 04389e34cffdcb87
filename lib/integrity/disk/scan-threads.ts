import { existsSync } from "node:fs";
import { Worker } from "node:worker_threads";
import { Digest } from "../../oci/digest";
import type { SharedDigests } from "./digest-table";
import type { StorageContext } from "./repository-links";
import { type RepositoryScan, scanRepository } from "./scan-repository";

/** What another thread is given: one message, in which `blobs` and `next` are shared memory. */
export interface ScanTask extends Omit<StorageContext, "blobs"> {
  readonly blobs: SharedDigests;
  readonly repositories: readonly string[];
  /** One number: the first repository that nobody has taken yet. */
  readonly next: Int32Array;
}

/** What it gives back, once a repository; digests are strings on the way. */
export interface ScanAnswer {
  readonly at: number;
  readonly scan: Omit<RepositoryScan, "danglingLayerLinks">;
  readonly danglingLayerLinks: readonly string[];
}

/**
 * Threads beside this one that scan repositories of one storage folder. They are a help, never a need: whatever does
 * not come back from them, this thread scans.
 */
export class ScanThreads {
  private readonly workers = new Set<Worker>();
  private onNews: () => void = () => {};
  private onAnswer: (answer: ScanAnswer) => void = () => {};

  /** @param count threads beside this one; they load their program while this thread goes on */
  constructor(count: number) {
    const file = workerFile();
    for (let i = 0; i < count && file !== null; i++) this.start(new Worker(file, { env: {} }));
  }

  /**
   * Scans each repository once. @param seen is called in the order of `repositories`
   *
   * @returns how many of them other threads have scanned
   */
  async scan(
    storage: StorageContext,
    repositories: readonly string[],
    seen: (scan: RepositoryScan) => void,
  ): Promise<number> {
    const next = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
    const waiting = new Map<number, RepositoryScan>();
    let told = 0;
    let others = 0;
    const tell = (at: number, scan: RepositoryScan): void => {
      waiting.set(at, scan);
      for (let ready = waiting.get(told); ready !== undefined; ready = waiting.get(told)) {
        waiting.delete(told++);
        seen(ready);
      }
    };
    this.onAnswer = ({ at, scan, danglingLayerLinks }) => {
      others++;
      tell(at, {
        ...scan,
        danglingLayerLinks: danglingLayerLinks.flatMap((text) => Digest.parse(text) ?? []),
      });
    };
    if (this.workers.size > 0) {
      const { root, isCache, slice, seed } = storage;
      const blobs = storage.blobs.share();
      const task: ScanTask = { root, isCache, slice, seed, blobs, repositories, next };
      for (const worker of this.workers) worker.postMessage(task);
    }
    for (let at = Atomics.add(next, 0, 1); at < repositories.length; at = Atomics.add(next, 0, 1)) {
      tell(at, scanRepository(storage, repositories[at] as string, false));
      // The files are read synchronously: signals and answers are heard between two repositories.
      await new Promise((resolve) => setImmediate(resolve));
    }
    await this.until(() => told === repositories.length || this.workers.size === 0);
    for (let at = told; at < repositories.length; at++) {
      if (!waiting.has(at)) tell(at, scanRepository(storage, repositories[at] as string, false));
    }
    return others;
  }

  async stop(): Promise<void> {
    await Promise.all([...this.workers].map((worker) => worker.terminate()));
  }

  private start(worker: Worker): void {
    this.workers.add(worker);
    worker.on("message", (answer: ScanAnswer) => {
      this.onAnswer(answer);
      this.onNews();
    });
    // A thread that cannot start or dies leaves repositories over; a defect in one of them shows when they are taken up.
    worker.on("error", () => {});
    worker.on("exit", () => {
      this.workers.delete(worker);
      this.onNews();
    });
  }

  private until(isDone: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.onNews = () => {
        if (isDone()) resolve();
      };
      this.onNews();
    });
  }
}

/** Beside this file where it is compiled; in a bundle, and from the sources, there is none. */
function workerFile(): string | null {
  if (typeof __dirname === "undefined") return null;
  const file = `${__dirname}/scan-worker.js`;
  return existsSync(file) ? file : null;
}
