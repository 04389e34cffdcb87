import type { Delta, Place, Rename } from "../delta";
import type { Json, JsonObject } from "../json";
import type { ArtifactOutput, ResourceOutput, StackOutput, SynthesizedOutput } from "../output";
import { findRenames } from "../renames/find-renames";
import { referencesFollowed } from "../renames/references-followed";
import { isStateBlock } from "../renames/state-blocks";
import { byCodeUnit } from "./canonical-json";
import { compareValues } from "./compare-values";

export interface OutputComparison {
  /** By place, then by path. */
  readonly deltas: readonly Delta[];
  readonly renames: readonly Rename[];
}

/**
 * Everything that differs, as deep down as it goes. What came or went as a whole is one delta without a path: of a stack
 * its addresses, of a resource its values, of an artifact its content. A reference that only follows a rename is no
 * difference.
 */
export function compareOutputs(base: SynthesizedOutput, head: SynthesizedOutput): OutputComparison {
  const renames = findRenames(base, head);
  const followed = new Map([...base.stacks.keys()].map((name) => [name, referencesFollowed(name, renames)]));
  const follow = (stack: string) => followed.get(stack) ?? ((value: Json) => value);
  const deltas = [
    ...eachOf(base.stacks, head.stacks, (name, before, after) =>
      compareStacks(name, before, after, renames, follow(name)),
    ),
    ...renames.flatMap((rename) => compareRenamed(base, head, rename, follow(rename.from.stack))),
    ...eachOf(base.artifacts, head.artifacts, compareArtifacts),
  ];
  return { deltas, renames };
}

/** Calls for each name that is in either map, sorted. */
function eachOf<T>(
  before: ReadonlyMap<string, T>,
  after: ReadonlyMap<string, T>,
  compare: (name: string, before: T | undefined, after: T | undefined) => readonly Delta[],
): readonly Delta[] {
  const names = [...new Set([...before.keys(), ...after.keys()])].sort(byCodeUnit);
  return names.flatMap((name) => compare(name, before.get(name), after.get(name)));
}

function compareStacks(
  stack: string,
  before: StackOutput | undefined,
  after: StackOutput | undefined,
  renames: readonly Rename[],
  follow: (value: Json) => Json,
): readonly Delta[] {
  if (before === undefined || after === undefined) {
    return [
      { place: { kind: "stack", stack }, path: [], before: addresses(before), after: addresses(after) },
    ];
  }
  const own = { from: new Set<string>(), to: new Set<string>() };
  for (const { from, to } of renames) {
    if (from.stack === stack) own.from.add(from.address);
    if (to.stack === stack) own.to.add(to.address);
  }
  return [
    ...inPlace({ kind: "settings", stack }, settingsFollowed(before.settings, follow), after.settings),
    ...eachOf(before.resources, after.resources, (address, older, newer) => {
      const place: Place = { kind: "resource", stack, address };
      const isOlder = older !== undefined && !own.from.has(address);
      const isNewer = newer !== undefined && !own.to.has(address);
      if (isOlder && isNewer) return inPlace(place, follow(older.values), newer.values);
      return isOlder || isNewer
        ? [
            {
              place,
              path: [],
              before: isOlder ? older.values : undefined,
              after: isNewer ? newer.values : undefined,
            },
          ]
        : [];
    }),
  ];
}

function compareRenamed(
  base: SynthesizedOutput,
  head: SynthesizedOutput,
  { from, to }: Rename,
  follow: (value: Json) => Json,
): readonly Delta[] {
  const older = resourceAt(base, from);
  const newer = resourceAt(head, to);
  if (older === undefined || newer === undefined) return [];
  return inPlace({ kind: "resource", ...to }, follow(older.values), newer.values);
}

/** Blocks that speak of addresses themselves are compared as they are. */
function settingsFollowed(settings: JsonObject, follow: (value: Json) => Json): JsonObject {
  const members = Object.entries(settings).map(([key, value]) => [
    key,
    isStateBlock(key) ? value : follow(value),
  ]);
  return Object.fromEntries(members);
}

function inPlace(place: Place, before: Json, after: Json): readonly Delta[] {
  return compareValues(before, after).map((delta) => ({ place, ...delta }));
}

function compareArtifacts(
  path: string,
  before: ArtifactOutput | undefined,
  after: ArtifactOutput | undefined,
): readonly Delta[] {
  const place: Place = { kind: "artifact", path };
  if (before?.kind === "data" && after?.kind === "data") return inPlace(place, before.value, after.value);
  const [older, newer] = [contentOf(before), contentOf(after)];
  const isSame =
    before?.kind === after?.kind &&
    older !== undefined &&
    newer !== undefined &&
    compareValues(older, newer).length === 0;
  return isSame ? [] : [{ place, path: [], before: older, after: newer }];
}

function contentOf(artifact: ArtifactOutput | undefined): Json | undefined {
  switch (artifact?.kind) {
    case undefined:
      return undefined;
    case "data":
      return artifact.value;
    case "text":
      return artifact.text;
    case "bytes":
      return { sha256: artifact.sha256, size: artifact.size };
  }
}

function addresses(stack: StackOutput | undefined): Json | undefined {
  return stack === undefined ? undefined : [...stack.resources.keys()].sort(byCodeUnit);
}

function resourceAt(
  { stacks }: SynthesizedOutput,
  { stack, address }: { readonly stack: string; readonly address: string },
): ResourceOutput | undefined {
  return stacks.get(stack)?.resources.get(address);
}
