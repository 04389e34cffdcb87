import type { FindingKind } from "./contract";
import { EMPTY_DESCRIPTOR } from "./descend";
import { Edge } from "./object-graph";

/** Only damage that an image's own graph reaches breaks a pull. */
export function gradedKind(kind: FindingKind, edge: Edge, digest: string): FindingKind {
  if (edge === Edge.attestation) return "attestation_missing";
  if (edge === Edge.subject) return "subject_missing";
  const isMissing = kind === "config_missing" || kind === "layer_missing";
  return isMissing && digest === EMPTY_DESCRIPTOR ? "empty_descriptor_missing" : kind;
}
