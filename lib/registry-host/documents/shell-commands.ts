/** As much of a shell's grammar as finding commands needs. https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html */

/** Continued lines joined, comments gone, plain variables of the same text filled in. */
export interface ShellCommand {
  readonly text: string;
  /** Where it begins, from 1. */
  readonly line: number;
}

/** A here-document. */
export interface ShellHeredoc {
  /** The command that reads it. */
  readonly command: string;
  /** Its lines are the file's own, one to one; without the tabs of `<<-`. */
  readonly text: string;
  /** Of its first line of content. */
  readonly line: number;
}

export interface ShellText {
  readonly commands: readonly ShellCommand[];
  readonly heredocs: readonly ShellHeredoc[];
}

const HEREDOC = /<<-?\s*(["']?)([A-Za-z_]\w*)\1/;
const ASSIGNMENT =
  /^\s*(?:export\s+|readonly\s+|local\s+)?([A-Za-z_]\w*)=(?:"([^"]*)"|'([^']*)'|([^\s;&|"'()]+))\s*(?:;\s*)?$/;
/** Variables in variables double: an honest command stays far below. */
const MAX_COMMAND = 20_000;
/** Beyond so many characters of filled-in commands, the others of a text are left as they are written. */
const MAX_FILLED = 2_000_000;
const MAX_NESTING = 5;
const MAX_HEREDOC_LINES = 2_000;

/** Reads any text as a script. Never throws. */
export function parseShell(text: string): ShellText {
  const lines = text.split(/\r?\n/);
  const commands: ShellCommand[] = [];
  const heredocs: ShellHeredoc[] = [];
  const values = new Map<string, string>();
  const ends = new LinePlaces(lines);
  let filledChars = 0;
  for (let at = 0; at < lines.length; at += 1) {
    const line = at + 1;
    let command = withoutComment(lines[at] as string);
    while (/(?:^|[^\\])\\$/.test(command) && at + 1 < lines.length) {
      at += 1;
      command = `${command.slice(0, -1).trimEnd()} ${withoutComment(lines[at] as string).trim()}`;
    }
    if (command.trim() === "") continue;
    const heredoc = HEREDOC.exec(command);
    const end = heredoc === null ? -1 : ends.after(at, heredoc[2] ?? "");
    const written = command.trim();
    const filled = filledChars > MAX_FILLED ? written : fillIn(written, values);
    if (filled !== written) filledChars += filled.length;
    commands.push({ text: filled, line });
    if (end > at) {
      heredocs.push({ command: filled, text: lines.slice(at + 1, end).join("\n"), line: at + 2 });
      at = end;
    }
    const assignment = ASSIGNMENT.exec(command);
    if (assignment !== null) {
      const [, name = "", double, single, bare] = assignment;
      values.set(name, fillIn(double ?? single ?? bare ?? "", values));
    }
  }
  return { commands, heredocs };
}

/** Where lines stand, found once for all here-documents of a text. */
class LinePlaces {
  private places: Map<string, number[]> | null = null;

  constructor(private readonly lines: readonly string[]) {}

  /** The first line of that text behind another, not further away than a here-document is long; else -1. */
  after(at: number, text: string): number {
    this.places ??= this.find();
    const places = this.places.get(text) ?? [];
    // Those that lie behind are never asked for again.
    while (places.length > 0 && (places.at(-1) ?? 0) <= at) places.pop();
    const next = places.at(-1) ?? -1;
    return next - at > MAX_HEREDOC_LINES ? -1 : next;
  }

  private find(): Map<string, number[]> {
    const places = new Map<string, number[]>();
    for (let at = this.lines.length - 1; at >= 0; at--) {
      const text = (this.lines[at] as string).trim();
      const known = places.get(text);
      if (known === undefined) places.set(text, [at]);
      else known.push(at);
    }
    return places;
  }
}

function fillIn(text: string, values: ReadonlyMap<string, string>): string {
  if (values.size === 0 || !text.includes("$")) return text;
  const filled = text.replace(/\$(?:\{(\w+)\}|(\w+))/g, (whole, braced: string, bare: string) => {
    return values.get(braced ?? bare) ?? whole;
  });
  return filled.length > MAX_COMMAND ? text : filled;
}

/** The line up to a `#` that stands at the start of a word and outside quotes. */
export function withoutComment(line: string): string {
  let quote = "";
  for (let at = 0; at < line.length; at += 1) {
    const char = line[at] as string;
    if (char === "\\" && quote !== "'") at += 1;
    else if (quote !== "") quote = char === quote ? "" : quote;
    else if (char === '"' || char === "'") quote = char;
    else if (char === "#" && (at === 0 || /\s/.test(line[at - 1] as string))) return line.slice(0, at);
  }
  return line;
}

/** A file that a command writes by `>` or `tee`; null when it writes none. */
export function writtenFile(command: string): string | null {
  const match = /(?:[^0-9&]>{1,2}\s*|\btee\s+(?:-a\s+)?)["']?([\w./${}~-]+)/.exec(command);
  const path = match?.[1] ?? null;
  return path === "/dev/null" ? null : path;
}

/** What `cat` shows of a here-document is prose unless it goes to a file; what another command reads is its script. */
export function isShownHeredoc({ command }: ShellHeredoc): boolean {
  return writtenFile(command) === null && /^\s*(cat|echo|printf|read)\b(?!.*\bcrontab\b)/.test(command);
}

/** The commands of a script and of the scripts in its here-documents, in the order of their lines. */
export function commandsThroughout(text: string, depth = 0): readonly ShellCommand[] {
  const { commands, heredocs } = parseShell(text);
  const inner = heredocs
    .filter((heredoc) => depth < MAX_NESTING && !isShownHeredoc(heredoc))
    .flatMap((heredoc) =>
      commandsThroughout(heredoc.text, depth + 1).map((each) => ({
        text: each.text,
        line: each.line + heredoc.line - 1,
      })),
    );
  return [...commands, ...inner].sort((a, b) => a.line - b.line);
}
