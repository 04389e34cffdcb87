export interface LogLine {
  readonly atMs: number;
  readonly text: string;
}

const MAX_LENGTH = 16 * 1024 * 1024;

/** What a container wrote, line by line, in memory; past 16 Mi characters the oldest go. */
export class ContainerLog {
  private lines: LogLine[] = [];
  private length = 0;
  private rest: Record<"stdout" | "stderr", string> = { stdout: "", stderr: "" };
  private isClosed = false;
  private readonly listeners = new Set<() => void>();

  append(stream: "stdout" | "stderr", text: string, nowMs = Date.now()): void {
    const parts = (this.rest[stream] + text).split("\n");
    this.rest[stream] = parts.pop() ?? "";
    for (const part of parts) this.push(part, nowMs);
    this.tell();
  }

  /** Nothing more will come. */
  close(nowMs = Date.now()): void {
    for (const stream of ["stdout", "stderr"] as const) {
      if (this.rest[stream] !== "") this.push(this.rest[stream], nowMs);
      this.rest[stream] = "";
    }
    this.isClosed = true;
    this.tell();
  }

  /** All lines so far. */
  read(): readonly LogLine[] {
    return this.lines;
  }

  get ended(): boolean {
    return this.isClosed;
  }

  /** The end as a termination message has it: 80 lines, 2048 characters at most. */
  tail(): string {
    return this.lines
      .slice(-80)
      .map(({ text }) => text)
      .join("\n")
      .slice(-2048);
  }

  /** @returns what ends the listening */
  listen(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private push(text: string, atMs: number): void {
    this.lines.push({ atMs, text });
    this.length += text.length + 1;
    while (this.length > MAX_LENGTH) this.length -= (this.lines.shift()?.text.length ?? 0) + 1;
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }
}
