import type { AlertName, DegradedReason } from "../../lib/monitoring/alerts/alert-names";
import type { WatchedRegistry } from "./watched-registry";

export type GatewayName = "kept" | "wiped" | "gone";

/** As `labelled` names an alert that was told. */
export type ExpectedAlert =
  | Exclude<AlertName, "RegistryIntegrityDegraded">
  | `RegistryIntegrityDegraded{${DegradedReason}}`;

/** What happens to a registry, and what whoever is paged is told of it. */
export interface ChainCase {
  readonly gateway: GatewayName;
  /** The probe goes on in its schedule unless this stops it. */
  readonly begins: (registry: WatchedRegistry) => Promise<void> | void;
  readonly ends: (registry: WatchedRegistry) => Promise<void> | void;
  /** Exactly these, from the first moment to the last, after inhibition. */
  readonly told: readonly ExpectedAlert[];
}

const nothing = (): void => undefined;
const suspends = (registry: WatchedRegistry): Promise<void> => registry.stopProbing();
const resumes = (registry: WatchedRegistry): void => registry.startProbing();

/** By the registry's name. */
export const CHAIN_CASES: Readonly<Record<string, ChainCase>> = {
  healthy: { gateway: "kept", begins: nothing, ends: nothing, told: [] },
  damaged: {
    gateway: "kept",
    begins: (registry) => registry.collectGarbage(),
    ends: (registry) => registry.pushAgain(),
    told: ["RegistryManifestIntegrityFailure"],
  },
  "never-ran": { gateway: "kept", begins: nothing, ends: resumes, told: ["RegistryIntegrityProbeAbsent"] },
  suspended: {
    gateway: "kept",
    begins: suspends,
    ends: resumes,
    told: ["RegistryIntegrityProbeStale"],
  },
  // The next run says again all that was forgotten.
  wiped: { gateway: "wiped", begins: nothing, ends: nothing, told: [] },
  "wiped-and-suspended": {
    gateway: "wiped",
    begins: suspends,
    ends: resumes,
    told: ["RegistryIntegrityProbeAbsent"],
  },
  "gateway-gone": { gateway: "gone", begins: nothing, ends: nothing, told: ["RegistryIntegrityProbeAbsent"] },
  "push-rejected": {
    gateway: "kept",
    begins: (registry) => registry.contradictPushes(),
    ends: (registry) => registry.endContradiction(),
    told: ["RegistryProbePushRejected", "RegistryIntegrityProbeStale"],
  },
  revoked: {
    gateway: "kept",
    begins: (registry) => registry.revokeCredentials(),
    ends: (registry) => registry.restoreCredentials(),
    told: ["RegistryProbeAuthFailure"],
  },
  stopped: {
    gateway: "kept",
    begins: (registry) => registry.registry.halt(),
    ends: (registry) => registry.registry.restart(),
    told: ["RegistryDown", "RegistryCatalogInaccessible"],
  },
  "open-to-anybody": {
    gateway: "kept",
    begins: (registry) => registry.openToAnybody(),
    ends: (registry) => registry.closeToAnybody(),
    told: ["RegistryAuthNotEnforced"],
  },
};
