import type { Digest } from "../oci/digest";
import type { BlobMode } from "../registry-client/answers";
import type { BlobWish } from "./blob-wish";
import { type ByteSlice, isInSlice } from "./byte-slice";

/**
 * Blobs of up to so many bytes are read whole and hashed where others are asked for their last byte. With its headers
 * such an answer fits into the first ten segments that a connection may send, so that it takes no further round trip;
 * bench/README.md says what it costs a registry.
 * https://www.rfc-editor.org/rfc/rfc6928
 */
export const WHOLE_UP_TO_BYTES = 12 * 1024;

/** How one blob is asked for. */
export interface BlobProofPlan {
  readonly ask: BlobMode;
  /**
   * Asked where the first question, for existence alone, was not answered by a plain yes: damage is the honest
   * proof's to tell. null: the first answer is the last word.
   */
  readonly otherwise: BlobMode | null;
}

export interface BlobProofRules {
  readonly blobs: BlobWish;
  /** Blobs of this slice are read whole and hashed, whatever `blobs` says. */
  readonly slice: ByteSlice | null;
}

/**
 * How a blob is asked for.
 *
 * @param size bytes, by the descriptor
 * @param isProven whether this walk has proven its bytes in another repository, so that its link alone is in question
 */
export function planBlobProof(
  { blobs, slice }: BlobProofRules,
  digest: Digest,
  size: number,
  isProven: boolean,
): BlobProofPlan {
  const isRead = slice !== null && isInSlice(digest, slice);
  if (blobs === "head" && !isRead) return { ask: "head", otherwise: null };
  const honest = isRead || blobs === "full" || size <= WHOLE_UP_TO_BYTES ? "full" : "range";
  const isOfThisRun = typeof blobs === "string" || isRead || isInSlice(digest, blobs.rotate);
  return isProven || !isOfThisRun ? { ask: "head", otherwise: honest } : { ask: honest, otherwise: null };
}
