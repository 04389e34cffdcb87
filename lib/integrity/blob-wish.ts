import type { BlobMode } from "../registry-client/answers";
import { type ByteSlice, formatByteSlice, settleByteSlice } from "./byte-slice";
import { MAX_SLICES } from "./contract";

/** Every blob is asked for its existence, those of the slice for their last byte: `n` runs prove all. */
export interface BlobRotation {
  readonly rotate: ByteSlice;
}

/** How a run proves its blobs. */
export type BlobWish = BlobMode | BlobRotation;

/** What `--blobs` says; the slice of a rotation is settled by the clock. */
export type BlobWishSpec = BlobMode | { readonly rotate: number };

export const BLOB_WISH_FORM = `range, head, full or rotate/<n> with n from 1 to ${MAX_SLICES}`;

/** Reads `range`, `head`, `full` or `rotate/<n>`; null where the text is none of them. */
export function parseBlobWish(text: string): BlobWishSpec | null {
  if (text === "range" || text === "head" || text === "full") return text;
  const [, digits] = /^rotate\/([1-9][0-9]{0,4})$/.exec(text) ?? [];
  if (digits === undefined || Number(digits) > MAX_SLICES) return null;
  return { rotate: Number(digits) };
}

/** The wish of this run. @param intervalMs time between two runs */
export function settleBlobWish(spec: BlobWishSpec, nowMs: number, intervalMs: number): BlobWish {
  if (typeof spec === "string") return spec;
  return { rotate: settleByteSlice({ k: "auto", n: spec.rotate }, nowMs, intervalMs) };
}

/** `k/n` of the blobs that the run proves, where it proves a slice alone; else null. */
export function rotatedSlice(wish: BlobWish): string | null {
  return typeof wish === "string" ? null : formatByteSlice(wish.rotate);
}
