import { isJsonObject, type Json, type JsonObject } from "./json";
import { ContentHashes } from "./normalise/content-hashes";
import { MachinePaths } from "./normalise/machine-paths";
import { normaliseStack } from "./normalise/normalise-stack";
import { maskSecrets } from "./secret-values";

/** What is asked of a construct; those of cdktf and of cdktn both have it. */
export interface SnapshotConstruct {
  readonly node: {
    readonly path: string;
    readonly children: readonly SnapshotConstruct[];
    validate(): readonly string[];
  };
}

/** What is asked of a stack: a `TerraformStack` of cdktf or of cdktn has it. */
export interface SnapshotStack extends SnapshotConstruct {
  prepareStack?(): void;
  /** The configuration as it is synthesized. */
  toTerraform(): unknown;
}

/** By address. */
export interface StackSnapshot {
  readonly settings: JsonObject;
  readonly resources: {
    readonly [address: string]: { readonly constructPath: string | null; readonly values: Json };
  };
}

/** All that validations say, one line each, as `<construct's path>: <message>`. */
export class SnapshotError extends Error {
  override readonly name = "SnapshotError";
  readonly code = "configuration";

  constructor(readonly problems: readonly string[]) {
    super(`the stack is not valid:\n${problems.join("\n")}`);
  }
}

/**
 * A stack as plain JSON with sorted keys, for the snapshot of any test runner. It is the same on every machine: without
 * metadata, hashes of files, paths of the machine and values of secrets; documents inside strings are data. Aspects run
 * once, as at a synthesis. Nothing is written.
 *
 * @throws SnapshotError with the messages of all validations
 */
export function snapshot(stack: SnapshotStack): StackSnapshot {
  stack.prepareStack?.();
  visitAspects(stack, []);
  const problems = constructsOf(stack).flatMap(({ node }) =>
    node.validate().map((message) => `${node.path}: ${message}`),
  );
  if (problems.length > 0) throw new SnapshotError(problems);

  const { path: name } = stack.node;
  const json = stack.toTerraform();
  const hashes = new ContentHashes(true);
  hashes.addStack(json);
  const { settings, resources } = normaliseStack(name, json, { hashes, paths: new MachinePaths(null, true) });
  const masked = maskSecrets(settings, { place: { kind: "settings", stack: name } });
  return {
    resources: Object.fromEntries(
      [...resources.values()].sort(byAddress).map(({ address, constructPath, values }) => {
        const place = { kind: "resource", stack: name, address } as const;
        return [address, { constructPath, values: maskSecrets(values, { place }) }];
      }),
    ),
    settings: isJsonObject(masked) ? masked : {},
  };
}

function byAddress(a: { readonly address: string }, b: { readonly address: string }): number {
  return a.address < b.address ? -1 : 1;
}

function constructsOf(construct: SnapshotConstruct): readonly SnapshotConstruct[] {
  return [construct, ...construct.node.children.flatMap(constructsOf)];
}

interface Aspect {
  visit(construct: SnapshotConstruct): void;
}

/** A second snapshot, or a synthesis by the same functions, must not make twice what an aspect adds. */
const visited = new WeakMap<Aspect, WeakSet<SnapshotConstruct>>();

/** As at a synthesis: those of a construct, and those above it. */
function visitAspects(construct: SnapshotConstruct, inherited: readonly Aspect[]): void {
  const aspects = [...inherited, ...aspectsOf(construct)];
  for (const aspect of aspects) {
    const done = visited.get(aspect) ?? new WeakSet();
    if (done.has(construct)) continue;
    visited.set(aspect, done.add(construct));
    aspect.visit(construct);
  }
  for (const child of construct.node.children) visitAspects(child, aspects);
}

/** cdktf keeps them under a symbol of its own that it does not give out; `Aspects.of` would need one of the engines. */
function aspectsOf(construct: SnapshotConstruct): readonly Aspect[] {
  const symbol = Object.getOwnPropertySymbols(construct).find(
    ({ description }) => description === "cdktf-aspects",
  );
  const holder: unknown = symbol === undefined ? undefined : Reflect.get(construct, symbol);
  const all: unknown =
    typeof holder === "object" && holder !== null && "all" in holder ? holder.all : undefined;
  return Array.isArray(all) ? all.filter(isAspect) : [];
}

function isAspect(value: unknown): value is Aspect {
  return typeof value === "object" && value !== null && "visit" in value && typeof value.visit === "function";
}
