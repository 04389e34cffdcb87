import { type BuiltManifest, buildImage } from "../../lib/testing";
import { twoPlatforms } from "../support/two-platforms";
import type { SeededRandom } from "./seeded-random";

/** So that what was written can be written again, and memory is bounded here too. */
const SEEDS = 40;

/** What is written at random: images of one platform and of two. */
export class SeededImages {
  private readonly images = new Map<string, BuiltManifest>();

  constructor(private readonly random: SeededRandom) {}

  any(): BuiltManifest {
    const seed = `soak/${this.random.between(1, SEEDS)}`;
    const known = this.images.get(seed);
    if (known !== undefined) return known;
    const isIndex = this.random.next() < 0.5;
    const image = isIndex ? twoPlatforms(seed) : buildImage({ seed, layers: 3 });
    this.images.set(seed, image);
    return image;
  }

  /** Whether it is one of those, and not only listed by one. */
  has(digest: string): boolean {
    return [...this.images.values()].some((image) => `${image.digest}` === digest);
  }
}
