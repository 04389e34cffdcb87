/**
 * Which groups a Pushgateway holds, by the metric that it adds to each:
 * https://github.com/prometheus/pushgateway/blob/v1.5.1/README.md#exposed-metrics
 */

/** Label name and value of a grouping key, `job` first. */
export type GroupingKey = readonly (readonly [name: string, value: string])[];

export interface PushedGroup {
  readonly key: GroupingKey;
  /** By the gateway's clock; 0 where it never took a push. */
  readonly pushedAtSeconds: number;
}

/** Far more than any gateway that Prometheus is still glad to scrape. */
const MAX_BYTES = 256 * 1024 * 1024;
const MAX_LINE_BYTES = 64 * 1024;
const MAX_GROUPS = 50_000;
const METRIC = "push_time_seconds{";
const LINE = /^push_time_seconds\{(.*)\} ([^ ]+)$/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)",?/y;

/** Reads the text format as it comes, and keeps nothing but what is wanted. */
export class PushTimeReader {
  private readonly groups: PushedGroup[] = [];
  private line = "";
  private isTooLong = false;
  private size = 0;

  constructor(private readonly isWanted: (group: PushedGroup) => boolean) {}

  /** @throws RangeError where there is no end of it */
  feed(chunk: Buffer): void {
    this.size += chunk.length;
    if (this.size > MAX_BYTES) throw new RangeError(`its metrics are longer than ${MAX_BYTES} bytes`);
    // Byte for byte, as a character may be cut by the chunk's end; what is kept is read again below.
    const lines = chunk.toString("latin1").split("\n");
    const last = lines.pop() ?? "";
    for (const text of lines) {
      this.append(text);
      this.endLine();
    }
    this.append(last);
  }

  end(): readonly PushedGroup[] {
    this.endLine();
    return this.groups;
  }

  private append(text: string): void {
    if (this.isTooLong || this.line.length + text.length > MAX_LINE_BYTES) this.isTooLong = true;
    else this.line += text;
  }

  private endLine(): void {
    const { line, isTooLong } = this;
    this.line = "";
    this.isTooLong = false;
    if (isTooLong || !line.startsWith(METRIC) || this.groups.length >= MAX_GROUPS) return;
    const group = parseLine(Buffer.from(line, "latin1").toString("utf8"));
    if (group !== null && this.isWanted(group)) this.groups.push(group);
  }
}

function parseLine(line: string): PushedGroup | null {
  const [, labels = "", value = ""] = LINE.exec(line) ?? [];
  const pushedAtSeconds = Number(value);
  if (value === "" || !Number.isFinite(pushedAtSeconds)) return null;
  const pairs: (readonly [string, string])[] = [];
  LABEL.lastIndex = 0;
  for (let end = 0; end < labels.length; end = LABEL.lastIndex) {
    const match = LABEL.exec(labels);
    if (match === null) return null;
    pairs.push([match[1] ?? "", unescaped(match[2] ?? "")]);
  }
  const job = pairs.find(([name]) => name === "job");
  if (job === undefined) return null;
  return { key: [job, ...pairs.filter((pair) => pair !== job)], pushedAtSeconds };
}

function unescaped(text: string): string {
  return text.replace(/\\(.)/g, (_, sign: string) => (sign === "n" ? "\n" : sign));
}
