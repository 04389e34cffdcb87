import { groupBy } from "../../core/group-by";
import { byCodeUnit, canonicalJson } from "../compare/canonical-json";
import { type Features, featuresOf, similarity } from "../compare/similarity";
import type { ResourceOutput } from "../output";
import { kubernetesName } from "./kubernetes-name";

/** A resource of one output that the other has nothing at the same address for. */
export interface Unmatched {
  readonly stack: string;
  readonly resource: ResourceOutput;
}

export type Pair = readonly [from: Unmatched, to: Unmatched];

/** Two that have less in common are two resources. */
const MIN_SIMILARITY = 0.8;
/** Beyond, of one type, only those with the same last part of their construct path are compared with one another. */
const MAX_COMPARISONS = 40_000;

/**
 * Resources of one type that went, with those that came and are the same object: by the name in the cluster, then by
 * equal values, then by the most similar. The same pairs in whatever order they are given, and from newer to older.
 */
export function pairResources(gone: readonly Unmatched[], come: readonly Unmatched[]): readonly Pair[] {
  const left = { gone: new Set([...gone].sort(byPlace)), come: new Set([...come].sort(byPlace)) };
  const pairs: Pair[] = [];
  const take = (pair: Pair) => {
    pairs.push(pair);
    left.gone.delete(pair[0]);
    left.come.delete(pair[1]);
  };
  const contents = new Map([...gone, ...come].map((one) => [one, canonicalJson(one.resource.values)]));
  for (const identify of [nameOf, (one: Unmatched) => contents.get(one) ?? null]) {
    for (const narrow of NARROWER) {
      const key = (one: Unmatched) => {
        const identity = identify(one);
        return identity === null ? null : JSON.stringify([identity, ...narrow(one)]);
      };
      for (const pair of inStep(left.gone, left.come, key)) take(pair);
    }
  }
  for (const pair of mostSimilar([...left.gone], [...left.come])) take(pair);
  return pairs;
}

/** Among equals the nearest first. */
const NARROWER: readonly ((one: Unmatched) => readonly string[])[] = [
  (one) => [one.stack, leafOf(one)],
  (one) => [one.stack],
  (one) => [leafOf(one)],
  () => [],
];

function nameOf({ resource }: Unmatched): string | null {
  return kubernetesName(resource.type, resource.values);
}

/** `cron-job` of `monitoring/probe/cron-job`. */
function leafOf({ resource }: Unmatched): string {
  return resource.constructPath?.split("/").at(-1) ?? "";
}

/** The first with the first of the same key, the second with the second. */
function inStep(
  gone: Iterable<Unmatched>,
  come: Iterable<Unmatched>,
  keyOf: (one: Unmatched) => string | null,
): readonly Pair[] {
  const waiting = new Map<string, Unmatched[]>();
  for (const one of come) {
    const key = keyOf(one);
    const others = key === null ? undefined : waiting.get(key);
    if (others !== undefined) others.push(one);
    else if (key !== null) waiting.set(key, [one]);
  }
  const pairs: Pair[] = [];
  for (const one of gone) {
    const key = keyOf(one);
    const other = key === null ? undefined : waiting.get(key)?.shift();
    if (other !== undefined) pairs.push([one, other]);
  }
  return pairs;
}

interface Scored {
  readonly pair: Pair;
  readonly score: number;
  readonly isSameStack: boolean;
  readonly isSameLeaf: boolean;
}

/** Greedy: the best pair first, then the best of what is left. */
function mostSimilar(gone: readonly Unmatched[], come: readonly Unmatched[]): readonly Pair[] {
  const groups = gone.length * come.length <= MAX_COMPARISONS ? [{ gone, come }] : byLeaf(gone, come);
  const scored = groups.flatMap((group) => scores(group.gone, group.come));
  // Stable: among equals the first by place, which is the same choice from either side.
  scored.sort(
    (a, b) =>
      b.score - a.score ||
      Number(b.isSameStack) - Number(a.isSameStack) ||
      Number(b.isSameLeaf) - Number(a.isSameLeaf),
  );
  const taken = new Set<Unmatched>();
  return scored.flatMap(({ pair }) => {
    if (taken.has(pair[0]) || taken.has(pair[1])) return [];
    taken.add(pair[0]).add(pair[1]);
    return [pair];
  });
}

function byLeaf(gone: readonly Unmatched[], come: readonly Unmatched[]) {
  const byLeaf = groupBy(come, (one) => [leafOf(one)]);
  return [...groupBy(gone, (one) => [leafOf(one)])]
    .map(([leaf, group]) => ({ gone: group, come: byLeaf.get(leaf) ?? [] }))
    .filter((group) => group.gone.length * group.come.length <= MAX_COMPARISONS);
}

function scores(gone: readonly Unmatched[], come: readonly Unmatched[]): readonly Scored[] {
  const features = new Map<Unmatched, Features>();
  for (const one of [...gone, ...come]) features.set(one, featuresOf(one.resource.values));
  return gone.flatMap((from) =>
    come.flatMap((to) => {
      const score = similarity(features.get(from) ?? new Map(), features.get(to) ?? new Map());
      if (score < MIN_SIMILARITY) return [];
      const isSameStack = from.stack === to.stack;
      return [{ pair: [from, to] as const, score, isSameStack, isSameLeaf: leafOf(from) === leafOf(to) }];
    }),
  );
}

function placeOf({ stack, resource }: Unmatched): string {
  return JSON.stringify([stack, resource.address]);
}

function byPlace(a: Unmatched, b: Unmatched): number {
  return byCodeUnit(placeOf(a), placeOf(b));
}
