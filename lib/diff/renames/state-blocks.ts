import type { Delta, Rename } from "../delta";
import { isJsonObject, type Json, type JsonObject } from "../json";

/** What a stack's configuration says of its state. https://developer.hashicorp.com/terraform/language/state/refactor */
export interface StateBlocks {
  /** From the older address to the newer. */
  readonly moved: ReadonlyMap<string, string>;
  /** Addresses that adopt an object which exists. */
  readonly imported: ReadonlySet<string>;
  /** Addresses that left without their object being destroyed. */
  readonly forgotten: ReadonlySet<string>;
}

/** Whether a setting of that name speaks of addresses. */
export function isStateBlock(key: string): boolean {
  return key === "moved" || key === "import" || key === "removed";
}

/** Read once for the settings of a stack, as they are asked for with each of its resources. */
const known = new WeakMap<JsonObject, StateBlocks>();

export function stateBlocks(settings: JsonObject): StateBlocks {
  const blocks = known.get(settings) ?? readBlocks(settings);
  known.set(settings, blocks);
  return blocks;
}

function readBlocks(settings: JsonObject): StateBlocks {
  const blocks = (key: string): readonly JsonObject[] => listOf(settings[key]).filter(isJsonObject);
  const imported = blocks("import").map(({ to }) => addressIn(to));
  const forgotten = blocks("removed").map(({ from, lifecycle }) => {
    const keeps = listOf(lifecycle).some((block) => isJsonObject(block) && block.destroy === false);
    return keeps ? addressIn(from) : null;
  });
  const moved = blocks("moved").map((block): [string | null, string | null] => [
    addressIn(block.from),
    addressIn(block.to),
  ]);
  return {
    moved: new Map(moved.flatMap(([from, to]) => (from === null || to === null ? [] : [[from, to]]))),
    imported: new Set(imported.filter(isNamed)),
    forgotten: new Set(forgotten.filter(isNamed)),
  };
}

/** Where `moved` blocks lead in the end; null where none begins at that address. */
export function movedTo(address: string, { moved }: StateBlocks): string | null {
  const seen = new Set<string>();
  let at = address;
  for (let next = moved.get(at); next !== undefined && !seen.has(at); next = moved.get(at)) {
    seen.add(at);
    at = next;
  }
  return at === address ? null : at;
}

function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : value === undefined ? [] : [value];
}

/** In JSON an address may stand as it is, or as a template. */
function addressIn(value: Json | undefined): string | null {
  return typeof value === "string" ? (/^\$\{(.*)\}$/.exec(value)?.[1] ?? value) : null;
}

function isNamed(address: string | null): address is string {
  return address !== null;
}

/** Whether the difference is a `moved` block that says what a rename says already. */
export function isToldByRename({ place, path, before, after }: Delta, renames: readonly Rename[]): boolean {
  if (place.kind !== "settings" || path[0] !== "moved" || before !== undefined || after === undefined)
    return false;
  const { moved } = readBlocks({ moved: after });
  const told = new Map(
    renames.filter(({ to }) => to.stack === place.stack).map(({ from, to }) => [from.address, to.address]),
  );
  return moved.size === listOf(after).length && [...moved].every(([from, to]) => told.get(from) === to);
}
