import type { Digest } from "../oci/digest";
import { MAX_SLICES } from "./contract";

/** The part of all blobs that one run reads whole and hashes: slice `k` of `n`, chosen by digest. */
export interface ByteSlice {
  /** 1 to `n`. */
  readonly k: number;
  readonly n: number;
}

/** What `--verify-bytes` says; `auto` is settled by the clock. */
export type ByteSliceSpec = ByteSlice | { readonly k: "auto"; readonly n: number };

/** Reads `all`, `k/n` or `auto/n`; null where the text is none of them. */
export function parseByteSlice(text: string): ByteSliceSpec | null {
  if (text === "all") return { k: 1, n: 1 };
  const match = /^(auto|[0-9]{1,5})\/([0-9]{1,5})$/.exec(text);
  if (match === null) return null;
  const n = Number(match[2]);
  if (n < 1 || n > MAX_SLICES) return null;
  if (match[1] === "auto") return { k: "auto", n };
  const k = Number(match[1]);
  return k >= 1 && k <= n ? { k, n } : null;
}

/**
 * The slice of this run: for `auto` the number of the interval that the clock is in, so that a job without
 * memory covers all slices in `n` runs on schedule.
 *
 * @param intervalMs time between two runs
 */
export function settleByteSlice(spec: ByteSliceSpec, nowMs: number, intervalMs: number): ByteSlice {
  return spec.k === "auto"
    ? { k: (Math.floor(nowMs / intervalMs) % spec.n) + 1, n: spec.n }
    : { k: spec.k, n: spec.n };
}

export function isInSlice(digest: Digest, slice: ByteSlice): boolean {
  return slice.n === 1 || Number.parseInt(digest.hex.slice(0, 8), 16) % slice.n === slice.k - 1;
}

/** `k/n`, the value of the label `slice`. */
export function formatByteSlice(slice: ByteSlice): string {
  return `${slice.k}/${slice.n}`;
}
