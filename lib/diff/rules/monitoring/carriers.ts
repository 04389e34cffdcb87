import { type Place, placeName } from "../../delta";
import { isJsonObject, type Json, type JsonObject } from "../../json";
import { EMBEDDED, type SynthesizedOutput } from "../../output";
import type { RuleInput } from "../domain-rule";

/** Deeper than any real document; what lies below is not looked at. */
const MAX_DEPTH = 100;

/** A resource or a file of data, which may carry what a rule looks for. */
export interface Carrier {
  /** In the newer output, where it is there: the two of a renamed resource have one place. */
  readonly place: Place;
  /** Within which the same thing may move from one carrier to another: the stack, or the artifacts' folder. */
  readonly scope: string;
  /** Of a resource; null for an artifact. */
  readonly type: string | null;
  readonly value: Json;
}

export interface Carriers {
  readonly base: readonly Carrier[];
  readonly head: readonly Carrier[];
}

/** Those of both outputs that differ in something, or are in one alone. */
export function changedCarriers(input: RuleInput): Carriers {
  const changed = new Set(input.deltas.map(({ place }) => placeName(place)));
  const isChanged = ({ place }: Carrier): boolean =>
    changed.has(placeName(place)) || (place.kind === "resource" && changed.has(place.stack));
  const { base, head } = carriersOf(input);
  return { base: base.filter(isChanged), head: head.filter(isChanged) };
}

const KNOWN = new WeakMap<RuleInput, Carriers>();

/** All carriers of both outputs, resources before artifacts. */
export function carriersOf(input: RuleInput): Carriers {
  const known = KNOWN.get(input) ?? readCarriers(input);
  KNOWN.set(input, known);
  return known;
}

function readCarriers({ base, head, renames }: RuleInput): Carriers {
  const renamed = new Map(renames.map(({ from, to }) => [`${from.stack}/${from.address}`, to]));
  return {
    base: carriersIn(base, (stack, address) => renamed.get(`${stack}/${address}`) ?? { stack, address }),
    head: carriersIn(head, (stack, address) => ({ stack, address })),
  };
}

function carriersIn(
  output: SynthesizedOutput,
  nameOf: (stack: string, address: string) => { readonly stack: string; readonly address: string },
): readonly Carrier[] {
  const resources = [...output.stacks.values()].flatMap((stack) =>
    [...stack.resources.values()].map(({ address, type, values }): Carrier => {
      const name = nameOf(stack.name, address);
      return { place: { kind: "resource", ...name }, scope: `stack ${name.stack}`, type, value: values };
    }),
  );
  const artifacts = [...output.artifacts].flatMap(([path, artifact]): Carrier[] => {
    if (artifact.kind !== "data") return [];
    const scope = `artifacts ${path.slice(0, Math.max(0, path.lastIndexOf("/")))}`;
    return [{ place: { kind: "artifact", path }, scope, type: null, value: artifact.value }];
  });
  return [...resources, ...artifacts];
}

/** Calls for every object in the value, from the outside in, with all objects and lists around it, the nearest first. */
export function visitObjects(
  value: Json,
  visit: (object: JsonObject, around: readonly object[]) => void,
  around: readonly object[] = [],
): void {
  if (typeof value !== "object" || value === null || around.length > MAX_DEPTH) return;
  if (isJsonObject(value)) visit(value, around);
  const outer = [value, ...around];
  for (const child of Object.values(value)) visitObjects(child, visit, outer);
}

/** What stands for the document, where the nearest object or list around is that. */
export function documentAround([nearest]: readonly object[]): readonly object[] {
  return nearest !== undefined && Object.hasOwn(nearest, EMBEDDED) ? [nearest] : [];
}

/** The value itself, the first of a list of one (a Terraform block), or the document that a string held. */
export function objectOf(value: Json | undefined): JsonObject | undefined {
  if (Array.isArray(value)) return objectOf(value[0]);
  if (!isJsonObject(value)) return undefined;
  return Object.hasOwn(value, EMBEDDED) ? objectOf(value[EMBEDDED]) : value;
}

/** The elements of a list; of a Terraform block the block itself. */
export function listOf(value: Json | undefined): readonly Json[] {
  if (Array.isArray(value)) return value;
  return isJsonObject(value) ? [value] : [];
}

/** The first of the keys that is there with a text, a number or a boolean, as text. */
export function textOf(object: JsonObject | undefined, ...keys: readonly string[]): string | undefined {
  for (const key of keys) {
    const value = object !== undefined && Object.hasOwn(object, key) ? object[key] : undefined;
    if (typeof value === "string") return value;
    if (typeof value === "number" || typeof value === "boolean") return String(value);
  }
  return undefined;
}

/** The first of the keys that holds an object, as `objectOf` reads it. */
export function childOf(object: JsonObject | undefined, ...keys: readonly string[]): JsonObject | undefined {
  for (const key of keys) {
    const child = object !== undefined && Object.hasOwn(object, key) ? objectOf(object[key]) : undefined;
    if (child !== undefined) return child;
  }
  return undefined;
}
