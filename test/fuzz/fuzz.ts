import fc from "fast-check";

/**
 * Seconds of a target's own, in a long run: `npm run fuzz -- --minutes 30` deals them out. Short runs are by number and
 * of one seed, so that they are the same on any machine and no change fails by what another one left; the long ones
 * look where nobody has looked.
 */
const LONG_SECONDS = Number(process.env.TALLYMAN_FUZZ_SECONDS ?? 0);
const SHORT_SEED = 9;
const SEED = process.env.TALLYMAN_FUZZ_SEED;
const SHORT_RUNS = 100;
/** For a counterexample to be made small. */
const SHRINK_MS = 30_000;

/**
 * One thing that reads what nobody vouches for, as a test of its own; what fails names its seed.
 *
 * @param shortRuns fewer for what takes long
 */
export function fuzz<T>(
  name: string,
  input: fc.Arbitrary<T>,
  holds: (value: T) => void | Promise<void>,
  shortRuns = SHORT_RUNS,
): void {
  const isLong = LONG_SECONDS > 0;
  const seed = SEED ?? (isLong ? undefined : SHORT_SEED);
  const options = {
    ...(seed === undefined ? {} : { seed: Number(seed) }),
    numRuns: isLong ? Number.MAX_SAFE_INTEGER : shortRuns,
    ...(isLong ? { interruptAfterTimeLimit: LONG_SECONDS * 1_000 } : {}),
  };
  test(
    name,
    async () => {
      await fc.assert(
        fc.asyncProperty(input, async (value) => holds(value)),
        options,
      );
    },
    60_000 + LONG_SECONDS * 1_000 + SHRINK_MS,
  );
}

/** Runs it, and lets only the errors pass that it declares. */
export function only<T>(
  declared: readonly (abstract new (...words: never[]) => Error)[],
  run: () => T,
): T | null {
  try {
    return run();
  } catch (error) {
    if (declared.some((one) => error instanceof one)) {
      expect((error as Error).message).toBe(plainly((error as Error).message));
      return null;
    }
    throw error;
  }
}

/** The text without what moves a terminal; lines and tabs are layout. */
export function plainly(text: string): string {
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, "");
}
