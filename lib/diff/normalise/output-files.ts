import { createHash } from "node:crypto";
import {
  closeSync,
  constants,
  type Dirent,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  type Stats,
} from "node:fs";
import { join } from "node:path";
import { ConfigurationError } from "../../core/problem";
import { MAX_DATA_BYTES } from "./embedded-document";

/** Honest outputs stay far below each. */
export interface FileLimits {
  readonly maxFiles: number;
  /** Folders in folders. */
  readonly maxDepth: number;
  /** Of one file. */
  readonly maxFileBytes: number;
}

export const DEFAULT_FILE_LIMITS: FileLimits = {
  maxFiles: 10_000,
  maxDepth: 16,
  maxFileBytes: 256 * 1024 * 1024,
};

/** A file's bytes, or of one too large to be shown its hash alone; a symbolic link is its own text, and never followed. */
export type FileContent =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array; readonly sha256: string }
  | { readonly kind: "hash"; readonly sha256: string; readonly size: number }
  | { readonly kind: "link"; readonly target: string };

/** Of a stack's file: some 25,000 CronJobs and ConfigMaps, of which a diff takes nearly a gigabyte of memory. */
export const MAX_STACK_BYTES = 32 * 1024 * 1024;
/** How to mend a stack that is too large. */
export const DIVIDE = "Divide the stack in several.";
const CHUNK_BYTES = 1024 * 1024;

/** Reads one output's files within the limits, which count over all its folders. */
export class OutputFiles {
  private files = 0;

  /** @param root the output's folder; it alone may be a symbolic link */
  constructor(
    private readonly root: string,
    private readonly limits: FileLimits,
  ) {}

  isFolder(path: string): boolean {
    return this.statsOf(path)?.isDirectory() ?? false;
  }

  isThere(path: string): boolean {
    return this.statsOf(path) !== null;
  }

  /** Names of the folders in a folder, sorted; none where it is not there. */
  foldersIn(path: string): readonly string[] {
    return this.entries(path).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
  }

  /** Files and links anywhere below, sorted, by their paths below that folder with / between the parts. */
  below(path: string): readonly string[] {
    const found: string[] = [];
    const visit = (folder: string, prefix: string, depth: number): void => {
      if (depth > this.limits.maxDepth)
        this.refuse(folder, `be at most ${this.limits.maxDepth} folders deep`);
      for (const entry of this.entries(folder)) {
        const inner = `${folder}/${entry.name}`;
        if (entry.isDirectory()) visit(inner, `${prefix}${entry.name}/`, depth + 1);
        else found.push(`${prefix}${entry.name}`);
        if (!entry.isDirectory()) this.count(inner);
      }
    };
    visit(path, "", 0);
    return found;
  }

  /**
   * @param maxDataBytes above which its hash alone is given
   * @throws ConfigurationError for what is neither a file nor a link, or is too large
   */
  read(path: string, maxDataBytes = MAX_DATA_BYTES): FileContent {
    const file = join(this.root, path);
    const stats = lstatSync(file);
    if (stats.isSymbolicLink()) return { kind: "link", target: readlinkSync(file) };
    if (!stats.isFile()) this.refuse(path, "be a regular file");
    if (stats.size > this.limits.maxFileBytes) this.tooLarge(path, stats);
    // The file may have been exchanged since it was looked at.
    const descriptor = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const opened = fstatSync(descriptor);
      return opened.size > maxDataBytes ? this.hash(path, descriptor) : this.whole(path, descriptor);
    } finally {
      closeSync(descriptor);
    }
  }

  /** @throws ConfigurationError for what is no file of UTF-8 text */
  readText(path: string): string {
    const content = this.read(path, MAX_STACK_BYTES);
    if (content.kind === "link") this.refuse(path, "be a file of its own, not a symbolic link");
    if (content.kind === "hash") {
      this.refuse(path, `be at most ${MAX_STACK_BYTES} bytes (it has ${content.size})`, DIVIDE);
    }
    try {
      return new TextDecoder("utf-8", { fatal: true }).decode(content.bytes);
    } catch {
      return this.refuse(path, "be UTF-8");
    }
  }

  refuse(path: string, rule: string, fix = "Synthesize again."): never {
    const value = join(this.root, path);
    throw new ConfigurationError([{ path: "the output's file", rule, value, fix }]);
  }

  private tooLarge(path: string, { size }: Stats): never {
    return this.refuse(path, `be at most ${this.limits.maxFileBytes} bytes (it has ${size})`);
  }

  private count(path: string): void {
    this.files += 1;
    if (this.files > this.limits.maxFiles) {
      this.refuse(path, `be one of at most ${this.limits.maxFiles} in an output`);
    }
  }

  private entries(path: string): readonly Dirent[] {
    const stats = this.statsOf(path);
    if (stats === null) return [];
    if (!stats.isDirectory()) this.refuse(path, "be a folder of its own");
    const entries = readdirSync(join(this.root, path), { withFileTypes: true });
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  private statsOf(path: string): Stats | null {
    return lstatSync(join(this.root, path), { throwIfNoEntry: false }) ?? null;
  }

  private whole(path: string, descriptor: number): FileContent {
    const chunks: Uint8Array[] = [];
    const sha256 = this.eachChunk(path, descriptor, (chunk) => chunks.push(Uint8Array.from(chunk)));
    return { kind: "bytes", bytes: Buffer.concat(chunks), sha256: sha256.hex };
  }

  private hash(path: string, descriptor: number): FileContent {
    const { hex, size } = this.eachChunk(path, descriptor, () => {});
    return { kind: "hash", sha256: hex, size };
  }

  private eachChunk(path: string, descriptor: number, take: (chunk: Uint8Array) => void) {
    const buffer = new Uint8Array(CHUNK_BYTES);
    const hash = createHash("sha256");
    let size = 0;
    for (;;) {
      const length = readSync(descriptor, buffer);
      if (length === 0) return { hex: hash.digest("hex"), size };
      const chunk = buffer.subarray(0, length);
      size += length;
      if (size > this.limits.maxFileBytes) this.refuse(path, `be at most ${this.limits.maxFileBytes} bytes`);
      hash.update(chunk);
      take(chunk);
    }
  }
}
