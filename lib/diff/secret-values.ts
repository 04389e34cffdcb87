import type { Delta, Place } from "./delta";
import type { Json } from "./json";
import type { SynthesizedOutput } from "./output";
import { followPath, maskValue, SECRET } from "./secrets/mask-value";
import { rootSpot } from "./secrets/secret-spot";

export { SECRET } from "./secrets/mask-value";

/** A secret's value in plain text; the value itself is nowhere told. */
export interface SecretValue {
  readonly place: Place;
  /** As in a delta. */
  readonly path: readonly string[];
  /** What it is, with its article: `a private key in PEM`. */
  readonly why: string;
}

/** Where a value stands that is shown apart from what it is a part of. */
export interface SecretContext {
  readonly place: Place;
  /** @default the place's own value */
  readonly path?: readonly string[];
  /**
   * The place's whole value: what a part of it is may show in another part, as in `kind: Secret`.
   * @default unknown
   */
  readonly whole?: Json | undefined;
}

/** Every secret that an output holds in plain text, by place and path. */
export function findSecretValues(output: SynthesizedOutput): readonly SecretValue[] {
  const found: SecretValue[] = [];
  for (const { place, value } of placesOf(output)) {
    maskValue(value, rootSpot(place), (path, why) => found.push({ place, path, why }));
  }
  return found;
}

/** The value with every secret replaced by `SECRET`, of a text only the part that is one. Mask before a text is cut to lines. */
export function maskSecrets(value: Json, { place, path = [], whole }: SecretContext): Json {
  const spot = followPath(whole, rootSpot(place), path);
  return spot === null ? SECRET : maskValue(value, spot, () => {});
}

/**
 * A delta without secrets. Both sides may then be equal: a secret that changed.
 *
 * @param from the older output's place, where a rename gave it another
 */
export function maskDelta(
  delta: Delta,
  base: SynthesizedOutput,
  head: SynthesizedOutput,
  from: Place = delta.place,
): Delta {
  const { place, path, before, after } = delta;
  const side = (value: Json | undefined, output: SynthesizedOutput, at: Place) =>
    value === undefined ? undefined : maskSecrets(value, { place: at, path, whole: valueAt(output, at) });
  return { place, path, before: side(before, base, from), after: side(after, head, place) };
}

function placesOf(output: SynthesizedOutput): readonly { readonly place: Place; readonly value: Json }[] {
  const places: Place[] = [...output.stacks].flatMap(([stack, { resources }]) => [
    { kind: "settings", stack } as const,
    ...[...resources.keys()].map((address) => ({ kind: "resource", stack, address }) as const),
  ]);
  places.push(...[...output.artifacts.keys()].map((path) => ({ kind: "artifact", path }) as const));
  return places.flatMap((place) => {
    const value = valueAt(output, place);
    return value === undefined ? [] : [{ place, value }];
  });
}

function valueAt(output: SynthesizedOutput, place: Place): Json | undefined {
  switch (place.kind) {
    case "stack":
      return undefined;
    case "settings":
      return output.stacks.get(place.stack)?.settings;
    case "resource":
      return output.stacks.get(place.stack)?.resources.get(place.address)?.values;
    case "artifact": {
      const artifact = output.artifacts.get(place.path);
      if (artifact?.kind === "data") return artifact.value;
      return artifact?.kind === "text" ? artifact.text : undefined;
    }
  }
}
