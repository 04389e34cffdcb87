/** A memory's file, which anybody may have written: with its own checksum, or with one that somebody made fit. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { type ByteSource, bufferSource } from "../../lib/integrity/memory/byte-source";
import {
  CHECKSUM_BYTES,
  ENTRY_BYTES,
  FILE_BOUNDS,
  FOOTER_BYTES,
  HEAD_BYTES,
  parseFooter,
  TAG_BYTES,
} from "../../lib/integrity/memory/memory-format";
import { fileMemory } from "../../lib/integrity/memory/memory-place";
import { WalkMemory } from "../../lib/integrity/memory/walk-memory";
import { Digest } from "../../lib/oci/digest";
import { makeMemory, openBytes, REGISTRY, sealed, WRITTEN_AT_MS } from "../integrity/memory/make-memory";
import { fuzz, plainly } from "./fuzz";

const BODIES = ["{}", "a".repeat(3_000), JSON.stringify({ layers: [1, 2, 3] }), ""].map((text) =>
  Buffer.from(text),
);
const DIGESTS = BODIES.map((body) => Digest.sha256(body));
const TAGS = [
  ["team/app", "1.0", 0],
  ["team/app", "2.0", 2],
  ["b", "latest", 1],
] as const;
/** What the largest read may be of a file that is smaller: its parts are hashed in pieces of so many bytes. */
const PIECE_BYTES = 256 * 1024;

let folder: string;
let valid: Buffer;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "tallyman-fuzz-"));
  const made = await makeMemory({ bodies: BODIES, tags: TAGS });
  if (made === null) throw new Error("nothing was written");
  valid = made;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Change {
  readonly kind: "field" | "flip" | "cut" | "insert" | "repeat";
  readonly at: number;
  readonly length: number;
  readonly word: number;
  readonly real: number;
}

const change: fc.Arbitrary<Change> = fc.record({
  kind: fc.constantFrom("field", "field", "field", "flip", "cut", "insert", "repeat"),
  at: fc.nat(),
  length: fc.integer({ min: 1, max: 64 }),
  word: fc.oneof(
    fc.constantFrom(0, 1, 2, 0x7fffffff, 0x80000000, 0xffffffff, 10 * 1024 * 1024, 10 * 1024 * 1024 + 1),
    fc.integer({ min: 0, max: 0xffffffff }),
    fc.integer({ min: 0, max: 4_000 }),
  ),
  real: fc.oneof(
    fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, -1, -0, 0.5, 1e300, 2 ** 53),
    fc.double(),
  ),
});
const changes = fc.tuple(fc.array(change, { minLength: 0, maxLength: 5 }), fc.boolean());

/** Where the numbers of a valid memory lie: of four bytes, or of eight, a double. */
function fieldsOf(bytes: Buffer): readonly (readonly [number, "word" | "real"])[] {
  const footerAt = bytes.length - CHECKSUM_BYTES - FOOTER_BYTES;
  if (footerAt < HEAD_BYTES) return [];
  const { entries, tags } = parseFooter(bytes.subarray(footerAt, footerAt + FOOTER_BYTES));
  const entriesAt = footerAt - tags * TAG_BYTES - entries * ENTRY_BYTES;
  const fields: (readonly [number, "word" | "real"])[] = [
    [8, "word"],
    [footerAt, "word"],
    [footerAt + 4, "word"],
    [footerAt + 8, "real"],
    [footerAt + 16, "real"],
  ];
  for (let at = Math.max(0, entriesAt); at < footerAt && fields.length < 200; at += ENTRY_BYTES)
    for (const offset of [0, 8, 12, 16, 20, 21]) fields.push([at + offset, "word"]);
  return fields.filter(([at]) => at + 8 <= bytes.length);
}

