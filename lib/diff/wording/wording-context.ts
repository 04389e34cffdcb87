import type { Place, Rename } from "../delta";
import type { SynthesizedOutput } from "../output";

/** What the generic words are made of. */
export interface WordingContext {
  readonly base: SynthesizedOutput;
  readonly head: SynthesizedOutput;
  readonly renames: readonly Rename[];
}

/** Where in the older output stood what is at a place of the newer. */
export function olderPlace(place: Place, { renames }: WordingContext): Place {
  if (place.kind !== "resource") return place;
  const rename = renames.find(({ to }) => to.stack === place.stack && to.address === place.address);
  return rename === undefined ? place : { kind: "resource", ...rename.from };
}
