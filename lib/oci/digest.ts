/**
 * Content digests: `<algorithm>:<hex>`, with the registered algorithms sha256 and sha512.
 * https://github.com/opencontainers/image-spec/blob/v1.1.0/descriptor.md#digests
 */
import { createHash, type Hash } from "node:crypto";

export type DigestAlgorithm = "sha256" | "sha512";

const HEX_LENGTH: Readonly<Record<DigestAlgorithm, number>> = { sha256: 64, sha512: 128 };
const GRAMMAR = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/;

/** An immutable digest; equal digests have equal strings. */
export class Digest {
  private constructor(
    readonly algorithm: DigestAlgorithm,
    /** Lower-case hexadecimal, 64 digits for sha256 and 128 for sha512. */
    readonly hex: string,
  ) {}

  /** The digest that `text` writes, or null where it is none (wrong case, length or algorithm). */
  static parse(text: unknown): Digest | null {
    if (typeof text !== "string" || !GRAMMAR.test(text)) return null;
    return text.startsWith("sha256:")
      ? new Digest("sha256", text.slice(7))
      : new Digest("sha512", text.slice(7));
  }

  static of(algorithm: DigestAlgorithm, content: Uint8Array): Digest {
    return new Digest(algorithm, createHash(algorithm).update(content).digest("hex"));
  }

  static sha256(content: Uint8Array): Digest {
    return Digest.of("sha256", content);
  }

  static fromBytes(algorithm: DigestAlgorithm, bytes: Uint8Array): Digest {
    const hex = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex");
    if (hex.length !== HEX_LENGTH[algorithm]) {
      throw new RangeError(
        `a ${algorithm} digest has ${HEX_LENGTH[algorithm] / 2} bytes, got ${bytes.length}`,
      );
    }
    return new Digest(algorithm, hex);
  }

  /** The raw digest: 32 bytes for sha256, 64 for sha512. */
  bytes(): Buffer {
    return Buffer.from(this.hex, "hex");
  }

  /** A running hash of this digest's algorithm, to compare with `matches`. */
  hasher(): Hash {
    return createHash(this.algorithm);
  }

  /** Whether `content` has this digest. */
  verifies(content: Uint8Array): boolean {
    return this.hasher().update(content).digest("hex") === this.hex;
  }

  equals(other: Digest): boolean {
    return this.hex === other.hex && this.algorithm === other.algorithm;
  }

  toString(): string {
    return `${this.algorithm}:${this.hex}`;
  }
}