function changed([all, isSealed]: readonly [readonly Change[], boolean]): Buffer {
  let bytes: Buffer = Buffer.from(valid);
  for (const { kind, at, length, word, real } of all) {
    const from = at % Math.max(1, bytes.length);
    const [before, span, after] = [
      bytes.subarray(0, from),
      bytes.subarray(from, from + length),
      bytes.subarray(from + length),
    ];
    const fields = kind === "field" ? fieldsOf(bytes) : [];
    const [place, type] = fields[at % Math.max(1, fields.length)] ?? [-1, "word"];
    if (place >= 0 && type === "word") bytes.writeUInt32BE(word, place);
    else if (place >= 0) bytes.writeDoubleBE(real, place);
    else if (kind === "flip" && bytes.length > 0) bytes[from] = word & 0xff;
    else if (kind === "cut") bytes = Buffer.concat([before, after]);
    else if (kind === "insert")
      bytes = Buffer.concat([before, Buffer.alloc(length, word & 0xff), span, after]);
    else if (kind === "repeat") bytes = Buffer.concat([before, span, span, after]);
  }
  return isSealed ? sealed(bytes) : bytes;
}

/** Each read is within what is there: a file's source sets the bytes aside before it reads. */
function watched(bytes: Buffer): ByteSource {
  const source = bufferSource(bytes);
  const read: ByteSource["read"] = (position, length, into) => {
    expect([position, length].every((one) => Number.isSafeInteger(one) && one >= 0)).toBe(true);
    expect(length).toBeLessThanOrEqual(Math.max(bytes.length, PIECE_BYTES));
    return source.read(position, length, into);
  };
  return { ...source, read };
}

/** Every digest that the memory could be asked for: those it was made with, and those that begin as its entries do. */
async function expectTruth(memory: WalkMemory): Promise<void> {
  for (const digest of DIGESTS) {
    const at = memory.find(digest);
    const body = at < 0 ? null : await memory.body(at, digest);
    if (body !== null) expect(Digest.sha256(body).equals(digest)).toBe(true);
  }
  for (let at = 0; at < memory.count; at++) {
    const made = Digest.parse(`sha256:${memory.entry(at).key.toString("hex")}${"0".repeat(48)}`);
    if (made !== null) expect(await memory.body(memory.find(made), made)).toBeNull();
  }
  for (const [repository, tag] of TAGS) expect(memory.findTag(repository, tag)).toBeLessThan(memory.count);
}

const options = { registry: REGISTRY, nowMs: WRITTEN_AT_MS, bounds: FILE_BOUNDS };

test("the memory that is changed is one", async () => {
  const memory = await openBytes(valid);
  expect(memory).toBeInstanceOf(WalkMemory);
  expect((memory as WalkMemory).count).toBe(BODIES.length);
});

fuzz("a memory is ignored, or every body of it has its digest", changes, async (all) => {
  const memory = await WalkMemory.open(watched(changed(all)), options);
  if (memory instanceof WalkMemory) await expectTruth(memory);
  else expect(memory.problem).toMatch(/^(?:is|was|has) [\x20-\x7e]+$/);
});

fuzz("what is taken over from a memory is one that can be opened", changes, async (all) => {
  const old = await openBytes(changed(all));
  if (!(old instanceof WalkMemory)) return;
  const nowMs = WRITTEN_AT_MS + 2 * 3_600_000;
  const made = await makeMemory(
    { bodies: BODIES.slice(1), tags: TAGS.slice(1, 2).map(([r, t]) => [r, t, 0]) },
    { old, isWhole: false, nowMs },
  );
  if (made === null) return;
  expect(made.length).toBeLessThanOrEqual(FILE_BOUNDS.maxBytes);
  const next = await WalkMemory.open(watched(made), { ...options, nowMs });
  expect(next).toBeInstanceOf(WalkMemory);
  await expectTruth(next as WalkMemory);
});

fuzz(
  "a memory's file",
  changes,
  async (all) => {
    const path = join(folder, "memory");
    writeFileSync(path, changed(all));
    const memory = await fileMemory(path).open(REGISTRY, WRITTEN_AT_MS);
    if (memory instanceof WalkMemory) {
      await expectTruth(memory);
      await memory.close();
    } else if (memory !== null) expect(memory.problem).toBe(plainly(memory.problem));
  },
  40,
);
