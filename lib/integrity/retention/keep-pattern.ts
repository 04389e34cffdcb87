import { runInNewContext } from "node:vm";

/** A pattern that cannot be used: what is wrong with it. */
export class KeepPatternError extends Error {
  override readonly name = "KeepPatternError";
}

/** @throws KeepPatternError for what is no regular expression */
export function checkKeepPattern(pattern: string): void {
  try {
    new RegExp(pattern, "u");
  } catch {
    throw new KeepPatternError(`--keep must be a regular expression, got ${JSON.stringify(pattern)}`);
  }
}

/**
 * The tags that a pattern finds itself in, anywhere unless it is anchored by ^ and $: who forgets to anchor keeps
 * more, not less. A tag of 128 characters is enough for a nested quantifier to run for ever: hence a time limit.
 *
 * @param timeoutMs for all tags together, default 2000
 * @throws KeepPatternError beyond it
 */
export function tagsKeptBy(pattern: string, tags: readonly string[], timeoutMs = 2_000): ReadonlySet<string> {
  checkKeepPattern(pattern);
  const code = "JSON.stringify(JSON.parse(tags).filter((tag) => new RegExp(pattern, 'u').test(tag)))";
  try {
    const kept: unknown = runInNewContext(
      code,
      { tags: JSON.stringify(tags), pattern },
      { timeout: timeoutMs },
    );
    const names = new Set(JSON.parse(String(kept)) as readonly unknown[]);
    return new Set(tags.filter((tag) => names.has(tag)));
  } catch {
    throw new KeepPatternError(
      `--keep ${JSON.stringify(pattern)} takes longer than ${timeoutMs} ms on ${tags.length} tags: ` +
        "write it without a repetition inside a repetition",
    );
  }
}
