import { isJsonObject, type Json } from "../json";

/** What a value consists of, with how often: each scalar with its path, each line of a longer text. */
export type Features = ReadonlyMap<string, number>;

export function featuresOf(value: Json): Features {
  const features = new Map<string, number>();
  collect(value, "", features);
  return features;
}

/** From 0, nothing in common, to 1, the same but for the order in lists (Sørensen and Dice). */
export function similarity(a: Features, b: Features): number {
  const [few, many] = a.size <= b.size ? [a, b] : [b, a];
  let common = 0;
  for (const [feature, count] of few) common += Math.min(count, many.get(feature) ?? 0);
  const total = count(a) + count(b);
  return total === 0 ? 1 : (2 * common) / total;
}

function count(features: Features): number {
  let sum = 0;
  for (const times of features.values()) sum += times;
  return sum;
}

/** An element's index is left out of its path: an insertion before it changes nothing about it. */
function collect(value: Json, path: string, into: Map<string, number>): void {
  const add = (feature: string) => into.set(feature, (into.get(feature) ?? 0) + 1);
  if (Array.isArray(value)) {
    if (value.length === 0) add(`${path}[]`);
    for (const element of value) collect(element, `${path}[]`, into);
  } else if (isJsonObject(value)) {
    const members = Object.entries(value);
    if (members.length === 0) add(`${path}{}`);
    for (const [key, member] of members) collect(member, `${path}/${key}`, into);
  } else if (typeof value === "string" && value.includes("\n")) {
    for (const line of value.split("\n")) add(`${path}=${line}`);
  } else {
    add(`${path}=${JSON.stringify(value)}`);
  }
}
