import { deflateRawSync } from "node:zlib";
import fc from "fast-check";
import type { MemoryBuilder } from "../../../lib/integrity/memory/memory-builder";
import {
  ENTRY_BYTES,
  FILE_BOUNDS,
  FOOTER_BYTES,
  FORMAT_VERSION,
  formatFooter,
  formatHead,
  hashOfRegistry,
  keyOf,
  writeEntry,
} from "../../../lib/integrity/memory/memory-format";
import { REREAD_WITHIN_MS } from "../../../lib/integrity/memory/reread";
import { WalkMemory } from "../../../lib/integrity/memory/walk-memory";
import { Digest } from "../../../lib/oci/digest";
import {
  madeMemory,
  makeMemory,
  openBytes,
  openedMemory,
  REGISTRY,
  sealed,
  WRITTEN_AT_MS,
} from "./make-memory";

const BODIES = ["{}", '{"schemaVersion":2}', "x".repeat(5_000)].map((text) => Buffer.from(text));
const HOUR_MS = 3_600_000;

let sample: Buffer;

beforeAll(async () => {
  sample = await madeMemory({
    bodies: BODIES,
    tags: [
      ["app", "1.0", 1],
      ["app", "latest", 2],
    ],
  });
});

const bodyOf = async (memory: WalkMemory, body: Buffer): Promise<Buffer | null> => {
  const digest = Digest.sha256(body);
  const at = memory.find(digest);
  return at < 0 ? null : memory.body(at, digest);
};

describe("what was kept", () => {
  test("comes back by its digest, and tags by what they led to", async () => {
    const memory = await openedMemory(sample);
    for (const body of BODIES) expect(await bodyOf(memory, body)).toEqual(body);
    expect(memory.findTag("app", "latest")).toBe(memory.find(Digest.sha256(BODIES[2] as Buffer)));
    expect(memory.findTag("app", "2.0")).toBe(-1);
    expect(memory.findTag("other", "latest")).toBe(-1);
    expect(memory.find(Digest.sha256(Buffer.from("another")))).toBe(-1);
  });

  test("whatever it is", async () => {
    const name = fc.stringMatching(/^[a-z0-9/._-]{1,20}$/);
    const bodies = fc.uniqueArray(fc.uint8Array({ maxLength: 300 }), {
      maxLength: 40,
      selector: (bytes) => `${bytes}`,
    });
    await fc.assert(
      fc.asyncProperty(
        bodies,
        fc.array(fc.tuple(name, name, fc.nat()), { maxLength: 40 }),
        async (parts, names) => {
          const kept = parts.map((part) => Buffer.from(part));
          const tags =
            kept.length === 0
              ? []
              : names.map(([repository, tag, i]) => [repository, tag, i % kept.length] as const);
          const memory = await openedMemory(await madeMemory({ bodies: kept, tags }));
          expect(memory.count).toBe(kept.length);
          for (const body of kept) expect(await bodyOf(memory, body)).toEqual(body);
          // Of a tag that was seen twice, the last.
          const last = new Map(
            tags.map(([repository, tag, i]) => [`${repository} ${tag}`, { repository, tag, i }]),
          );
          for (const { repository, tag, i } of last.values()) {
            expect(memory.findTag(repository, tag)).toBe(memory.find(Digest.sha256(kept[i] as Buffer)));
          }
        },
      ),
    );
  });

  test("is found by sha512 too", async () => {
    const body = BODIES[0] as Buffer;
    const digest = Digest.of("sha512", body);
    const memory = await openedMemory(
      await madeMemory({}, { meet: (builder) => void builder.keep(digest, body, 0, WRITTEN_AT_MS) }),
    );
    expect(await memory.body(memory.find(digest), digest)).toEqual(body);
  });
});

