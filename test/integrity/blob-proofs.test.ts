import fc from "fast-check";
import { planBlobProof, WHOLE_UP_TO_BYTES } from "../../lib/integrity/blob-proofs";
import type { BlobWish } from "../../lib/integrity/blob-wish";
import type { ByteSlice } from "../../lib/integrity/byte-slice";
import { Digest } from "../../lib/oci/digest";

const SHORT = WHOLE_UP_TO_BYTES;
const LONG = WHOLE_UP_TO_BYTES + 1;
/** Of slice 2/4. */
const DIGEST = Digest.parse(`sha256:00000005${"0".repeat(56)}`) as Digest;
const IN = { rotate: { k: 2, n: 4 } };
const OUT = { rotate: { k: 3, n: 4 } };
const READ: ByteSlice = { k: 2, n: 2 };
const NOT_READ: ByteSlice = { k: 1, n: 2 };

test.each<[BlobWish, ByteSlice | null, number, "new" | "proven", string, string | null]>([
  ["range", null, LONG, "new", "range", null],
  ["range", null, SHORT, "new", "full", null],
  ["range", null, 0, "new", "full", null],
  ["range", null, LONG, "proven", "head", "range"],
  ["range", null, SHORT, "proven", "head", "full"],
  ["range", READ, LONG, "new", "full", null],
  ["range", READ, LONG, "proven", "head", "full"],
  ["range", NOT_READ, LONG, "new", "range", null],
  ["full", null, LONG, "new", "full", null],
  ["full", null, LONG, "proven", "head", "full"],
  ["head", null, SHORT, "new", "head", null],
  ["head", null, LONG, "new", "head", null],
  ["head", READ, LONG, "new", "full", null],
  ["head", READ, LONG, "proven", "head", "full"],
  ["head", NOT_READ, LONG, "new", "head", null],
  [IN, null, LONG, "new", "range", null],
  [IN, null, SHORT, "new", "full", null],
  [IN, null, LONG, "proven", "head", "range"],
  [OUT, null, LONG, "new", "head", "range"],
  [OUT, null, SHORT, "new", "head", "full"],
  [OUT, READ, LONG, "new", "full", null],
  [OUT, NOT_READ, LONG, "new", "head", "range"],
])("%j, bytes of %j, %d bytes, %s: %s, else %s", (blobs, slice, size, known, ask, otherwise) => {
  expect(planBlobProof({ blobs, slice }, DIGEST, size, known === "proven")).toEqual({ ask, otherwise });
});

test("of n runs one after another exactly one proves a blob, and all ask for its existence", () => {
  const anyDigest = fc
    .uint8Array({ minLength: 32, maxLength: 32 })
    .map((bytes) => Digest.fromBytes("sha256", bytes));
  fc.assert(
    fc.property(anyDigest, fc.integer({ min: 1, max: 200 }), fc.nat(1_000_000), (digest, n, size) => {
      const plans = Array.from({ length: n }, (_, run) =>
        planBlobProof({ blobs: { rotate: { k: run + 1, n } }, slice: null }, digest, size, false),
      );
      expect(plans.filter(({ ask }) => ask !== "head")).toHaveLength(1);
      for (const { ask, otherwise } of plans) expect(otherwise === null).toBe(ask !== "head");
    }),
    { numRuns: 200 },
  );
});
