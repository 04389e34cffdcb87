import { readFileSync } from "node:fs";
import { join } from "node:path";

const DOCUMENT = join(__dirname, "../../../docs/troubleshooting.md");
/** What the document writes for the address of an API server, whatever it is. */
const DOCUMENTED_API = "192.0.2.10:6443";

/** docs/troubleshooting.md: the errors that it quotes, and the commands that it says to run. */
export class Troubleshooting {
  private readonly seen = new Set<string>();

  private constructor(private readonly sections: ReadonlyMap<string, string>) {}

  static read(): Troubleshooting {
    const parts = readFileSync(DOCUMENT, "utf8").split(/^## /m).slice(1);
    return new Troubleshooting(
      new Map(parts.map((part) => [part.slice(0, part.indexOf("\n")), part] as const)),
    );
  }

  /** Fails unless every line that the section quotes stands in the output, however that is wrapped. */
  expectQuoted(title: string, output: string): void {
    const quoted = this.blocks(title, "text").flatMap((block) => block.trim().split("\n"));
    if (quoted.length === 0) throw new Error(`docs/troubleshooting.md quotes nothing under "${title}"`);
    const text = normalise(output.slice(Math.max(0, output.indexOf("Error:"))));
    for (const line of quoted) expect(text).toContain(normalise(line));
    this.seen.add(title);
  }

  /** Command lines of the section, each without the folder that it is run in. */
  commands(title: string): readonly string[] {
    return this.blocks(title, "console")
      .flatMap((block) => block.trim().split("\n"))
      .map((line) => line.replace(/ -chdir=\S+/, ""));
  }

  /** Titles of sections that quote an error which `expectQuoted` was not asked for. */
  unchecked(): readonly string[] {
    return [...this.sections.keys()].filter(
      (title) => this.blocks(title, "text").length > 0 && !this.seen.has(title),
    );
  }

  private blocks(title: string, language: string): readonly string[] {
    const section = this.sections.get(title);
    if (section === undefined) throw new Error(`docs/troubleshooting.md has no section "${title}"`);
    return [...section.matchAll(/^```(\w+)\n([\s\S]*?)^```/gm)]
      .filter((match) => match[1] === language)
      .map((match) => match[2] ?? "");
  }
}

/** Terraform wraps at the terminal's width and draws a frame. */
function normalise(text: string): string {
  return text
    .replace(/[│╷╵]/g, " ")
    .replace(/127\.0\.0\.1:\d+/g, DOCUMENTED_API)
    .replace(/\s+/g, " ")
    .trim();
}
