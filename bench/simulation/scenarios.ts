import type { WalkBounds } from "../../lib/integrity/bounds";
import { type EstateShape, estateOf } from "./estate-shape";
import type { PushTraffic } from "./push-traffic";
import { MEASURED_COSTS } from "./request-costs";
import type { ServiceOptions } from "./service-model";

export interface Scenario {
  readonly name: string;
  readonly shape: EstateShape;
  readonly shards: number;
  /** Of the whole registry, which its shards share; null: the adaptive rate. */
  readonly perSecond: number | null;
  readonly service: ServiceOptions;
  /** Of one walker. */
  readonly concurrency: number;
  /** While a walk that its deadline cuts is under way. */
  readonly pushes: PushTraffic;
  /** Simulated to its end, however long; else its time follows from requests and rate. */
  readonly isWalkedWhole: boolean;
  /** Further bounds of the walk, such as another proof of blobs. */
  readonly bounds: WalkBounds;
}

/** A registry of several machines, some way off, that fails now and then. */
const LARGE_SERVICE: ServiceOptions = {
  seed: 5,
  costs: MEASURED_COSTS,
  cores: 8,
  roundTripMs: 20,
  throttle: null,
  failures: { serverError: 1e-4, reset: 1e-4, silent: 1e-5 },
};

/** Simulating one walk of ten million blobs takes minutes: at another rate it would be the same requests again. */
const WALKED_AT_EVERY_RATE_BELOW = 5_000_000;

function atScale(blobs: number, shards: number, perSecond: number): Scenario {
  return {
    name: `${blobs.toLocaleString("en")} blobs`,
    shape: estateOf(blobs),
    shards,
    perSecond,
    service: LARGE_SERVICE,
    concurrency: shards === 1 ? 32 : 4,
    pushes: { perSecond: 1, cleanUpEvery: 60 },
    isWalkedWhole: blobs < WALKED_AT_EVERY_RATE_BELOW || (perSecond >= 1_000 && shards === 1),
    bounds: {},
  };
}

/** Blobs proven by turns, every one in four runs; in between their existence alone is asked for. */
function byTurns(scenario: Scenario): Scenario {
  return {
    ...scenario,
    name: `${scenario.name}, by turns of 4`,
    bounds: { blobs: { rotate: { k: 1, n: 4 } } },
    isWalkedWhole: true,
  };
}

/** @param sizes numbers of blobs */
export function scenariosOf(sizes: readonly number[]): readonly Scenario[] {
  return [
    THE_ESTATE,
    ...sizes
      .filter((blobs) => blobs < WALKED_AT_EVERY_RATE_BELOW)
      .map((blobs) => byTurns(atScale(blobs, 1, 1_000))),
    ...sizes.flatMap((blobs) =>
      [1, 32].flatMap((shards) => [50, 1_000].map((perSecond) => atScale(blobs, shards, perSecond))),
    ),
  ];
}

/**
 * The reference estate's private registry: a VM of four processors in the same house, the ten newest tags of a
 * repository kept, one platform, everything at the probe's defaults. How many repositories it has is our assumption;
 * its incident names 34 damaged tags.
 */
export const THE_ESTATE: Scenario = {
  name: "the estate",
  shape: {
    seed: 9,
    repositories: 12,
    tagsPerRepository: 10,
    largeFactor: 1,
    platforms: ["linux/amd64"],
    bases: 3,
    baseLayers: 4,
    repositoryLayers: 3,
    ownLayers: 3,
  },
  shards: 1,
  perSecond: null,
  service: { ...LARGE_SERVICE, cores: 4, roundTripMs: 1, failures: null },
  concurrency: 4,
  pushes: { perSecond: 1 / 3_600, cleanUpEvery: 60 },
  isWalkedWhole: true,
  bounds: {},
};
