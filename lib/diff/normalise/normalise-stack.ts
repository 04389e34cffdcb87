/** https://developer.hashicorp.com/terraform/language/syntax/json */
import { ConfigurationError, type Problem } from "../../core/problem";
import { isJsonObject, type Json, type JsonObject } from "../json";
import type { ResourceOutput, StackOutput } from "../output";
import { ContentHashes } from "./content-hashes";
import { MachinePaths, nameOnly } from "./machine-paths";
import { type NormaliseContext, normaliseTerraform } from "./normalise-value";
import { sortedEntries, toJson } from "./to-json";

/** In Terraform's JSON a comment; cdktf keeps its metadata there. */
const COMMENT = "//";
/** What a block holds by name, two names deep or one. */
const NAMED_BLOCKS = ["module", "output", "variable"];

/**
 * A stack of its parsed cdk.tf.json. Without a context the hashes that it knows are those of the stack's own texts.
 *
 * @throws ConfigurationError for what is not a stack's JSON
 */
export function normaliseStack(name: string, json: unknown, context = contextOf(json)): StackOutput {
  const path = `stacks/${name}/cdk.tf.json`;
  const root = wholeObject(path, json);
  const problems: Problem[] = [];
  const resources = new Map<string, ResourceOutput>();
  for (const [block, prefix] of [
    ["data", "data."],
    ["resource", ""],
  ] as const) {
    for (const [type, byId] of sortedEntries<Json>(objectAt(root, block, `${path} ${block}`, problems))) {
      const all = asObject(byId, `${path} ${block}.${type}`, problems);
      for (const [id, body] of sortedEntries<Json>(all)) {
        const values = asObject(body, `${path} ${block}.${type}.${id}`, problems);
        const address = `${prefix}${type}.${id}`;
        resources.set(address, resourceOf(address, type, id, values, context));
      }
    }
  }
  ConfigurationError.throwIfAny(problems);
  return { name, resources, settings: settingsOf(root, context) };
}

function contextOf(json: unknown): NormaliseContext {
  const hashes = new ContentHashes();
  hashes.addStack(json);
  return { hashes, paths: new MachinePaths(null) };
}

function resourceOf(
  address: string,
  type: string,
  id: string,
  body: JsonObject,
  context: NormaliseContext,
): ResourceOutput {
  const plain = withoutComment(type === "terraform_remote_state" ? withoutStatePath(body) : body);
  const values = normaliseTerraform(plain, context);
  return {
    address,
    type,
    id,
    constructPath: constructPathOf(body),
    values: isJsonObject(values) ? values : {},
  };
}

function constructPathOf(body: JsonObject): string | null {
  const comment = body[COMMENT];
  const metadata = isJsonObject(comment) ? comment.metadata : undefined;
  const path = isJsonObject(metadata) ? metadata.path : undefined;
  return typeof path === "string" ? path : null;
}

function settingsOf(root: JsonObject, context: NormaliseContext): JsonObject {
  const { data: _data, resource: _resource, ...rest } = root;
  const blocks = Object.entries(withoutComment(rest)).map(([block, value]): [string, Json] => {
    if (block === "terraform") return [block, withPortableBackend(value)];
    return [
      block,
      NAMED_BLOCKS.includes(block) ? mapObject(value, withoutComments) : mapObject(value, eachBody),
    ];
  });
  const settings = normaliseTerraform(Object.fromEntries(blocks), context);
  return isJsonObject(settings) ? settings : {};
}

/** A provider's aliases are a list of bodies. */
function eachBody(value: Json): Json {
  return Array.isArray(value) ? value.map(withoutComments) : withoutComments(value);
}

function withoutComments(value: Json): Json {
  return isJsonObject(value) ? withoutComment(value) : value;
}

function withoutComment(body: JsonObject): JsonObject {
  const { [COMMENT]: _comment, ...rest } = body;
  return rest;
}

/** cdktf's default backend lies at an absolute path. */
function withPortableBackend(terraform: Json): Json {
  if (!isJsonObject(terraform) || !isJsonObject(terraform.backend)) return terraform;
  const { local } = terraform.backend;
  return isJsonObject(local)
    ? { ...terraform, backend: { ...terraform.backend, local: withPortablePaths(local) } }
    : terraform;
}

/** What a stack reads of another one's state. */
function withoutStatePath(body: JsonObject): JsonObject {
  return isJsonObject(body.config) ? { ...body, config: withPortablePaths(body.config) } : body;
}

function withPortablePaths(settings: JsonObject): JsonObject {
  const isPath = (key: string) => key === "path" || key === "workspace_dir";
  return Object.fromEntries(
    Object.entries(settings).map(([key, value]) => [
      key,
      isPath(key) && typeof value === "string" ? nameOnly(value) : value,
    ]),
  );
}

function mapObject(value: Json, change: (item: Json) => Json): Json {
  if (!isJsonObject(value)) return eachBody(value);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, change(item)]));
}

function wholeObject(path: string, json: unknown): JsonObject {
  let value: Json;
  try {
    value = toJson(json);
  } catch (cause) {
    const got = cause instanceof Error ? cause.message : String(cause);
    throw new ConfigurationError([{ path, rule: "be a stack's configuration", value: got, fix: FIX }]);
  }
  if (isJsonObject(value)) return value;
  throw new ConfigurationError([{ path, rule: "be an object", value, fix: FIX }]);
}

const FIX = "Synthesize the stack again.";

function objectAt(parent: JsonObject, key: string, path: string, problems: Problem[]): JsonObject {
  return Object.hasOwn(parent, key) ? asObject(parent[key] ?? null, path, problems) : {};
}

function asObject(value: Json, path: string, problems: Problem[]): JsonObject {
  if (isJsonObject(value)) return value;
  problems.push({ path, rule: "be an object", value, fix: FIX });
  return {};
}
