/** Above so many cells (two bytes each) a range is split at its unique elements instead of searched. */
const MAX_CELLS = 250_000;
/** A range can be split only while it has elements of its own; this bounds what was made to defeat it. */
const MAX_SPLITS = 16;

interface Range {
  readonly fromA: number;
  readonly toA: number;
  readonly fromB: number;
  readonly toB: number;
}

export type Match = readonly [indexA: number, indexB: number];

/**
 * The places of equal elements, increasing in both lists. The longest such list while the part that differs is small
 * (500 by 500); beyond, elements that stand once in either list are matched first, and the search goes on between them.
 */
export function commonSubsequence(a: readonly string[], b: readonly string[]): readonly Match[] {
  const numbers = new Map<string, number>();
  const numberOf = (text: string): number => {
    const known = numbers.get(text);
    if (known !== undefined) return known;
    numbers.set(text, numbers.size);
    return numbers.size - 1;
  };
  const found: Match[] = [];
  const whole = { fromA: 0, toA: a.length, fromB: 0, toB: b.length };
  search(Int32Array.from(a, numberOf), Int32Array.from(b, numberOf), whole, MAX_SPLITS, found);
  return found;
}

/** Appends the matches of a range in order. */
function search(a: Int32Array, b: Int32Array, range: Range, splits: number, found: Match[]): void {
  let { fromA, toA, fromB, toB } = range;
  while (fromA < toA && fromB < toB && a[fromA] === b[fromB]) found.push([fromA++, fromB++]);
  const tail: Match[] = [];
  while (fromA < toA && fromB < toB && a[toA - 1] === b[toB - 1]) tail.push([--toA, --toB]);
  const inner = { fromA, toA, fromB, toB };
  if (fromA < toA && fromB < toB) {
    if ((toA - fromA) * (toB - fromB) <= MAX_CELLS) found.push(...longest(a, b, inner));
    else if (splits > 0) searchBetweenAnchors(a, b, inner, splits - 1, found);
  }
  for (const match of tail.reverse()) found.push(match);
}

function searchBetweenAnchors(
  a: Int32Array,
  b: Int32Array,
  range: Range,
  splits: number,
  found: Match[],
): void {
  const anchors = increasing(uniqueMatches(a, b, range));
  if (anchors.length === 0) return;
  let { fromA, fromB } = range;
  for (const [atA, atB] of anchors) {
    search(a, b, { fromA, toA: atA, fromB, toB: atB }, splits, found);
    found.push([atA, atB]);
    fromA = atA + 1;
    fromB = atB + 1;
  }
  search(a, b, { fromA, toA: range.toA, fromB, toB: range.toB }, splits, found);
}

/** By table of lengths. */
function longest(a: Int32Array, b: Int32Array, { fromA, toA, fromB, toB }: Range): Match[] {
  const width = toB - fromB + 1;
  // Lengths stay below 65,536, because a range of that many elements has more than MAX_CELLS or one other element.
  const lengths = new Uint16Array((toA - fromA + 1) * width);
  const lengthAt = (i: number, j: number) => lengths[(i - fromA) * width + (j - fromB)] ?? 0;
  for (let i = toA - 1; i >= fromA; i--) {
    for (let j = toB - 1; j >= fromB; j--) {
      const length =
        a[i] === b[j] ? lengthAt(i + 1, j + 1) + 1 : Math.max(lengthAt(i + 1, j), lengthAt(i, j + 1));
      lengths[(i - fromA) * width + (j - fromB)] = length;
    }
  }
  const matches: Match[] = [];
  let i = fromA;
  let j = fromB;
  while (i < toA && j < toB) {
    if (a[i] === b[j]) matches.push([i++, j++]);
    else if (lengthAt(i + 1, j) >= lengthAt(i, j + 1)) i++;
    else j++;
  }
  return matches;
}

/** Elements that stand exactly once in either range, in the order of the first. */
function uniqueMatches(a: Int32Array, b: Int32Array, range: Range): Match[] {
  const inA = places(a, range.fromA, range.toA);
  const inB = places(b, range.fromB, range.toB);
  return [...inA].flatMap(([element, atA]): Match[] => {
    const atB = inB.get(element);
    return atA === null || atB === null || atB === undefined ? [] : [[atA, atB]];
  });
}

/** Null for an element that stands there more than once. */
function places(list: Int32Array, from: number, to: number): Map<number, number | null> {
  const found = new Map<number, number | null>();
  for (let at = from; at < to; at++) {
    const element = list[at] ?? 0;
    found.set(element, found.has(element) ? null : at);
  }
  return found;
}

/** The longest choice of matches that increases in the second list too (patience sorting). */
function increasing(matches: readonly Match[]): Match[] {
  const piles: number[] = [];
  const previous = new Array<number>(matches.length).fill(-1);
  for (const [index, [, atB]] of matches.entries()) {
    let low = 0;
    let high = piles.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((matches[piles[middle] ?? 0]?.[1] ?? 0) < atB) low = middle + 1;
      else high = middle;
    }
    previous[index] = low === 0 ? -1 : (piles[low - 1] ?? -1);
    piles[low] = index;
  }
  const chosen: Match[] = [];
  for (let at = piles.at(-1) ?? -1; at >= 0; at = previous[at] ?? -1) {
    const match = matches[at];
    if (match !== undefined) chosen.push(match);
  }
  return chosen.reverse();
}
