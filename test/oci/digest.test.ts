import { createHash } from "node:crypto";
import fc from "fast-check";
import { Digest } from "../../lib/oci/digest";

const HEX = "0123456789abcdef";
const EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

test.each([`sha256:${EMPTY}`, `sha512:${"0f".repeat(64)}`])(
  "%s is a digest, written as it was read",
  (text) => {
    expect(Digest.parse(text)?.toString()).toBe(text);
  },
);

test.each([
  ["", "nothing"],
  [EMPTY, "no algorithm"],
  [`sha256:${EMPTY.slice(1)}`, "one digit short"],
  [`sha256:${EMPTY}0`, "one digit long"],
  [`sha512:${EMPTY}`, "the length of another algorithm"],
  [`sha256:${EMPTY.toUpperCase()}`, "upper case"],
  [`SHA256:${EMPTY}`, "upper-case algorithm"],
  [`sha384:${"0".repeat(96)}`, "an algorithm that is not registered"],
  [`md5:${"0".repeat(32)}`, "a broken algorithm"],
  [`sha256:${EMPTY}\n`, "a line feed behind it"],
  [` sha256:${EMPTY}`, "a space before it"],
  [`sha256:${"g".repeat(64)}`, "no hexadecimal"],
])("%j is no digest: %s", (text) => {
  expect(Digest.parse(text)).toBeNull();
});

test.each([null, undefined, 7, {}, [`sha256:${EMPTY}`]])("%j is no digest: no text", (value) => {
  expect(Digest.parse(value)).toBeNull();
});

test.each(["sha256", "sha512"] as const)(
  "%s: what is hashed is verified, what is changed is not",
  (algorithm) => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 200 }),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (content, at, flip) => {
          const digest = Digest.of(algorithm, content);
          expect(digest.hex).toBe(createHash(algorithm).update(content).digest("hex"));
          expect(digest.verifies(content)).toBe(true);
          const changed = Uint8Array.from(content, (byte, i) =>
            i === at % content.length ? byte ^ flip : byte,
          );
          expect(digest.verifies(changed)).toBe(false);
          expect(digest.hasher().update(content).digest("hex")).toBe(digest.hex);
        },
      ),
      { numRuns: 50 },
    );
  },
);

test("bytes and text are two forms of the same", () => {
  const hex = fc.string({ unit: fc.constantFrom(...HEX), minLength: 128, maxLength: 128 });
  fc.assert(
    fc.property(hex, fc.boolean(), (text, isLong) => {
      const algorithm = isLong ? "sha512" : "sha256";
      const digest = Digest.parse(`${algorithm}:${isLong ? text : text.slice(0, 64)}`) as Digest;
      expect(digest.bytes()).toHaveLength(isLong ? 64 : 32);
      const back = Digest.fromBytes(algorithm, digest.bytes());
      expect(back.equals(digest)).toBe(true);
      expect(back.toString()).toBe(digest.toString());
    }),
    { numRuns: 50 },
  );
});

test("bytes are read from a window of a larger buffer", () => {
  const store = new Uint8Array(96).fill(0xab, 32, 64);
  expect(Digest.fromBytes("sha256", store.subarray(32, 64)).hex).toBe("ab".repeat(32));
});

test("a wrong number of bytes is refused with both numbers", () => {
  expect(() => Digest.fromBytes("sha512", Buffer.alloc(32))).toThrow("a sha512 digest has 64 bytes, got 32");
});

test("digests of two algorithms differ, whatever their digits", () => {
  const sha256 = Digest.fromBytes("sha256", Buffer.alloc(32));
  expect(sha256.equals(Digest.fromBytes("sha512", Buffer.alloc(64)))).toBe(false);
  expect(sha256.equals(Digest.fromBytes("sha256", Buffer.alloc(32, 1)))).toBe(false);
  expect(Digest.sha256(Buffer.alloc(0)).toString()).toBe(`sha256:${EMPTY}`);
});
