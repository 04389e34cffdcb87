import type { Digest } from "../../oci/digest";
import type { Manifest } from "../../oci/manifest";
import type { RegistryClient } from "../../registry-client/registry-client";
import type { FindingKind } from "../contract";
import type { ImageSource } from "./image-source";
import type { MountFinder } from "./mount-finder";
import type { RepairStep } from "./repair-plan";

export interface PlanContext {
  readonly client: RegistryClient;
  /** Cheapest first. */
  readonly sources: readonly ImageSource[];
  readonly mounts: MountFinder;
}

/** Why an object cannot be put back now. */
export interface Obstacle {
  readonly kind: "restart" | "remove_data" | "missing" | "malformed" | "undetermined";
  readonly digest: string;
  readonly detail: string;
}

/** A manifest whose bytes are proven. */
export interface ProvenManifest {
  readonly body: Buffer;
  readonly mediaType: string;
  readonly source: string;
  readonly manifest: Manifest;
}

/** What an object and all below it need. */
export interface Needs {
  readonly steps: readonly RepairStep[];
  readonly obstacles: readonly Obstacle[];
  /** null for a blob, and where no bytes are to be had. */
  readonly manifest: ProvenManifest | null;
}

export const NOTHING: Needs = { steps: [], obstacles: [], manifest: null };

/** What the walk found of a digest in the repository that is planned for. */
export type KnownDamage = Map<string, FindingKind>;

export function obstacle(kind: Obstacle["kind"], digest: Digest, detail: string): Needs {
  return { steps: [], obstacles: [{ kind, digest: digest.toString(), detail }], manifest: null };
}
