import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { isObject } from "../../lib/oci/descriptor";

type Elements = ReadonlyMap<string, unknown>;

/** The resources, providers and variables of all stacks of an output by `stack kind type name`, without cdktf's own comments. */
export function elementsOf(output: string): Elements {
  const elements = new Map<string, unknown>();
  for (const stack of readdirSync(join(output, "stacks"))) {
    const text = readFileSync(join(output, "stacks", stack, "cdk.tf.json"), "utf8");
    const document: unknown = JSON.parse(text, (key, value: unknown) => (key === "//" ? undefined : value));
    if (!isObject(document)) throw new Error(`${stack} must be an object`);
    for (const kind of ["resource", "provider", "variable"]) {
      for (const [type, named] of entries(document[kind])) {
        if (kind !== "resource") elements.set(`${stack} ${kind} ${type}`, named);
        else
          for (const [name, args] of entries(named)) elements.set(`${stack} ${kind} ${type} ${name}`, args);
      }
    }
  }
  return elements;
}

/** What one has and the other has not, or otherwise. */
export function differences(a: Elements, b: Elements): readonly string[] {
  const names = [...new Set([...a.keys(), ...b.keys()])];
  return names.filter((name) => !isDeepStrictEqual(a.get(name), b.get(name)));
}

function entries(value: unknown): readonly (readonly [string, unknown])[] {
  return isObject(value) ? Object.entries(value) : [];
}
