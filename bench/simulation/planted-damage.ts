import type { FindingKind } from "../../lib/integrity/contract";
import { mix } from "./seeded";
import type { SyntheticEstate, TagPlace } from "./synthetic-estate";

/** What was done to an object: its link is gone, its data is one byte short, or other bytes answer in its place. */
export type Harm = "gone" | "short" | "flipped" | "failing";

export interface Damage {
  readonly place: TagPlace;
  readonly hex: string;
  readonly harm: Harm;
  /** What a walk has to call it. */
  readonly kind: FindingKind;
}

const CASES = [
  { what: "image", harm: "gone", kind: "index_child_missing" },
  { what: "layer", harm: "gone", kind: "layer_missing" },
  { what: "config", harm: "gone", kind: "config_missing" },
  { what: "layer", harm: "short", kind: "truncated" },
  { what: "image", harm: "flipped", kind: "digest_mismatch" },
  { what: "image", harm: "failing", kind: "unservable" },
] as const satisfies readonly { what: string; harm: Harm; kind: FindingKind }[];

/** So many objects damaged, no two of one tag, every kind in turn, spread over the repositories. */
export function plantDamage(estate: SyntheticEstate, count: number): readonly Damage[] {
  const { seed, repositories } = estate.shape;
  const taken = new Set<string>();
  const planted: Damage[] = [];
  for (let i = 0; planted.length < count; i++) {
    const repository = mix(seed, i, 21) % repositories;
    const tag = mix(seed, i, 22) % estate.tagsIn(repository);
    if (taken.has(`${repository} ${tag}`)) continue;
    taken.add(`${repository} ${tag}`);
    const place = { repository, tag, version: 0 };
    const { what, harm, kind } = CASES[planted.length % CASES.length] as (typeof CASES)[number];
    const image = estate.image(place, 0);
    const layer = image.layers[image.layers.length - 1];
    const hex = what === "image" ? image.hex : what === "config" ? image.config.hex : layer?.hex;
    if (hex !== undefined) planted.push({ place, hex, harm, kind });
  }
  return planted;
}
