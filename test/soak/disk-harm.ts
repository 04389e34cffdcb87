import { existsSync, readFileSync } from "node:fs";
import type { FindingKind } from "../../lib/integrity/contract";
import { Digest } from "../../lib/oci/digest";
import { allBlobs, allManifests, type BuiltManifest } from "../../lib/testing";
import { type DamageCase, damageCases } from "../integration/damage/cases";
import { blobDataPath, inStorage } from "../support/storage";
import { deleteData } from "../support/storage-damage";
import { twoPlatforms } from "../support/two-platforms";
import type { Harm } from "./planted-damage";
import type { PushingClient } from "./pushing-client";
import type { SeededRandom } from "./seeded-random";
import type { StrainedRegistry } from "./strained-registry";

const COLLECTED = twoPlatforms("soak/collected");

/**
 * The damage of the real registries' matrix, to repositories of its own, and the garbage collection of the incident,
 * to all of them. @returns what chooses
 */
export function diskHarm(
  registry: StrainedRegistry,
  client: PushingClient,
  random: SeededRandom,
): () => Harm {
  const { version } = registry.real;
  const cases = damageCases().filter(
    ({ expected, isFoundByBytesAlone, removedTags }) =>
      isFoundByBytesAlone !== true &&
      (expected("after a restart", version) !== null || removedTags !== undefined),
  );
  return () => {
    if (random.next() < 0.15) return garbageCollection(registry, client);
    return damaged(random.of(cases), registry, client, random.next() < 0.5);
  };
}

function damaged(
  one: DamageCase,
  registry: StrainedRegistry,
  client: PushingClient,
  isRestarted: boolean,
): Harm {
  const { real } = registry;
  const repository = `fragile/${one.repository}`;
  const warm = one.expected("warm cache", real.version);
  const cold = one.expected("after a restart", real.version);
  const push = async (): Promise<void> => {
    for (const tag of one.tags) await client.push(repository, tag, one.image);
  };
  const markOf = (kind: FindingKind, digest: Digest | null) => ({
    kind,
    repository,
    digest: digest === null ? null : `${digest}`,
  });
  const digest = cold?.digest ?? null;
  return {
    name: one.repository,
    marks: [warm, cold].flatMap((damage) => (damage === null ? [] : [markOf(damage.kind, damage.digest)])),
    // What is broken in place is taken away before it is pushed anew.
    mendingMarks: digest === null ? [] : [markOf(missing(one.image, digest), digest)],
    begin: async () => {
      await push();
      await registry.alone(async () => {
        await one.damage(real, repository);
        // What a warm cache hides is there for all to see after a restart alone.
        if (isRestarted || warm === null) await real.restart();
      });
    },
    mend: async () => {
      await registry.alone(async () => {
        takeAwayBroken(real.root, one.image);
        await real.restart();
      });
      await push();
    },
  };
}

/** F1: on 2.8 every index loses its children; 3.1 keeps them. */
function garbageCollection(registry: StrainedRegistry, client: PushingClient): Harm {
  const { real } = registry;
  return {
    name: "garbage collection -m",
    marks: real.version === "2.8" ? [{ kind: "index_child_missing" }] : [],
    // A walk that had read the children before finds what they name gone.
    beginningMarks: real.version === "2.8" ? [{ kind: "config_missing" }, { kind: "layer_missing" }] : [],
    begin: async () => {
      await client.push("fragile/collected", "latest", COLLECTED);
      await registry.alone(async () => {
        await real.halt();
        const { exitCode, output } = await real.garbageCollect({ deleteUntagged: true });
        await real.restart();
        if (exitCode !== 0) throw new Error(`the garbage collection ended with ${exitCode}: ${output}`);
      });
    },
    mend: () => client.pushAllAgain(),
  };
}

function missing(image: BuiltManifest, digest: Digest): FindingKind {
  const manifests = allManifests(image);
  if (manifests.some((manifest) => manifest.digest.equals(digest))) return "index_child_missing";
  return manifests.some(({ config }) => config?.digest.equals(digest)) ? "config_missing" : "layer_missing";
}

/** Else a push would find it there, and leave it as it is. */
function takeAwayBroken(root: string, image: BuiltManifest): void {
  const texts = [...allManifests(image).map(({ digest }) => `${digest}`), ...allBlobs(image).keys()];
  for (const digest of texts.map((text) => Digest.parse(text))) {
    if (digest === null) continue;
    const path = inStorage(root, blobDataPath(digest));
    if (existsSync(path) && !digest.verifies(readFileSync(path))) deleteData(root, digest);
  }
}