describe("what is not wholly sound is not used at all", () => {
  test.each([
    ["of another registry", { registry: "other.example.com" }, "was written for another registry", true],
    [
      "of the same host on another port",
      { registry: "registry.example.com" },
      "was written for another registry",
      true,
    ],
    ["older than a week", { nowMs: WRITTEN_AT_MS + 7 * 24 * HOUR_MS + 1 }, "is older than 7 days", false],
    ["from the future", { nowMs: WRITTEN_AT_MS - HOUR_MS - 1 }, "was written in the future", false],
    ["too long", { bounds: { ...FILE_BOUNDS, maxBytes: 200 } }, "is larger than 200 bytes", false],
    [
      "with too many entries",
      { bounds: { ...FILE_BOUNDS, maxEntries: 2 } },
      "has more than 2 entries",
      false,
    ],
  ])("one %s", async (_, opening, problem, isForeign) => {
    expect(await openBytes(sample, opening)).toEqual({ problem, isForeign });
  });

  test.each([
    ["exactly a week old", { nowMs: WRITTEN_AT_MS + 7 * 24 * HOUR_MS }],
    ["of a clock an hour ahead", { nowMs: WRITTEN_AT_MS - HOUR_MS }],
  ])("but one %s is", async (_, opening) => {
    expect(await openBytes(sample, opening)).toBeInstanceOf(WalkMemory);
  });

  test("one of another version, which may be written over", async () => {
    const bytes = Buffer.from(sample);
    bytes[11] = FORMAT_VERSION - 1;
    expect(await openBytes(sealed(bytes))).toEqual({
      problem: "was written by another version",
      isForeign: false,
    });
  });

  test("any file that is none, which is left as it is", async () => {
    for (const bytes of [Buffer.from("PATH=/usr/bin\n"), Buffer.alloc(5_000), Buffer.from("tallyme")]) {
      expect(await openBytes(bytes)).toEqual({ problem: "is no memory of a walk", isForeign: true });
    }
  });

  test("one with any bit turned", async () => {
    for (let at = 0; at < sample.length; at++) {
      const bytes = Buffer.from(sample);
      bytes[at] = (bytes[at] as number) ^ (1 << (at % 8));
      expect(await openBytes(bytes)).not.toBeInstanceOf(WalkMemory);
    }
  });

  test("one cut at any length, or with a byte more", async () => {
    for (let length = 0; length < sample.length; length++) {
      expect(await openBytes(sample.subarray(0, length))).not.toBeInstanceOf(WalkMemory);
    }
    expect(await openBytes(Buffer.concat([sample, Buffer.alloc(1)]))).not.toBeInstanceOf(WalkMemory);
  });

  test("any bytes at all, with and without the right beginning and end", async () => {
    const head = formatHead();
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 600 }), fc.boolean(), async (random, isDressed) => {
        const bytes = isDressed
          ? sealed(Buffer.concat([head, random, Buffer.alloc(32)]))
          : Buffer.from(random);
        expect(await openBytes(bytes)).not.toBeInstanceOf(WalkMemory);
      }),
    );
  });
});

