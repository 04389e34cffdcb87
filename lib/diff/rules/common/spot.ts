import { identities } from "../../compare/list-identity";
import { isJsonObject, type Json, type JsonObject } from "../../json";
import { EMBEDDED } from "../../output";

/** One key or one element on the way down. An element has several names: its place in the list, and what names it. */
export interface Step {
  /** As it is shown, and compared between two outputs. */
  readonly name: string;
  /** By which else a difference may call it. */
  readonly aliases: readonly string[];
}

/** A value inside a place, and the way to it. */
export interface Spot<T extends Json = Json> {
  readonly steps: readonly Step[];
  readonly value: T;
}

const MAX_DEPTH = 64;

/** Every rule walks the same values. */
const KNOWN = new WeakMap<object, readonly Spot[]>();

/** Every value in a value and the value itself, documents inside strings included, from the outside in. */
export function spotsOf(root: Json | undefined): readonly Spot[] {
  if (typeof root !== "object" || root === null) return readSpots(root);
  const known = KNOWN.get(root) ?? readSpots(root);
  KNOWN.set(root, known);
  return known;
}

function readSpots(root: Json | undefined): readonly Spot[] {
  const found: Spot[] = [];
  const walk = (spot: Spot): void => {
    if (spot.steps.length > MAX_DEPTH) return;
    found.push(spot);
    for (const each of childrenOf(spot)) walk(each);
  };
  if (root !== undefined) walk({ steps: [], value: withoutEmbedding(root) });
  return found;
}

/** Those that are objects. */
export function objectsOf(root: Json | undefined): readonly Spot<JsonObject>[] {
  return spotsOf(root).flatMap(({ steps, value }) => (isJsonObject(value) ? [{ steps, value }] : []));
}

/** What stands one step below, through the borders of documents. */
export function childrenOf({ steps, value }: Spot): readonly Spot[] {
  if (Array.isArray(value)) return elementsOf(steps, value);
  if (!isJsonObject(value)) return [];
  return Object.entries(value).map(([name, child]) => ({
    steps: [...steps, { name, aliases: [] }],
    value: withoutEmbedding(child),
  }));
}

/** The object's own value by one of the names, the first that is there. */
export function childOf(spot: Spot, ...names: readonly string[]): Spot | null {
  const { steps, value } = spot;
  if (!isJsonObject(value)) return null;
  for (const name of names) {
    const child = Object.hasOwn(value, name) ? value[name] : undefined;
    if (child !== undefined && child !== null) {
      return { steps: [...steps, { name, aliases: [] }], value: withoutEmbedding(child) };
    }
  }
  return null;
}

/** A block of HCL may be an object or a list of one: the object either way. */
export function blockOf(spot: Spot | null): Spot<JsonObject> | null {
  if (spot === null) return null;
  const { steps, value } = spot;
  if (isJsonObject(value)) return { steps, value };
  const elements = Array.isArray(value) && value.length === 1 ? elementsOf(steps, value) : [];
  const [only] = elements;
  return only !== undefined && isJsonObject(only.value) ? { steps: only.steps, value: only.value } : null;
}

/** The elements of a list of objects; of a single block, that. */
export function blocksOf(spot: Spot | null): readonly Spot<JsonObject>[] {
  if (spot === null) return [];
  const { steps, value } = spot;
  if (isJsonObject(value)) return [{ steps, value }];
  return Array.isArray(value)
    ? elementsOf(steps, value).flatMap((one) =>
        isJsonObject(one.value) ? [{ steps: one.steps, value: one.value }] : [],
      )
    : [];
}

/** The way as one text: of equal ones the value is the same in meaning. */
export function pathOf(steps: readonly Step[]): string {
  return steps.map(({ name }) => name).join(".");
}

export function textAt(spot: Spot | null): string | null {
  return typeof spot?.value === "string" ? spot.value : null;
}

function elementsOf(steps: readonly Step[], list: readonly Json[]): readonly Spot[] {
  const values = list.map(withoutEmbedding);
  const names = identities(steps.at(-1)?.name, values, values)?.after;
  return values.map((value, index) => ({
    steps: [...steps, new ElementStep(names?.[index] ?? `${index}`, index, value)],
    value,
  }));
}

/** Few steps are ever asked for their other names. */
class ElementStep implements Step {
  constructor(
    readonly name: string,
    private readonly index: number,
    private readonly element: Json,
  ) {}

  get aliases(): readonly string[] {
    return [`${this.index}`, ...(isJsonObject(this.element) ? scalarPairs(this.element) : [])];
  }
}

function scalarPairs(value: JsonObject): readonly string[] {
  return Object.entries(value).flatMap(([key, one]) =>
    typeof one === "string" || typeof one === "number" ? [`${key}=${one}`] : [],
  );
}

function withoutEmbedding(value: Json): Json {
  let inner = value;
  for (let depth = 0; depth < 8; depth += 1) {
    if (!isJsonObject(inner) || !Object.hasOwn(inner, EMBEDDED)) return inner;
    inner = inner[EMBEDDED] ?? null;
  }
  return inner;
}
