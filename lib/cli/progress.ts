import type { WalkProgress } from "../integrity/walk";
import type { CliEnvironment } from "./environment";

const REDRAW_EVERY_MS = 200;
const CLEAR_LINE = "\r\u001b[2K";

/** One line on the terminal that follows the walk; nothing in a pipe. */
export class ProgressLine {
  private drawnAt = 0;
  private readonly startedAt: number;

  constructor(private readonly environment: CliEnvironment) {
    this.startedAt = environment.now();
  }

  update(progress: WalkProgress): void {
    if (!this.environment.isTerminal) return;
    const now = this.environment.now();
    if (now - this.drawnAt < REDRAW_EVERY_MS) return;
    this.drawnAt = now;
    const { repositoriesDone, repositoriesTotal, tags, requests } = progress;
    const elapsed = Math.round((now - this.startedAt) / 1000);
    this.environment.writeError(
      `${CLEAR_LINE}${repositoriesDone}/${repositoriesTotal} repositories, ${tags} tags, ${requests} requests, ${elapsed} s`,
    );
  }

  clear(): void {
    if (this.drawnAt > 0) this.environment.writeError(CLEAR_LINE);
    this.drawnAt = 0;
  }
}