describe("who computes a sound checksum still cannot lie", () => {
  /** One entry, whatever it says, over one body. */
  function forged(
    entry: { offset?: number; packedBytes?: number; length?: number },
    packed: Buffer,
    footer: object = {},
  ): Buffer {
    const table = Buffer.alloc(ENTRY_BYTES);
    const key = keyOf(Digest.sha256(BODIES[1] as Buffer));
    const { length } = BODIES[1] as Buffer;
    writeEntry(table, 0, {
      key,
      readAtS: WRITTEN_AT_MS / 1000,
      offset: 0,
      packedBytes: packed.length,
      length,
      kind: 0,
      ...entry,
    });
    const counts = { entries: 1, tags: 0, bodiesBytes: packed.length };
    const registryHash = hashOfRegistry(REGISTRY);
    const end = formatFooter({ ...counts, writtenAtMs: WRITTEN_AT_MS, registryHash, ...footer });
    return sealed(Buffer.concat([formatHead(), packed, table, end, Buffer.alloc(32)]));
  }
  const honest = deflateRawSync(BODIES[1] as Buffer);

  test("the forger's tool makes what the program reads", async () => {
    expect(await bodyOf(await openedMemory(forged({}, honest)), BODIES[1] as Buffer)).toEqual(BODIES[1]);
  });

  test.each([
    ["bytes of another digest", forged({}, deflateRawSync(Buffer.from('{"schemaVersion":3}')))],
    [
      "a bomb: a hundred megabytes where twenty are said",
      forged({}, deflateRawSync(Buffer.alloc(100_000_000))),
    ],
    ["a length that is not the body's", forged({ length: 18 }, honest)],
    ["what cannot be inflated", forged({}, Buffer.from("no deflate"))],
  ])("%s: it answers nothing", async (_, bytes) => {
    expect(await bodyOf(await openedMemory(bytes), BODIES[1] as Buffer)).toBeNull();
  });

  test.each([
    ["an offset beyond the bodies", forged({ offset: 1 }, honest)],
    ["a body longer than the file", forged({ packedBytes: 4_000_000_000 }, honest)],
    ["a body beyond every cap", forged({ length: 4_000_000_000 }, honest)],
    ["more entries than there are", forged({}, honest, { entries: 4_000_000_000 })],
    ["bodies of no length", forged({}, honest, { bodiesBytes: -1 })],
    [
      "bodies of a length with a fraction that the sum loses",
      forged({}, honest, { bodiesBytes: honest.length + 2 ** -48 }),
    ],
    ["bodies of a length that is no number", forged({}, honest, { bodiesBytes: Number.NaN })],
    ["a time that is no number", forged({}, honest, { writtenAtMs: Number.NaN })],
    [
      "bodies that swallow the entries",
      forged({}, honest, { bodiesBytes: honest.length + ENTRY_BYTES, entries: 0, tags: 0 }),
    ],
  ])("%s", async (name, bytes) => {
    const memory = await openBytes(bytes);
    // The last one is a memory without entries, and harmless.
    if (name === "bodies that swallow the entries") expect(memory).toMatchObject({ count: 0 });
    else
      expect(memory).toMatchObject({
        problem: name === "a time that is no number" ? "is older than 7 days" : "is damaged",
      });
  });

  test("entries that are out of order", async () => {
    const footerAt = sample.length - 32 - FOOTER_BYTES;
    const tableAt = footerAt - 2 * 16 - 3 * ENTRY_BYTES;
    const bytes = Buffer.from(sample);
    const first = Buffer.from(bytes.subarray(tableAt, tableAt + ENTRY_BYTES));
    bytes.copy(bytes, tableAt, tableAt + ENTRY_BYTES, tableAt + 2 * ENTRY_BYTES);
    first.copy(bytes, tableAt + ENTRY_BYTES);
    expect(await openBytes(sealed(bytes))).toMatchObject({ problem: "is damaged" });
  });
});

