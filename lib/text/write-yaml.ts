/** What can be written; a key whose value is undefined is left out. */
export type YamlValue =
  | string
  | number
  | boolean
  | null
  | undefined
  | readonly YamlValue[]
  | { readonly [key: string]: YamlValue };

/** Text of each of some scalars, in their order. */
export type ScalarWriter = (scalars: readonly (string | number)[]) => readonly string[];

type YamlMap = { readonly [key: string]: YamlValue };

/** Longer keys are written in a form of their own: in YAML one has at most 1,024 characters, as it is written. */
const MAX_KEY_LENGTH = 1_000;
/** Of one that is quoted, and whose characters may take six each. */
const MAX_QUOTED_KEY_LENGTH = 160;
/** Printable ASCII from a letter on, in which nothing ends a plain scalar; `on` and the like are no texts in YAML 1.1. */
const PLAIN = /^[A-Za-z](?:[!-9;-~]|:(?! )| (?!#))*(?<![ :-])$/;
const WORDS_OF_ANOTHER_TYPE = /^(?:y|n|yes|no|on|off|true|false|null|e[-+]?[0-9]+)$/i;

/**
 * Maps and lists in block style, as the library writes them, with a tenth of its work: most of what it is given are
 * names and sentences. Null for what only the library can write.
 *
 * @param write the library, for scalars that are not evidently plain; each is on one line
 */
export function writeYaml(value: YamlValue, write: ScalarWriter): string | null {
  if (!isCollection(value) || isEmpty(value)) return null;
  const odd = new Map<string | number, string>();
  if (!collect(value, odd)) return null;
  const scalars = [...odd.keys()];
  const texts = write(scalars);
  if (texts.length !== scalars.length) return null;
  scalars.forEach((scalar, at) => {
    odd.set(scalar, texts[at] ?? "");
  });
  const lines: string[] = [];
  new BlockWriter(lines, odd).write(value, "", "");
  return `${lines.join("\n")}\n`;
}

/** Lines of printable ASCII, of which the first is not indented, with a line break or none at the end: a literal block. */
const BLOCK = /^[!-~][ -~]*(?:\n+ *[!-~][ -~]*)+\n?$/;

/** Notes every scalar that has to be asked for; false where there is something that one line does not hold. */
function collect(value: YamlValue, odd: Map<string | number, string>): boolean {
  if (typeof value === "string") {
    if (BLOCK.test(value)) return true;
    // Where such a text is a key, it depends on the column whether it is plain.
    if (/\n|^(?:---|\.\.\.)/.test(value)) return false;
    if (!isPlain(value)) odd.set(value, "");
    return true;
  }
  if (typeof value === "number") {
    if (Number.isSafeInteger(value) && !Object.is(value, -0)) return true;
    // As keys of a map the two zeros are one.
    odd.set(value, "");
    return !Object.is(value, -0);
  }
  if (isList(value)) return value.every((item) => item !== undefined && collect(item, odd));
  if (!isCollection(value)) return value !== undefined;
  if (Object.getPrototypeOf(value) !== Object.prototype) return false;
  return Object.entries(value).every(
    ([key, member]) =>
      key.length <= (isPlain(key) ? MAX_KEY_LENGTH : MAX_QUOTED_KEY_LENGTH) &&
      !key.includes("\n") &&
      collect(key, odd) &&
      (member === undefined || collect(member, odd)),
  );
}

class BlockWriter {
  constructor(
    private readonly lines: string[],
    private readonly odd: ReadonlyMap<string | number, string>,
  ) {}

  /** @param first what stands before the first line, @param indent before the others */
  write(value: YamlMap | readonly YamlValue[], first: string, indent: string): void {
    let lead = first;
    if (isList(value)) {
      for (const item of value) {
        this.item(item, `${lead}- `, `${indent}  `);
        lead = indent;
      }
      return;
    }
    for (const [key, member] of Object.entries(value)) {
      if (member === undefined) continue;
      const name = `${lead}${this.scalar(key)}:`;
      if (isCollection(member) && !isEmpty(member)) {
        this.lines.push(name);
        this.write(member, `${indent}  `, `${indent}  `);
      } else this.lines.push(`${name} ${this.leaf(member, `${indent}  `)}`);
      lead = indent;
    }
  }

  private item(item: YamlValue, first: string, indent: string): void {
    if (isCollection(item) && !isEmpty(item)) this.write(item, first, indent);
    else this.lines.push(`${first}${this.leaf(item, indent)}`);
  }

  private leaf(value: YamlValue, indent: string): string {
    if (isCollection(value)) return isList(value) ? "[]" : "{}";
    if (typeof value === "string" && BLOCK.test(value)) {
      const [header, text] = value.endsWith("\n") ? ["|", value.slice(0, -1)] : ["|-", value];
      return `${header}\n${indent}${text.replace(/\n+/g, (breaks) => `${breaks}${indent}`)}`;
    }
    return typeof value === "string" || typeof value === "number" ? this.scalar(value) : String(value);
  }

  private scalar(value: string | number): string {
    return this.odd.get(value) ?? String(value);
  }
}

function isPlain(text: string): boolean {
  return PLAIN.test(text) && !WORDS_OF_ANOTHER_TYPE.test(text);
}

function isCollection(value: YamlValue): value is YamlMap | readonly YamlValue[] {
  return typeof value === "object" && value !== null;
}

function isList(value: YamlValue): value is readonly YamlValue[] {
  return Array.isArray(value);
}

function isEmpty(value: YamlMap | readonly YamlValue[]): boolean {
  return isList(value) ? value.length === 0 : Object.values(value).every((member) => member === undefined);
}
