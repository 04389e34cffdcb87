import fc from "fast-check";
import { didYouMean, editDistance } from "../../lib/cli/did-you-mean";

test.each<[string, string[], string]>([
  ["prob", ["probe", "verify"], '; did you mean "probe"?'],
  ["porbe", ["probe", "verify"], '; did you mean "probe"?'],
  ["--formt", ["--format", "--from"], '; did you mean "--format"?'],
  ["JSON", ["table", "json"], '; did you mean "json"?'],
  ["ts", ["js", "json"], '; did you mean "js"?'],
  ["xml", ["table", "json"], ""],
  ["export", ["import", "render", "check"], '; did you mean "import"?'],
  ["", ["all", "one"], ""],
  ["x".repeat(10_000), ["probe"], ""],
])("%j of %j: %j", (word, candidates, text) => {
  expect(didYouMean(word, candidates)).toBe(text);
});

const word = fc.string({ maxLength: 12, unit: fc.constantFrom(..."abc-") });

test("a distance is one: none to itself, the same both ways, never beyond the longer word", () => {
  fc.assert(
    fc.property(word, word, (a, b) => {
      const distance = editDistance(a, b);
      expect(distance).toBe(editDistance(b, a));
      expect(distance === 0).toBe(a === b);
      expect(distance).toBeGreaterThanOrEqual(Math.abs(a.length - b.length));
      expect(distance).toBeLessThanOrEqual(Math.max(a.length, b.length));
    }),
  );
});

test("one slip is always found", () => {
  const slip = fc.tuple(
    fc.constantFrom("probe", "verify", "catalog", "retain"),
    fc.nat(),
    fc.constantFrom(..."xyz"),
  );
  fc.assert(
    fc.property(slip, ([right, position, letter]) => {
      const at = position % right.length;
      const wrong = right.slice(0, at) + letter + right.slice(at + 1);
      expect(didYouMean(wrong, [right])).toBe(`; did you mean "${right}"?`);
    }),
  );
});
