/** 32 bits that look random and are the same for the same words. */
export function mix(seed: number, a: number, b = 0, c = 0): number {
  let h = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ a;
  h = Math.imul(h ^ (h >>> 16), 0x7feb352d);
  h = Math.imul(h ^ (h >>> 15) ^ b, 0x846ca68b);
  h = Math.imul(h ^ (h >>> 16) ^ c, 0x7feb352d);
  h = Math.imul(h ^ (h >>> 15), 0x846ca68b);
  return (h ^ (h >>> 16)) >>> 0;
}

/** 0 up to 1, as `Math.random`; the same series for the same seed. */
export function seededRandom(seed: number): () => number {
  let count = 0;
  return () => mix(seed, count++) / 2 ** 32;
}
