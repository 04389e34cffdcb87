import type { DistributionVersion } from "../../test/support/distribution";
import type { StoreShape } from "../store";
import type { Samples } from "./rivals";

export interface WalkPlan {
  readonly estates: Readonly<Record<string, StoreShape>>;
  readonly rounds: Readonly<Record<DistributionVersion, number>>;
  /** The versions on which the rivals beyond crane by four processes are asked too, and in how many rounds. */
  readonly allRivalsOn: readonly DistributionVersion[];
  readonly rivalRounds: number;
  /** Of the comparison over numbers of connections, over TLS and with Basic auth, on 2.8 and a small estate as CI makes them. */
  readonly frontRounds: number;
  readonly frontShape: StoreShape;
  /** How long each rate of the ceiling is measured. */
  readonly ceilingSeconds: number;
  readonly samples: Samples;
}

export const CONNECTIONS = [1, 4, 64] as const;
export const CI_ESTATE = "as CI makes them";
const SPARSE_ESTATE = "tags share few layers";

/** Every image 5 layers and a config, 3 of the layers shared along its platform's tags. */
function sparse(repositories: number, tagsPerRepository: number): StoreShape {
  return {
    repositories,
    tagsPerRepository,
    platforms: ["linux/amd64", "linux/arm64", "linux/s390x"],
    sharedLayers: 3,
    ownLayers: 2,
    sharedLayerBytes: 32 * 1024,
    ownLayerBytes: 4 * 1024,
  };
}

/** Every image 10 layers and a config, 7 of the layers shared along the tags, 4 of those with other repositories. */
function ofCi(repositories: number, tagsPerRepository: number): StoreShape {
  return {
    repositories,
    tagsPerRepository,
    platforms: ["linux/amd64", "linux/arm64"],
    baseLayers: 4,
    sharedLayers: 3,
    ownLayers: 3,
    sharedLayerBytes: 32 * 1024,
    ownLayerBytes: 16 * 1024,
  };
}

export const PLANS: Readonly<Record<"quick" | "long", WalkPlan>> = {
  quick: {
    estates: { [SPARSE_ESTATE]: sparse(4, 12), [CI_ESTATE]: ofCi(5, 12) },
    rounds: { "2.8": 3, "3.1": 3 },
    allRivalsOn: ["2.8"],
    rivalRounds: 1,
    frontRounds: 1,
    frontShape: ofCi(5, 12),
    ceilingSeconds: 1,
    samples: {
      craneFast: 16,
      craneFastAlone: 5,
      craneFull: 5,
      skopeoInspect: 3,
      skopeoCopy: 2,
      curlReferences: 20,
    },
  },
  long: {
    estates: { [SPARSE_ESTATE]: sparse(30, 80), [CI_ESTATE]: ofCi(30, 80) },
    rounds: { "2.8": 5, "3.1": 5 },
    allRivalsOn: ["2.8", "3.1"],
    rivalRounds: 5,
    frontRounds: 5,
    frontShape: ofCi(12, 20),
    ceilingSeconds: 2,
    samples: {
      craneFast: 240,
      craneFastAlone: 20,
      craneFull: 20,
      skopeoInspect: 10,
      skopeoCopy: 5,
      curlReferences: 100,
    },
  },
};
