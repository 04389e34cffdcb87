import type { FindingKind } from "../../lib/integrity/contract";
import type { EmbeddedRegistry } from "../../lib/testing";
import { firstChild, firstLayer, twoPlatforms } from "../support/two-platforms";
import type { Harm } from "./planted-damage";
import type { SeededRandom } from "./seeded-random";

/** Nobody else writes there. */
const REPOSITORY = "fragile/app";
const TAG = "prod";
const IMAGE = twoPlatforms("soak/fragile");

interface Way {
  /** With a warm cache of descriptors a lost layer is there, and has no bytes. */
  readonly kinds: readonly FindingKind[];
  readonly breakIt: (registry: EmbeddedRegistry) => void;
}

const WAYS: Readonly<Record<string, Way>> = {
  "child unlinked": {
    kinds: ["index_child_missing"],
    breakIt: ({ storage }) => storage.unlinkManifest(REPOSITORY, firstChild(IMAGE).digest),
  },
  "layer lost": {
    kinds: ["layer_missing", "truncated"],
    breakIt: ({ storage }) => storage.deleteBlobData(firstLayer(IMAGE).digest),
  },
  "layer cut": {
    kinds: ["truncated"],
    breakIt: ({ storage }) => storage.cutBlobData(firstLayer(IMAGE).digest, firstLayer(IMAGE).size - 1),
  },
  "tag without its link": {
    kinds: ["manifest_missing"],
    breakIt: ({ storage }) => storage.deleteTagLink(REPOSITORY, TAG),
  },
};

/** Puts the image that will be harmed. @returns what chooses how */
export function embeddedHarm(registry: EmbeddedRegistry, random: SeededRandom): () => Harm {
  const mend = async (): Promise<void> => {
    registry.put(REPOSITORY, TAG, IMAGE);
    registry.restart();
  };
  void mend();
  return () => {
    const [name, { kinds, breakIt }] = random.of(Object.entries(WAYS));
    const begin = async (): Promise<void> => {
      breakIt(registry);
      // Both kinds of cache: warm, which still says what was there, and cold.
      if (random.next() < 0.5) registry.restart();
    };
    return { name, marks: kinds.map((kind) => ({ kind, repository: REPOSITORY })), begin, mend };
  };
}
