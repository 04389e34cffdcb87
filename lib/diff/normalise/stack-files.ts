import { ConfigurationError } from "../../core/problem";
import { isJsonObject, type Json } from "../json";
import { DIVIDE, type OutputFiles } from "./output-files";
import { toJson } from "./to-json";

const MANIFEST = "manifest.json";
const STACK = "cdk.tf.json";
/** A stack's folder, whose name cdktf makes of its id. */
const STACK_FILE = /^stacks\/(?!\.{1,2}\/)[^/\\]+\/cdk\.tf\.json$/;

/** What takes memory: as many as the densest 4 MiB hold, and those of some 50,000 resources. */
const MAX_STACK_VALUES = 2_000_000;

/** A stack's name with its parsed JSON and the folder where it stands, `stacks/<folder>`. */
export interface StackFile {
  readonly name: string;
  readonly folder: string;
  readonly json: Json;
}

/**
 * The stacks that the manifest lists, else each folder that has a cdk.tf.json.
 *
 * @throws ConfigurationError where the folder is no output, or a file is not JSON
 */
export function readStackFiles(files: OutputFiles): readonly StackFile[] {
  const listed = files.isThere(MANIFEST) ? listedStacks(files) : null;
  if (listed === null && !files.isFolder("stacks")) {
    files.refuse("", `have ${MANIFEST} or a folder stacks, as a synthesis writes them`);
  }
  return (listed ?? foundStacks(files)).map(({ name, file }) => ({
    name,
    folder: file.slice(0, -STACK.length - 1),
    json: readJson(files, file),
  }));
}

interface Located {
  readonly name: string;
  readonly file: string;
}

function foundStacks(files: OutputFiles): readonly Located[] {
  return files.foldersIn("stacks").flatMap((name) => {
    const file = `stacks/${name}/${STACK}`;
    return files.isThere(file) ? [{ name, file }] : [];
  });
}

/** What stands in a folder that is not listed is left over from an earlier synthesis. */
function listedStacks(files: OutputFiles): readonly Located[] {
  const manifest = readJson(files, MANIFEST);
  const stacks = isJsonObject(manifest) ? manifest.stacks : undefined;
  if (!isJsonObject(stacks)) return files.refuse(MANIFEST, "have the object stacks");
  return Object.entries(stacks).map(([name, stack]) => {
    const file = isJsonObject(stack) ? stack.synthesizedStackPath : undefined;
    if (typeof file !== "string" || !STACK_FILE.test(file)) {
      const got = JSON.stringify(file) ?? "nothing";
      return files.refuse(MANIFEST, `name stacks/<folder>/${STACK} for the stack ${name} and not ${got}`);
    }
    if (!files.isThere(file)) files.refuse(file, `be there, as ${MANIFEST} lists it`);
    return { name, file };
  });
}

function readJson(files: OutputFiles, path: string): Json {
  const text = files.readText(path);
  try {
    const value: unknown = JSON.parse(text);
    if (!hasAtMost(value, MAX_STACK_VALUES))
      files.refuse(path, `hold at most ${MAX_STACK_VALUES} values`, DIVIDE);
    return toJson(value);
  } catch (cause) {
    if (cause instanceof ConfigurationError) throw cause;
    return files.refuse(path, "be JSON");
  }
}

/** Without recursion: nobody vouches for the depth either. */
function hasAtMost(value: unknown, most: number): boolean {
  const open: unknown[] = [value];
  for (let count = 1; open.length > 0; ) {
    const one = open.pop();
    if (typeof one !== "object" || one === null) continue;
    for (const inner of Object.values(one)) {
      if (++count > most) return false;
      open.push(inner);
    }
  }
  return true;
}
