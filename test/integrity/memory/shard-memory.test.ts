/** What a shard's walk keeps of a memory in which is more than its own part. */
import fc from "fast-check";
import { FILE_BOUNDS, tagFingerprint } from "../../../lib/integrity/memory/memory-format";
import { isDue } from "../../../lib/integrity/memory/reread";
import type { WalkMemory } from "../../../lib/integrity/memory/walk-memory";
import { isInShard, repositoryHash, type Shard, shardOf } from "../../../lib/integrity/shard";
import { Digest } from "../../../lib/oci/digest";
import { madeMemory, makeMemory, openedMemory, WRITTEN_AT_MS } from "./make-memory";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Of as many repositories a tag, a body each. */
const NAMES = Array.from({ length: 20 }, (_, i) => `team/app-${i}`);
const bodyOf = (name: string): Buffer => Buffer.from(`the manifest of ${name}`);

const has = (memory: WalkMemory, name: string): boolean => memory.find(Digest.sha256(bodyOf(name))) >= 0;
const leads = (memory: WalkMemory, name: string, tag = "1.0"): boolean => memory.findTag(name, tag) >= 0;

interface Walk {
  readonly old: WalkMemory | null;
  readonly shard: Shard;
  readonly nowMs: number;
  /** What is there, of all repositories. @default all of them */
  readonly names?: readonly string[];
  readonly maxBytes?: number;
}

/** A whole walk of the shard: what is known is met by its existence, what is due or new is read. */
async function walked({ old, shard, nowMs, names = NAMES, maxBytes }: Walk): Promise<WalkMemory> {
  const own = names.filter((name) => isInShard(name, shard));
  const read = own.filter((name) => {
    const at = old?.find(Digest.sha256(bodyOf(name))) ?? -1;
    return old === null || at < 0 || isDue(old.entry(at), nowMs);
  });
  const bounds = { ...FILE_BOUNDS, maxBytes: maxBytes ?? FILE_BOUNDS.maxBytes };
  const made = await makeMemory(
    { bodies: read.map(bodyOf) },
    {
      old,
      nowMs,
      options: { shard, bounds },
      meet: (builder) => {
        for (const name of own) {
          const digest = Digest.sha256(bodyOf(name));
          builder.tag(name, "1.0", digest);
          if (!read.includes(name)) builder.met(old?.find(digest) ?? -1);
        }
      },
    },
  );
  if (made !== null) return openedMemory(made, { nowMs, bounds });
  if (old === null) throw new Error("nothing was written");
  return old;
}

const all = (nowMs: number) => walked({ old: null, shard: { i: 1, n: 1 }, nowMs });

test("what others may meet stays while it spares them a request, and what nobody met goes with a day", async () => {
  const shard = { i: 2, n: 4 };
  const old = await all(WRITTEN_AT_MS);
  for (const hours of [2, 11, 24]) {
    const memory = await walked({ old, shard, nowMs: WRITTEN_AT_MS + hours * HOUR_MS });
    for (const name of NAMES) {
      const isKept = isInShard(name, shard) || hours < 12;
      expect([hours, name, has(memory, name), leads(memory, name)]).toEqual([hours, name, isKept, isKept]);
    }
  }
});

test("its own tag that is gone is forgotten, though its manifest is there; another's is not", async () => {
  const [own = "", others = ""] = [1, 2].map((i) => NAMES.find((name) => shardOf(name, 2) === i));
  const tags = [
    [own, "old", 0],
    [own, "1.0", 0],
    [others, "old", 0],
  ] as const;
  const old = await openedMemory(await madeMemory({ bodies: [bodyOf(own)], tags }));
  const memory = await walked({ old, shard: { i: 1, n: 2 }, nowMs: WRITTEN_AT_MS + HOUR_MS });
  expect([leads(memory, own), leads(memory, own, "old"), leads(memory, others, "old")]).toEqual([
    true,
    false,
    true,
  ]);
});

test("one shard of one is a walk of all, which forgets what it did not meet", async () => {
  const nowMs = WRITTEN_AT_MS + 2 * HOUR_MS;
  const memory = await walked({
    old: await all(WRITTEN_AT_MS),
    shard: { i: 1, n: 1 },
    nowMs,
    names: NAMES.slice(0, 3),
  });
  expect([memory.count, memory.tagCount]).toEqual([3, 3]);
});

test("where there is no room for all, its own part has it", async () => {
  const old = await all(WRITTEN_AT_MS);
  for (const i of [1, 2, 3, 4]) {
    const shard = { i, n: 4 };
    const own = NAMES.filter((name) => isInShard(name, shard));
    // Four kilobytes are the builder's own.
    const maxBytes = 4_096 + 1_100;
    const memory = await walked({ old, shard, nowMs: WRITTEN_AT_MS + 2 * HOUR_MS, maxBytes });
    expect(own.filter((name) => !has(memory, name))).toEqual([]);
    expect(memory.count).toBeLessThan(NAMES.length);
  }
});

test("in any order, by any numbers of shards, none loses its own part, and nothing stays that nobody meets", async () => {
  const shardArbitrary = fc
    .integer({ min: 1, max: 5 })
    .chain((n) => fc.record({ i: fc.integer({ min: 1, max: n }), n: fc.constant(n) }));
  const step = fc.record({
    shard: shardArbitrary,
    afterMs: fc.integer({ min: 60_000, max: 9 * HOUR_MS }),
    there: fc.subarray(NAMES, { minLength: 3 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
      let nowMs = WRITTEN_AT_MS;
      let memory: WalkMemory | null = null;
      for (const { shard, afterMs, there } of steps) {
        nowMs += afterMs;
        const old: WalkMemory | null = memory;
        memory = await walked({ old, shard, nowMs, names: there });
        if (memory === old) continue;
        for (const name of NAMES) {
          const isMet = there.includes(name) && isInShard(name, shard);
          if (isMet) expect([has(memory, name), leads(memory, name)]).toEqual([true, true]);
          else if (shard.n === 1) expect(has(memory, name)).toBe(false);
          else if (isInShard(name, shard)) expect(leads(memory, name)).toBe(false);
          const at = memory.find(Digest.sha256(bodyOf(name)));
          if (!isMet && at >= 0) expect(nowMs - memory.entry(at).readAtS * 1000).toBeLessThanOrEqual(DAY_MS);
          if (at < 0) expect(leads(memory, name)).toBe(false);
        }
        // No tag without its manifest, however often shards took turns.
        expect(memory.tagCount).toBeLessThanOrEqual(memory.count);
      }
    }),
    { numRuns: 60 },
  );
});

test("a tag's fingerprint begins with what its repository is dealt by, and tells tags of it apart", () => {
  const [one, other] = [tagFingerprint("team/app", "1.0"), tagFingerprint("team/app", "1.1")];
  expect(one.readUInt32BE()).toBe(repositoryHash("team/app"));
  expect(other.readUInt32BE()).toBe(repositoryHash("team/app"));
  expect(one.equals(other)).toBe(false);
  expect(tagFingerprint("team", "app/1.0").equals(one)).toBe(false);
});
