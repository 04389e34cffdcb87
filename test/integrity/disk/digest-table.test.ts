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

test("a name is added where it is a digest's lower-case hex alone", () => {
  const table = new DigestTable(1);
  const hex = "0123456789abcdef".repeat(4);
  const refused = [
    "",
    "a".repeat(63),
    "a".repeat(65),
    "A".repeat(64),
    `${"a".repeat(63)}g`,
    `${"a".repeat(63)}š`,
  ];
  for (const name of [...refused, `${"a".repeat(63)}/`, `\u0161${"a".repeat(63)}`]) {
    expect(table.addHex("sha256", name, 0)).toBe(-1);
    expect(table.addHex("sha512", name + name, 0)).toBe(-1);
  }
  expect(table.count).toBe(0);
  expect(table.addHex("sha256", hex, 5)).toBe(0);
  expect(table.addHex("sha512", hex + hex, 6)).toBe(1);
  expect(table.find(Digest.parse(`sha256:${hex}`) as Digest)).toBe(0);
  expect(table.digest(1).hex).toBe(hex + hex);
});

test("a shared table is the same table to both, and does not grow", () => {
  fc.assert(
    fc.property(fc.array(digests, { maxLength: 600 }), fc.integer(), (sequence, seed) => {
      const own = new DigestTable(seed);
      for (const digest of sequence) own.mark(own.add(digest, own.count), 1);
      const other = DigestTable.ofShared(own.share(), seed);
      expect(other.count).toBe(own.count);
      for (const digest of sequence) {
        const entry = own.find(digest);
        expect([other.find(digest), `${other.digest(entry)}`]).toEqual([entry, `${digest}`]);
        expect(other.value(entry)).toBe(own.value(entry));
        other.setValue(entry, -9);
        other.mark(entry, 2);
        expect([own.value(entry), own.isMarked(entry, 1), own.isMarked(entry, 2)]).toEqual([-9, true, true]);
      }
      const fresh = Digest.sha256(Buffer.from("one more"));
      expect(other.find(fresh)).toBe(-1);
      expect(() => own.add(fresh, 0)).toThrow("must not grow");
    }),
    { numRuns: 20 },
  );
});