describe("the memory after the next walk", () => {
  const next = { nowMs: WRITTEN_AT_MS + 2 * HOUR_MS };
  const [first, second] = BODIES as [Buffer, Buffer];

  test("of a whole walk: what was met, what is new, and no more", async () => {
    const old = await openedMemory(sample);
    const fresh = Buffer.from("fresh");
    const made = await madeMemory(
      { bodies: [fresh], tags: [["app", "3.0", 0]] },
      { ...next, old, meet: (builder) => builder.met(old.find(Digest.sha256(first))) },
    );
    const memory = await openedMemory(made, next);
    expect(memory.count).toBe(2);
    for (const body of [fresh, first]) expect(await bodyOf(memory, body)).toEqual(body);
    expect(memory.findTag("app", "1.0")).toBe(-1);
    expect(memory.findTag("app", "3.0")).toBe(memory.find(Digest.sha256(fresh)));
  });

  test("of a walk that was cut: all that was known, and where tags lead now", async () => {
    const old = await openedMemory(sample);
    const fresh = Buffer.from("fresh");
    const made = await madeMemory(
      { bodies: [fresh], tags: [["app", "1.0", 0]] },
      { ...next, old, isWhole: false },
    );
    const memory = await openedMemory(made, next);
    for (const body of [fresh, ...BODIES]) expect(await bodyOf(memory, body)).toEqual(body);
    expect(memory.findTag("app", "1.0")).toBe(memory.find(Digest.sha256(fresh)));
    expect(memory.findTag("app", "latest")).toBe(memory.find(Digest.sha256(BODIES[2] as Buffer)));
  });

  test("a body read again counts from then on; one met by its existence from before", async () => {
    const old = await openedMemory(sample);
    const made = await madeMemory(
      { bodies: [first] },
      { ...next, old, meet: (builder) => builder.met(old.find(Digest.sha256(second))) },
    );
    const memory = await openedMemory(made, next);
    const readAt = (body: Buffer): number => memory.entry(memory.find(Digest.sha256(body))).readAtS * 1000;
    expect([readAt(first), readAt(second)]).toEqual([next.nowMs, WRITTEN_AT_MS]);
  });

  test("a spoilt body is not taken over, and is learnt again", async () => {
    const old = await openedMemory(sample);
    const at = old.find(Digest.sha256(first));
    const spoil = {
      ...next,
      old,
      isWhole: false,
      meet: (builder: MemoryBuilder) => builder.spoilt(at),
    };
    expect((await openedMemory(await madeMemory({}, spoil), next)).find(Digest.sha256(first))).toBe(-1);
    const made = await madeMemory(
      {},
      {
        ...spoil,
        meet: (builder) => {
          builder.spoilt(at);
          void builder.keep(Digest.sha256(first), first, 0, next.nowMs);
        },
      },
    );
    expect(await bodyOf(await openedMemory(made, next), first)).toEqual(first);
  });

  test("within the hour nothing is written, unless a twentieth of it is new", async () => {
    const old = await openedMemory(sample);
    const soon = { old, nowMs: WRITTEN_AT_MS + HOUR_MS - 1 };
    expect(await makeMemory({ bodies: BODIES }, soon)).toBeNull();
    expect(await makeMemory({ bodies: [Buffer.from("something new")] }, soon)).not.toBeNull();
    expect(await makeMemory({ bodies: BODIES }, { ...soon, nowMs: WRITTEN_AT_MS + HOUR_MS })).not.toBeNull();
    // A clock that was set back would else keep it for ever.
    expect(await makeMemory({ bodies: BODIES }, { ...soon, nowMs: WRITTEN_AT_MS - 1 })).not.toBeNull();
  });

  test("what has no room is left out, and the memory stays one that can be read", async () => {
    const bodies = Array.from({ length: 400 }, (_, i) => Buffer.from(`${i}`.repeat(200)));
    const tags = bodies.map((_, i) => ["app", `${i}`, i] as const);
    for (const bounds of [
      { ...FILE_BOUNDS, maxBytes: 20_000 },
      { ...FILE_BOUNDS, maxEntries: 100 },
      { ...FILE_BOUNDS, maxTags: 100 },
    ]) {
      let leftOut = 0;
      const made = await madeMemory(
        { bodies, tags },
        { options: { bounds }, meet: (builder) => (leftOut = builder.leftOut) },
      );
      expect(made.length).toBeLessThanOrEqual(bounds.maxBytes);
      const memory = await openedMemory(made, { bounds });
      expect(leftOut).toBeGreaterThan(0);
      expect(leftOut).toBe(2 * 400 - memory.count - memory.tagCount);
    }
  });

  test("a config longer than its worth is not kept", async () => {
    const long = Buffer.alloc(64 * 1024 + 1);
    const keep = (kind: 0 | 1) => ({
      meet: (builder: MemoryBuilder) => void builder.keep(Digest.sha256(long), long, kind, 0),
    });
    expect((await openedMemory(await madeMemory({}, keep(1)))).count).toBe(0);
    expect((await openedMemory(await madeMemory({}, keep(0)))).count).toBe(1);
  });
});

test("a week is more than what is read again within a day", () => {
  expect(REREAD_WITHIN_MS).toBeLessThan(7 * 24 * HOUR_MS);
});
