import type { Place } from "../../delta";
import type { Json } from "../../json";
import type { ArtifactOutput, SynthesizedOutput } from "../../output";
import { placeLabel } from "../../wording/place-label";
import type { RuleInput } from "../domain-rule";

/** One place of the newer output with what stood there before; undefined on a side where there is nothing. */
export interface PlacePair {
  readonly place: Place;
  /** As a sentence calls it: `CronJob monitoring/probe`, or an artifact's path. */
  readonly label: string;
  /** Of a resource: `kubernetes_deployment_v1`. */
  readonly type: string | null;
  readonly base: Json | undefined;
  readonly head: Json | undefined;
}

interface KnownPairs {
  readonly all: readonly PlacePair[];
  readonly changed: readonly PlacePair[];
}

const KNOWN = new WeakMap<RuleInput, KnownPairs>();

/** Every resource and artifact that differs, with a stack that came or went all of its resources, and `all` of them where a rule must see the whole. */
export function placePairs(input: RuleInput, all = false): readonly PlacePair[] {
  const known = KNOWN.get(input) ?? pairsOf(input);
  KNOWN.set(input, known);
  return all ? known.all : known.changed;
}

function pairsOf(input: RuleInput): KnownPairs {
  const differing = new Set(input.deltas.map(({ place }) => keyOf(place)));
  const all = [...resourcePairs(input), ...artifactPairs(input)].map((pair) => ({
    ...pair,
    label: placeLabel(pair.place, input),
  }));
  const isChanged = (place: Place): boolean =>
    differing.has(keyOf(place)) ||
    (place.kind === "resource" && differing.has(keyOf({ kind: "stack", stack: place.stack })));
  return { all, changed: all.filter(({ place }) => isChanged(place)) };
}

/** The same place gives the same key. */
export function keyOf(place: Place): string {
  if (place.kind === "artifact") return `artifact\n${place.path}`;
  return `${place.kind}\n${place.stack}\n${place.kind === "resource" ? place.address : ""}`;
}

type Unlabelled = Omit<PlacePair, "label">;

function resourcePairs({ base, head, renames }: RuleInput): readonly Unlabelled[] {
  const before = new Map(renames.map(({ from, to }) => [`${to.stack}\n${to.address}`, from]));
  const left = new Set(renames.map(({ from }) => `${from.stack}\n${from.address}`));
  const pairs: Unlabelled[] = [];
  for (const [stack, { resources }] of head.stacks) {
    for (const [address, { type, values }] of resources) {
      const from = before.get(`${stack}\n${address}`) ?? { stack, address };
      const place = { kind: "resource", stack, address } as const;
      pairs.push({ place, type, base: resourceAt(base, from), head: values });
    }
  }
  for (const [stack, { resources }] of base.stacks) {
    for (const [address, { type, values }] of resources) {
      if (resourceAt(head, { stack, address }) !== undefined || left.has(`${stack}\n${address}`)) continue;
      pairs.push({ place: { kind: "resource", stack, address }, type, base: values, head: undefined });
    }
  }
  return pairs;
}

function resourceAt(output: SynthesizedOutput, at: { readonly stack: string; readonly address: string }) {
  return output.stacks.get(at.stack)?.resources.get(at.address)?.values;
}

function artifactPairs({ base, head }: RuleInput): readonly Unlabelled[] {
  return [...new Set([...base.artifacts.keys(), ...head.artifacts.keys()])].map((path) => ({
    place: { kind: "artifact", path },
    type: null,
    base: contentOf(base.artifacts.get(path)),
    head: contentOf(head.artifacts.get(path)),
  }));
}

function contentOf(artifact: ArtifactOutput | undefined): Json | undefined {
  if (artifact === undefined) return undefined;
  if (artifact.kind === "data") return artifact.value;
  return artifact.kind === "text" ? artifact.text : { sha256: artifact.sha256, size: artifact.size };
}
