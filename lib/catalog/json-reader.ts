import { ConfigurationError, type Problem } from "../core/problem";

/** An object of the file, and the path under which errors speak of it; "" for the root. */
export interface JsonObject {
  readonly value: Readonly<Record<string, unknown>>;
  readonly path: string;
}

/** Reads values of a closed shape and goes on after an error: problems are collected, never thrown. */
export class JsonReader {
  readonly problems: Problem[] = [];

  private constructor(readonly root: unknown) {}

  /** @throws ConfigurationError where the text is no JSON */
  static of(text: string, name: string): JsonReader {
    try {
      const root: unknown = JSON.parse(text);
      return new JsonReader(root);
    } catch (cause) {
      const value = cause instanceof Error ? cause.message : String(cause);
      throw new ConfigurationError([{ path: name, rule: "be JSON", value, fix: "Give the whole file." }]);
    }
  }

  wrong(path: string, rule: string, value: unknown, fix: string): void {
    this.problems.push({ path, rule, value, fix });
  }

  /**
   * Every key must be there, and no other: what is not understood is told, never dropped.
   *
   * @param optional keys that may be there
   */
  object(
    value: unknown,
    path: string,
    keys: readonly string[],
    optional: readonly string[] = [],
  ): JsonObject {
    if (!isObject(value)) {
      // What is missing was told of by the object around it.
      if (value !== undefined) {
        this.wrong(path || "the catalogue", "be an object", value, `Give the keys ${keys.join(", ")}.`);
      }
      return { value: {}, path };
    }
    const at = (key: string) => (path === "" ? key : `${path}.${key}`);
    for (const key of keys) {
      if (!Object.hasOwn(value, key))
        this.wrong(at(key), "be there", undefined, "Write null or [] for none.");
    }
    for (const key of Object.keys(value)) {
      if (!keys.includes(key) && !optional.includes(key)) {
        this.wrong(at(key), "be a known key", key, `Known are ${[...keys, ...optional].join(", ")}.`);
      }
    }
    return { value, path };
  }

  list<T>(value: unknown, path: string, read: (item: unknown, path: string) => T): readonly T[] {
    if (Array.isArray(value)) return value.map((item: unknown, at) => read(item, `${path}[${at}]`));
    if (value !== undefined) this.wrong(path, "be a list", value, "Write [] for none.");
    return [];
  }

  texts(parent: JsonObject, key: string): readonly string[] {
    return this.list(parent.value[key], this.at(parent, key), (item, path) => this.asText(item, path));
  }

  text(parent: JsonObject, key: string): string {
    return this.asText(parent.value[key], this.at(parent, key));
  }

  /** A text that is not empty. */
  name(parent: JsonObject, key: string): string {
    const text = this.text(parent, key);
    if (parent.value[key] === "") this.wrong(this.at(parent, key), "not be empty", text, "Give it a name.");
    return text;
  }

  textOrNull(parent: JsonObject, key: string): string | null {
    const value = parent.value[key];
    return value === null ? null : this.asText(value, this.at(parent, key));
  }

  private at({ path }: JsonObject, key: string): string {
    return path === "" ? key : `${path}.${key}`;
  }

  private asText(value: unknown, path: string): string {
    if (typeof value === "string") return value;
    if (value !== undefined) this.wrong(path, "be text", value, "Put it in quotes.");
    return "";
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
