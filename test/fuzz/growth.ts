import fc from "fast-check";

/** Below, nothing is measured that a user would notice; a quarter of the text is then too little to compare with. */
const NOTICEABLE_MS = 60;
/** For four times the text: 4 where the cost is linear, 16 where it is the square, 64 where it is the cube. */
const MAX_FACTOR = 10;
const CHARS = 24_000;

/** A text that says one thing again and again between a beginning and an end, as what defeats a parser does. */
export function repeated(parts: readonly string[]): fc.Arbitrary<(chars: number) => string> {
  const part = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...parts) },
    { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 4 }) },
  );
  const joined = fc.array(part, { minLength: 1, maxLength: 3 }).map((all) => all.join("") || " ");
  return fc.tuple(joined, joined, joined).map(
    ([begin, again, end]) =>
      (chars) =>
        `${begin}${again.repeat(Math.ceil(chars / again.length))}${end}`,
  );
}

/** Four times the text costs no more than some four times as much of this process' own time, whatever else runs here. */
export function expectLinear(read: (text: string) => unknown, make: (chars: number) => string): void {
  const costOf = (text: string): number => {
    const began = process.cpuUsage();
    try {
      read(text);
    } catch {
      // What it says of it is another property's.
    }
    const { user, system } = process.cpuUsage(began);
    return (user + system) / 1_000;
  };
  const [small, large] = [make(CHARS / 4), make(CHARS)];
  if (costOf(large) < NOTICEABLE_MS) return;
  const best = (text: string): number => Math.min(...[1, 2, 3].map(() => costOf(text)));
  const [less, more] = [best(small), best(large)];
  if (more < NOTICEABLE_MS) return;
  expect({
    text: small.slice(0, 200),
    factor: more / less < MAX_FACTOR ? "linear" : (more / less).toFixed(0),
  }).toMatchObject({
    factor: "linear",
  });
}
