import { readFileSync } from "node:fs";

const EVERY_MS = 100;
const MIB = 1024;

/**
 * The largest part of a process's resident memory that no file stands for: what a limit cannot take back, where pages of
 * Node's own program can be read again. Looked at ten times a second, so a short peak is missed.
 */
export class AnonymousMemory {
  private most = Number.NaN;
  private readonly timer: NodeJS.Timeout;

  /** @param parent the process whose first child is looked at */
  constructor(private readonly parent: number) {
    this.timer = setInterval(() => this.look(), EVERY_MS);
  }

  /** @returns MiB, NaN where nothing was seen */
  stop(): number {
    clearInterval(this.timer);
    return this.most;
  }

  private look(): void {
    try {
      const [child = ""] = readFileSync(`/proc/${this.parent}/task/${this.parent}/children`, "utf8").split(
        " ",
      );
      const status = readFileSync(`/proc/${child}/status`, "utf8");
      const mib = Number(/^RssAnon:\s+([0-9]+) kB$/m.exec(status)?.[1]) / MIB;
      if (mib > 0) this.most = Math.max(mib, Number.isNaN(this.most) ? 0 : this.most);
    } catch {
      // Not yet there, or over.
    }
  }
}
