import fc from "fast-check";
import { DigestTable } from "../../../lib/integrity/disk/digest-table";
import { Digest } from "../../../lib/oci/digest";

/** Few different ones, many with the same beginning, and both algorithms. */
const digests = fc.tuple(fc.constantFrom("sha256", "sha512"), fc.nat(400)).map(([algorithm, i]) => {
  const hex = i.toString(16).padStart(i % 2 === 0 ? 64 : 8, "0");
  return Digest.parse(`${algorithm}:${hex.padEnd(algorithm === "sha256" ? 64 : 128, "a")}`) as Digest;
});

test("the table is a Map from digests to numbers and marks, across growth", () => {
  fc.assert(
    fc.property(fc.array(digests, { maxLength: 900 }), fc.integer(), (sequence, seed) => {
      const table = new DigestTable(seed);
      const model = new Map<string, { entry: number; value: number; isMarked: boolean }>();
      sequence.forEach((digest, i) => {
        const known = model.get(`${digest}`);
        expect(table.find(digest)).toBe(known?.entry ?? -1);
        const entry = table.add(digest, i);
        if (known === undefined) model.set(`${digest}`, { entry, value: i, isMarked: i % 3 === 0 });
        if (known === undefined && i % 3 === 0) table.mark(entry, 4);
        if (known === undefined && i % 5 === 0) table.setValue(entry, i);
      });
      expect(table.count).toBe(model.size);
      for (const [text, { entry, value, isMarked }] of model) {
        expect(table.digest(entry).toString()).toBe(text);
        expect(table.value(entry)).toBe(value);
        expect([table.isMarked(entry, 4), table.isMarked(entry, 1)]).toEqual([isMarked, false]);
      }
    }),
    { numRuns: 40 },
  );
});
