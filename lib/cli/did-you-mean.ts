/** `; did you mean "json"?` where one of the candidates is near to the word, else nothing. */
export function didYouMean(word: string, candidates: readonly string[]): string {
  const [nearest] = candidates
    .map((candidate) => ({ candidate, distance: editDistance(word.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ candidate, distance }) => distance <= allowedDistance(Math.max(word.length, candidate.length)))
    .sort((a, b) => a.distance - b.distance || (a.candidate < b.candidate ? -1 : 1));
  return nearest === undefined ? "" : `; did you mean ${JSON.stringify(nearest.candidate)}?`;
}

/** A slip or two; never so many that any word would do. */
function allowedDistance(length: number): number {
  return length <= 3 ? 1 : Math.min(3, Math.floor(length * 0.4));
}

/** Insertions, deletions, substitutions and swaps of neighbours, at most once a place; 4 for a word beyond 40 letters. */
export function editDistance(a: string, b: string): number {
  if (Math.max(a.length, b.length) > 40) return a === b ? 0 : 4;
  const rows = [Array.from({ length: b.length + 1 }, (_, column) => column)];
  for (let row = 1; row <= a.length; row++) {
    const last = rows[row - 1] as number[];
    const next = [row];
    for (let column = 1; column <= b.length; column++) {
      const isEqual = a[row - 1] === b[column - 1];
      const isSwap = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      next[column] = Math.min(
        at(last, column) + 1,
        at(next, column - 1) + 1,
        at(last, column - 1) + (isEqual ? 0 : 1),
        isSwap ? at(rows[row - 2] as number[], column - 2) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    rows[row] = next;
  }
  return at(rows[a.length] as number[], b.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] as number;
}
