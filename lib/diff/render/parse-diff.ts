import { printable } from "../../core/printable";
import { type Change, DIFF_SCHEMA, GRADES, type OutputDiff, worstGrade } from "../change";

const MAX_CHANGES = 100_000;
const MAX_QUOTED = 80;

/** What is wrong with a diff's JSON: where and which rule. Nothing of a text that is no JSON is quoted: it may be a secret. */
export class DiffFormatError extends Error {
  override readonly name = "DiffFormatError";
}

/**
 * Reads `tallyman.diff/1` as what it is in CI: a text that a pull request's own code wrote. Keys that are not known
 * are passed over, as the form may grow.
 *
 * @throws DiffFormatError naming the first value that is wrong
 */
export function parseDiff(text: string): OutputDiff {
  const root = objectOf(parseJson(text), "the diff");
  const schema = own(root, "schema");
  if (schema !== DIFF_SCHEMA) throw wrong("schema", `be ${quote(DIFF_SCHEMA)}`, schema);
  const list = own(root, "changes");
  if (!Array.isArray(list)) throw wrong("changes", "be a list", list);
  if (list.length > MAX_CHANGES) {
    throw new DiffFormatError(`changes must be at most ${MAX_CHANGES}, got ${list.length}`);
  }
  const changes = list.map((entry: unknown, at) => parseChange(entry, `changes[${at}]`));
  const grade = worstGrade(changes);
  if (own(root, "grade") !== grade) {
    throw wrong("grade", `be ${quote(grade)}, the worst of the changes`, own(root, "grade"));
  }
  return { schema: DIFF_SCHEMA, grade, changes };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new DiffFormatError("the diff must be JSON, as `tallyman diff --format json` writes it");
  }
}

function parseChange(entry: unknown, path: string): Change {
  const value = objectOf(entry, path);
  const text = (key: string): string => {
    const found = own(value, key);
    if (typeof found !== "string") throw wrong(`${path}.${key}`, "be text", found);
    return found;
  };
  const textOrNull = (key: string): string | null => (own(value, key) === null ? null : text(key));
  const grade = GRADES.find((one) => one === own(value, "grade"));
  if (grade === undefined)
    throw wrong(`${path}.grade`, `be one of ${GRADES.join(", ")}`, own(value, "grade"));
  const kind = text("kind");
  if (!/^[a-z][a-z0-9_]{0,63}$/.test(kind)) {
    throw wrong(`${path}.kind`, "be a word as alert_removed", kind);
  }
  return {
    ...{ grade, kind, where: text("where") },
    ...{ before: textOrNull("before"), after: textOrNull("after"), text: text("text") },
  };
}

function objectOf(value: unknown, path: string): object {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  throw wrong(path, "be an object", value);
}

function own(value: object, key: string): unknown {
  return Object.getOwnPropertyDescriptor(value, key)?.value;
}

function wrong(path: string, rule: string, value: unknown): DiffFormatError {
  return new DiffFormatError(`${path} must ${rule}, got ${quote(value)}`);
}

function quote(value: unknown): string {
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" && value !== null
    ? "an object"
    : printable(JSON.stringify(value), MAX_QUOTED);
}
