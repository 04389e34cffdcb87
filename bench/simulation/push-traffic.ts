import type { Damage } from "./planted-damage";
import { mix } from "./seeded";
import type { SimulatedWorld } from "./simulated-transport";
import type { SyntheticEstate } from "./synthetic-estate";

export interface PushTraffic {
  readonly perSecond: number;
  /** Of so many pushes one comes with a clean-up: the tag's old image is deleted at once, or the tag itself. */
  readonly cleanUpEvery: number;
}

/** Four of five move a tag, one adds one. Damaged tags are left alone, so that what is broken stays known. */
export function pushEverySoOften(
  { clock, registry }: SimulatedWorld,
  estate: SyntheticEstate,
  planted: readonly Damage[],
  { perSecond, cleanUpEvery }: PushTraffic,
): void {
  if (perSecond === 0) return;
  const { seed, repositories } = estate.shape;
  const damaged = new Set(planted.map(({ place }) => `${place.repository} ${place.tag}`));
  let count = 0;
  const push = (): void => {
    const repository = mix(seed, count, 51) % repositories;
    const tag = mix(seed, count, 52) % estate.tagsIn(repository);
    const number = count++;
    const cleansUp = number % cleanUpEvery === cleanUpEvery - 1;
    const isFree = !damaged.has(`${repository} ${tag}`) && registry.pushes.current(repository, tag) !== null;
    if (number % 5 === 4) registry.pushes.add(repository);
    else if (isFree && cleansUp && number % 2 === 0) registry.pushes.remove(repository, tag);
    else if (isFree) registry.pushes.move(repository, tag, cleansUp);
    again();
  };
  const again = (): void => void clock.after(1000 / perSecond, push);
  again();
}
