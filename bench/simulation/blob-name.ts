import { mix } from "./seeded";

/** Where a layer stands in the estate: of a base, of a repository, or of one image. */
export interface LayerPlace {
  readonly scope: 0 | 1 | 2;
  /** Base or repository. */
  readonly owner: number;
  /** 0 where the scope is not an image. */
  readonly tag: number;
  /** Pushes of the tag so far. */
  readonly version: number;
  readonly platform: number;
  readonly layer: number;
}

const bytes = Buffer.alloc(32);

/**
 * A digest's hexadecimal that names the place itself, so that no layer need be remembered: its words are the place,
 * hidden under the other words, which prove that this was the name.
 */
export function nameOf(seed: number, place: LayerPlace): string {
  const words = wordsOf(place);
  writeName(seed, words[0], words[1], words[2]);
  return bytes.toString("hex");
}

/** The place that the name stands for; null for any other digest. */
export function placeOf(seed: number, hex: string): LayerPlace | null {
  if (bytes.write(hex, "hex") !== 32) return null;
  const [w4, w5, w6] = [bytes.readUInt32LE(16), bytes.readUInt32LE(20), bytes.readUInt32LE(24)];
  const a = (bytes.readUInt32LE(0) ^ mix(seed, w4, 1)) >>> 0;
  const b = (bytes.readUInt32LE(4) ^ mix(seed, w5, 2)) >>> 0;
  const c = (bytes.readUInt32LE(8) ^ mix(seed, w6, 3)) >>> 0;
  const w7 = bytes.readUInt32LE(28);
  if (mix(seed, a, b, c) !== w4 || mix(seed ^ 7, c, a, b) !== w7) return null;
  if (mix(seed ^ 4, w4, w5, w6) !== bytes.readUInt32LE(12)) return null;
  const scope = c & 3;
  if (scope === 3) return null;
  return {
    scope: scope as LayerPlace["scope"],
    owner: a,
    tag: b & 0xffff,
    version: c >>> 2,
    platform: (b >>> 16) & 0xff,
    layer: b >>> 24,
  };
}

function wordsOf({ scope, owner, tag, version, platform, layer }: LayerPlace): [number, number, number] {
  return [owner, ((layer << 24) | (platform << 16) | tag) >>> 0, ((version << 2) | scope) >>> 0];
}

function writeName(seed: number, a: number, b: number, c: number): void {
  const w4 = mix(seed, a, b, c);
  const w5 = mix(seed ^ 5, b, c, a);
  const w6 = mix(seed ^ 6, c, b, a);
  bytes.writeUInt32LE((a ^ mix(seed, w4, 1)) >>> 0, 0);
  bytes.writeUInt32LE((b ^ mix(seed, w5, 2)) >>> 0, 4);
  bytes.writeUInt32LE((c ^ mix(seed, w6, 3)) >>> 0, 8);
  bytes.writeUInt32LE(mix(seed ^ 4, w4, w5, w6), 12);
  bytes.writeUInt32LE(w4, 16);
  bytes.writeUInt32LE(w5, 20);
  bytes.writeUInt32LE(w6, 24);
  bytes.writeUInt32LE(mix(seed ^ 7, c, a, b), 28);
}
