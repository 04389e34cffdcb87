import { type Delta, type Place, withoutDocuments } from "../../delta";
import type { RuleInput } from "../domain-rule";
import { DeltasByObject } from "./deltas-by-object";
import { keyOf } from "./place-pairs";
import type { Step } from "./spot";

const KNOWN = new WeakMap<RuleInput, DeltaIndex>();

/** Finds the differences that a statement accounts for: by a place, by the way into it, by an object of either output. */
export class DeltaIndex {
  private readonly byPlace = new Map<string, Delta[]>();
  private objects: DeltasByObject | null = null;

  private constructor(private readonly input: RuleInput) {
    for (const delta of input.deltas) {
      const key = keyOf(delta.place);
      const known = this.byPlace.get(key);
      if (known === undefined) this.byPlace.set(key, [delta]);
      else known.push(delta);
    }
  }

  /** One for all rules that are given the same input. */
  static of(input: RuleInput): DeltaIndex {
    const known = KNOWN.get(input) ?? new DeltaIndex(input);
    KNOWN.set(input, known);
    return known;
  }

  /** All of a place. */
  at(place: Place): readonly Delta[] {
    return this.byPlace.get(keyOf(place)) ?? [];
  }

  /** Of a place that is in both outputs. */
  inside(place: Place): readonly Delta[] {
    return this.at(place).filter(({ path }) => path.length > 0);
  }

  /** Those inside a place that end at one of the keys. */
  ofKeys(place: Place, keys: readonly string[]): readonly Delta[] {
    return this.inside(place).filter(({ path }) => keys.includes(path.at(-1) ?? ""));
  }

  /**
   * At the spot and below it.
   *
   * @param floor how many of the steps belong to more than what is stated: a block between there and the spot that
   *   came or went as a whole is taken too. Default: none is
   */
  below(place: Place, steps: readonly Step[], floor = steps.length): readonly Delta[] {
    return this.at(place).filter(({ path }) => {
      const names = withoutDocuments(path);
      if (names.length >= steps.length) return isBelow(names, steps);
      return names.length > floor && isBelow(names, steps.slice(0, names.length));
    });
  }

  /** In the object, or of it as a whole. */
  within(value: object | undefined): readonly Delta[] {
    return value === undefined ? [] : this.byObject().within(value);
  }

  /** Of exactly one of the values: what was added, removed or replaced with all that it holds. */
  ofWhole(values: readonly object[]): readonly Delta[] {
    return values.flatMap((value) => this.byObject().ofWhole(value));
  }

  private byObject(): DeltasByObject {
    this.objects ??= new DeltasByObject(this.input);
    return this.objects;
  }
}

function isBelow(names: readonly string[], steps: readonly Step[]): boolean {
  return steps.every(({ name, aliases }, at) => names[at] === name || aliases.includes(names[at] ?? ""));
}
