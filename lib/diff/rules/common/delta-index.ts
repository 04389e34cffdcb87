import type { Delta, Place } from "../../delta";
import { EMBEDDED } from "../../output";
import { keyOf } from "./place-pairs";
import type { Step } from "./spot";

/** Finds the differences that a statement about a spot accounts for. */
export class DeltaIndex {
  private readonly byPlace = new Map<string, Delta[]>();

  constructor(deltas: readonly Delta[]) {
    for (const delta of deltas) {
      const key = keyOf(delta.place);
      const known = this.byPlace.get(key);
      if (known === undefined) this.byPlace.set(key, [delta]);
      else known.push(delta);
    }
  }

  /** All of a place. */
  of(place: Place): readonly Delta[] {
    return this.byPlace.get(keyOf(place)) ?? [];
  }

  /**
   * At the spot and below it.
   *
   * @param floor how many of the steps belong to more than what is stated: a block between there and the spot that
   *   came or went as a whole is taken too. Default: none is
   */
  below(place: Place, steps: readonly Step[], floor = steps.length): readonly Delta[] {
    return this.of(place).filter(({ path }) => {
      const names = path.filter((name) => name !== EMBEDDED);
      if (names.length >= steps.length) return isBelow(names, steps);
      return names.length > floor && isBelow(names, steps.slice(0, names.length));
    });
  }
}

function isBelow(names: readonly string[], steps: readonly Step[]): boolean {
  return steps.every(({ name, aliases }, at) => names[at] === name || aliases.includes(names[at] ?? ""));
}
