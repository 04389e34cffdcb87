import fc from "fast-check";
import { applyRetention } from "../../../lib/integrity/retention/apply-retention";
import type { InUse } from "../../../lib/integrity/retention/in-use";
import { planRetention } from "../../../lib/integrity/retention/plan-retention";
import { readRepository } from "../../../lib/integrity/retention/read-repository";
import type { RetentionRules } from "../../../lib/integrity/retention/retention-rules";
import { RegistryError } from "../../../lib/registry-client/answers";
import type { MemoryTarget } from "./memory-target";
import { build, NOW, repositories } from "./random-repository";

const DAY_MS = 86_400_000;
const RUNS = { numRuns: 300 };

const rules = fc.record({
  keepLast: fc.option(fc.integer({ min: 1, max: 2 }), { nil: null, freq: 6 }),
  keep: fc.subarray(["^v1$", "[02]$", "\\.sig$"]),
  minAgeMs: fc.constantFrom(0, 0, DAY_MS, 7 * DAY_MS),
  running: fc.option(fc.nat(20), { nil: null, freq: 1 }),
});

function rulesFor(
  target: MemoryTarget,
  spec: Omit<RetentionRules, "inUse"> & { running: number | null },
): RetentionRules {
  const all = [...target.revisions.keys()];
  const digest = spec.running === null ? null : (all[spec.running % all.length] ?? null);
  const inUse: InUse | null =
    digest === null
      ? null
      : { pods: 1, digests: new Set([digest]), tags: new Map(), digestsByPath: new Map(), unreadable: [] };
  return { keepLast: spec.keepLast, keep: spec.keep, minAgeMs: spec.minAgeMs, inUse };
}

async function plan(target: MemoryTarget, with_: RetentionRules) {
  const model = await readRepository(target, "app", {
    wanted: [...(with_.inUse?.digests ?? [])],
    concurrency: 1,
  });
  expect(model.trouble).toEqual([]);
  const [made] = planRetention([model], with_, NOW);
  if (made === undefined) throw new Error("no plan");
  return { made, model };
}

/** Tags of the target that a pull would find broken. */
function broken(target: MemoryTarget): string[] {
  return [...target.tagLinks].filter(([, digest]) => target.missing(digest).length > 0).map(([tag]) => tag);
}

describe("retention on random repositories", () => {
  test.each(["collectByRevisions", "collectByTags"] as const)(
    "every kept tag is whole after %s",
    async (collect) => {
      let droppedRuns = 0;
      await fc.assert(
        fc.asyncProperty(repositories, rules, async (spec, ruleSpec) => {
          const target = build(spec);
          const before = new Map(target.tagLinks);
          const { made } = await plan(target, rulesFor(target, ruleSpec));
          const { surprise } = await applyRetention(target, [made]);
          expect(surprise).toBeNull();
          target[collect]();
          const expected = made.tags.filter(({ action }) => action !== "drop").map(({ tag }) => tag);
          expect([...target.tagLinks.keys()].sort()).toEqual(expected.sort());
          for (const [tag, digest] of target.tagLinks) expect(digest).toBe(before.get(tag));
          expect(broken(target)).toEqual([]);
          if (expected.length < before.size) droppedRuns++;
        }),
        RUNS,
      );
      // Else the property holds for want of any deletion.
      expect(droppedRuns).toBeGreaterThan(RUNS.numRuns / 10);
    },
  );

  test("what is in use, and what is said about a kept image, outlives it", async () => {
    await fc.assert(
      fc.asyncProperty(repositories, rules, async (spec, ruleSpec) => {
        const target = build(spec);
        const rulesMade = rulesFor(target, ruleSpec);
        const { made, model } = await plan(target, rulesMade);
        await applyRetention(target, [made]);
        target.collectByRevisions();
        for (const digest of rulesMade.inUse?.digests ?? []) expect(target.missing(digest)).toEqual([]);
        for (const { digest, subject } of model.manifests.values()) {
          if (subject === null || ![...target.tagLinks.values()].includes(subject)) continue;
          expect(target.missing(digest)).toEqual([]);
        }
        for (const [tag] of target.tagLinks) {
          const about = /^(sha256)-([0-9a-f]{64})/.exec(tag);
          const subject = `${about?.[1]}:${about?.[2]}`;
          const wasKept = made.tags.some(({ action, digest }) => action !== "drop" && digest === subject);
          if (about !== null && wasKept) expect(target.revisions.has(subject)).toBe(true);
        }
        for (const { tag, digest } of made.tags) {
          const name = digest.replace(":", "-");
          if (!target.tagLinks.has(tag)) continue;
          for (const companion of [name, `${name}.sig`]) {
            if (model.tags.some((one) => one.name === companion))
              expect(target.tagLinks.has(companion)).toBe(true);
          }
        }
      }),
      RUNS,
    );
  });

  test("wherever it stops, every tag that is still listed is whole", async () => {
    await fc.assert(
      fc.asyncProperty(repositories, rules, fc.nat(6), async (spec, ruleSpec, count) => {
        const target = build(spec);
        const { made } = await plan(target, rulesFor(target, ruleSpec));
        target.beforeDelete = () => {
          if (target.deletedDigests.length >= count) throw new RegistryError("unreachable", "cut");
        };
        const { deleted, surprise } = await applyRetention(target, [made]);
        expect(surprise === null).toBe(made.deletions.length <= count);
        expect(deleted.map(({ digest }) => digest)).toEqual(target.deletedDigests);
        target.collectByRevisions();
        expect(broken(target)).toEqual([]);
      }),
      RUNS,
    );
  });

  test("the bytes of the plan are what a collection frees, and an image in no tag alone makes it less", async () => {
    await fc.assert(
      fc.asyncProperty(repositories, rules, async (spec, ruleSpec) => {
        const target = build(spec);
        const { made, model } = await plan(target, rulesFor(target, ruleSpec));
        target.collectByRevisions();
        const before = target.bytes;
        await applyRetention(target, [made]);
        target.collectByRevisions();
        const freed = before - target.bytes;
        expect(freed).toBeLessThanOrEqual(made.bytesFreed);
        if (model.manifests.size === target.revisions.size + target.deletedDigests.length) {
          expect(freed).toBe(made.bytesFreed);
        }
      }),
      RUNS,
    );
  });
});
