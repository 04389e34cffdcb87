import { unzipSync } from "fflate";

/** What must stand nowhere, by what a report may call it. */
export type SecretValues = Readonly<Record<string, string>>;

/** Somewhere that people, programs or backups read. */
export interface Place {
  /** As a reader of the report finds it again. */
  readonly name: string;
  readonly content: string | Buffer;
}

/** Shorter ones would be found by chance. */
const MIN_SECRET_LENGTH = 12;
const ZIP = Buffer.from("PK\u0003\u0004");

/**
 * Where which secret stands, in whatever form it travels; empty: nowhere. No value is ever in the report.
 *
 * @throws Error where there is nothing to look for or nothing to look at, as nothing would be proven
 */
export function findSecrets(secrets: SecretValues, places: readonly Place[]): readonly string[] {
  const forms = Object.entries(secrets).flatMap(([name, value]) => formsOf(name, value));
  if (forms.length === 0) throw new Error("no secret was given to look for");
  const empty = places.filter(({ content }) => content.length === 0).map(({ name }) => name);
  if (places.length === 0 || empty.length > 0) {
    throw new Error(`nothing to look at: ${empty.join(", ") || "no place was given"}`);
  }
  return places.flatMap(unpack).flatMap(({ name: place, content }) => {
    const bytes = Buffer.from(content);
    const found = forms.filter(({ needle }) => bytes.includes(needle));
    return [...new Set(found.map(({ name, form }) => `${place}: ${name}, ${form}`))];
  });
}

interface Form {
  readonly name: string;
  readonly form: string;
  readonly needle: Buffer;
}

/** As it is; as JSON, URLs and hexadecimal dumps write it; in Base64, wherever in a longer text it begins. */
function formsOf(name: string, value: string): readonly Form[] {
  if (value.length < MIN_SECRET_LENGTH) {
    throw new Error(`${name} must have at least ${MIN_SECRET_LENGTH} characters, has ${value.length}`);
  }
  const bytes = Buffer.from(value);
  const texts: readonly (readonly [form: string, text: string])[] = [
    ["as it is", value],
    ["in JSON", JSON.stringify(value).slice(1, -1)],
    ["in a URL", encodeURIComponent(value)],
    ["in hexadecimal", bytes.toString("hex")],
    ...[0, 1, 2].flatMap((shift) => base64Core(bytes, shift).map((text) => ["in Base64", text] as const)),
  ];
  const isFirst = (text: string, at: number): boolean => texts.findIndex((one) => one[1] === text) === at;
  return texts.flatMap(([form, text], at) =>
    isFirst(text, at) ? [{ name, form, needle: Buffer.from(text) }] : [],
  );
}

/** The characters that the value alone decides where it follows `shift` bytes of a group, as in `user:password`. */
function base64Core(bytes: Buffer, shift: number): readonly string[] {
  const encoded = Buffer.concat([Buffer.alloc(shift), bytes])
    .toString("base64")
    .replace(/=+$/, "");
  // The first characters carry bits of what stands before, the last one bits of what follows.
  const first = shift === 0 ? 0 : shift + 1;
  const isWhole = (shift + bytes.length) % 3 === 0;
  const core = encoded.slice(first, isWhole ? undefined : -1);
  return [core, core.replaceAll("+", "-").replaceAll("/", "_")];
}

/** A plan file of Terraform is a ZIP, in which nothing could be seen. */
function unpack(place: Place): readonly Place[] {
  const bytes = Buffer.from(place.content);
  if (!bytes.subarray(0, ZIP.length).equals(ZIP)) return [place];
  const files = Object.entries(unzipSync(bytes));
  return files.map(([name, content]) => ({ name: `${place.name}!${name}`, content: Buffer.from(content) }));
}
