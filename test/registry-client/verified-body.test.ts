import fc from "fast-check";
import { Digest } from "../../lib/oci/digest";
import { verifiedBody, WrongContentError } from "../../lib/registry-client/verified-body";
import { collect } from "./harness";

const pieces = fc.array(fc.uint8Array({ maxLength: 20 }), { maxLength: 8 });

function sourceOf(chunks: readonly Uint8Array[], size: number) {
  return {
    size,
    open: async function* () {
      yield* chunks;
    },
  };
}

test("the right bytes pass as they are, in whatever pieces", async () => {
  await fc.assert(
    fc.asyncProperty(pieces, async (chunks) => {
      const whole = Buffer.concat(chunks);
      const body = verifiedBody(sourceOf(chunks, whole.length), Digest.sha256(whole));
      expect(Buffer.concat(await collect(body.open())).equals(whole)).toBe(true);
    }),
  );
});

test("of wrong bytes never as many come out as were promised", async () => {
  await fc.assert(
    fc.asyncProperty(pieces, pieces, async (right, wrong) => {
      const meant = Buffer.concat(right);
      fc.pre(!Buffer.concat(wrong).equals(meant));
      const out: Uint8Array[] = [];
      const body = verifiedBody(sourceOf(wrong, meant.length), Digest.sha256(meant));
      await expect(
        (async () => {
          for await (const chunk of body.open()) out.push(chunk);
        })(),
      ).rejects.toThrow(WrongContentError);
      expect(Buffer.concat(out).length).toBeLessThan(Math.max(1, meant.length));
    }),
  );
});
