/** The real walk in a simulated world: what it finds, how it paces itself, and that it is the same every time. */

import { countsOf, type EstateShape, estateOf } from "../../../bench/simulation/estate-shape";
import { MEASURED_COSTS } from "../../../bench/simulation/request-costs";
import type { ServiceOptions } from "../../../bench/simulation/service-model";
import { SimulatedRegistry } from "../../../bench/simulation/simulated-registry";
import { damageIn, truthOf } from "../../../bench/simulation/verdict-check";
import { walkInWorld } from "../../../bench/simulation/walk-in-world";
import { openWorld, type WorldOptions } from "../../../bench/simulation/world";
import type { WalkBounds } from "../../../lib/integrity/bounds";

const SHAPE: EstateShape = { ...estateOf(10_000), repositories: 8, tagsPerRepository: 20 };
const SERVICE: ServiceOptions = {
  seed: 5,
  costs: MEASURED_COSTS,
  cores: 2,
  roundTripMs: 10,
  throttle: null,
  failures: null,
};
const CALM = { perSecond: 0, cleanUpEvery: 1 };

async function walk(given: Partial<WorldOptions> = {}, bounds: WalkBounds = {}, seed = 1) {
  const world = openWorld({ shape: SHAPE, service: SERVICE, damaged: 0, pushes: CALM, ...given });
  const options = { shard: null, seed, bounds: { concurrency: 8, ...bounds } };
  const result = await world.clock.run(() => walkInWorld(world, options));
  return { world, ...result, report: result.facts.assessment.report };
}

test("the whole of it is counted, each reference asked for once", async () => {
  const { report, byKind } = await walk({}, { requestsPerSecond: 0 });
  const expected = countsOf(SHAPE);
  expect(report).toMatchObject({
    complete: true,
    coverage: 1,
    findings: [],
    checked: {
      repositories: expected.repositories,
      tags: expected.tags,
      indexes: expected.indexes,
      manifests: expected.manifests,
    },
  });
  expect(report.checked.blobs).toBe(expected.blobs);
  const { head, range, ...others } = byKind;
  expect(others).toEqual({
    list: 1 + expected.repositories,
    manifest: expected.indexes + expected.manifests,
  });
  // What another repository has proven is asked for by its existence alone.
  expect(head).toBeGreaterThan(0);
  expect(head + range).toBe(expected.blobs);
});

test("planted damage is found, all of it and nothing else, whatever fails meanwhile", async () => {
  const failures = { serverError: 0.01, reset: 0.01, silent: 0.001 };
  const { report, world } = await walk(
    { damaged: 30, service: { ...SERVICE, failures } },
    { requestsPerSecond: 0, timeoutMs: 1_000 },
  );
  expect(damageIn([report])).toEqual([...truthOf(world.estate, world.planted)].sort());
  expect(new Set(report.findings.map(({ kind }) => kind)).size).toBe(6);
  expect(report.complete).toBe(true);
  expect(report.checked.requests).toBeGreaterThan(countsOf(SHAPE).blobs * 1.01);
});

test("pushes and clean-ups under way are never damage", async () => {
  const pushes = { perSecond: 40, cleanUpEvery: 2 };
  const { report, world, facts } = await walk({ pushes }, { requestsPerSecond: 100 });
  expect(world.registry.pushes.count).toBeGreaterThan(500);
  expect(damageIn([report])).toEqual([]);
  expect([...facts.assessment.undeterminedByReason.keys()]).toEqual(["moved"]);
  expect(report.coverage).toBeLessThan(1);
});

describe.each([429, 403] as const)("throttled by %i", (status) => {
  const throttle = { perSecond: 60, burst: 60, status, retryAfterSeconds: 1 };

  test("an adaptive walk halves its pace until the registry is content, and sees everything", async () => {
    const bounds = { deadlineMs: 600_000, budgetMs: 30_000 };
    const free = await walk({}, bounds);
    const { report, facts } = await walk({ service: { ...SERVICE, throttle } }, bounds);
    expect((free.report.checked.requests * 1_000) / free.report.durationMs).toBeGreaterThan(120);
    expect(facts.assessment.throttledResponses).toBeGreaterThan(1);
    expect(facts.assessment.throttledResponses).toBeLessThan(60);
    const perSecond = (report.checked.requests * 1_000) / report.durationMs;
    expect(perSecond).toBeGreaterThan(45);
    expect(perSecond).toBeLessThan(62);
    expect(report).toMatchObject({ complete: true, coverage: 1, findings: [] });
  });
});

test("a throttle that passes is forgotten: the pace climbs back", async () => {
  const throttle = { perSecond: 5, burst: 5, status: 429, retryAfterSeconds: 1, lastsMs: 20_000 } as const;
  const bounds = { deadlineMs: 600_000, budgetMs: 30_000 };
  const { report, facts } = await walk({ service: { ...SERVICE, throttle } }, bounds);
  expect(report).toMatchObject({ complete: true, coverage: 1 });
  expect(facts.assessment.throttledResponses).toBeLessThan(40);
  // At the one request a second that it falls to, it would take an hour.
  expect(report.durationMs).toBeLessThan(150_000);
});

test.each([1_000, 0])(
  "a rate of %i that is set gives way to the registry's limit",
  async (requestsPerSecond) => {
    const throttle = { perSecond: 60, burst: 60, status: 429, retryAfterSeconds: 1 } as const;
    const { report, facts } = await walk(
      { service: { ...SERVICE, throttle, cores: 8 } },
      { requestsPerSecond, concurrency: 32 },
    );
    expect(report).toMatchObject({ complete: true, coverage: 1 });
    expect(facts.assessment.throttledResponses).toBeLessThan(150);
    expect((report.checked.requests * 1_000) / report.durationMs).toBeGreaterThan(40);
  },
);

test("a rate that is set is kept, and never gone beyond", async () => {
  const { report } = await walk({}, { requestsPerSecond: 100 });
  const seconds = report.durationMs / 1_000;
  expect(seconds).toBeGreaterThanOrEqual(report.checked.requests / 100 - 1);
  expect(seconds).toBeLessThan((report.checked.requests / 100) * 1.05);
});

test("the registry's processors bound what any rate can bring", async () => {
  const { report, world } = await walk({}, { requestsPerSecond: 0, concurrency: 64 });
  expect(world.service.workMs / 2).toBeLessThanOrEqual(report.durationMs);
  expect(report.durationMs).toBeLessThan((world.service.workMs / 2) * 1.1);
});

describe("a walk that its deadline cuts", () => {
  test.each([
    ["many repositories", SHAPE],
    ["a single one", { ...SHAPE, repositories: 1, tagsPerRepository: 160 }],
  ])("of %s ends in time, and its coverage is not more than what it looked at", async (_, shape) => {
    const { deadlineMs, requestsPerSecond } = { deadlineMs: 5_000, requestsPerSecond: 100 };
    const { report, facts } = await walk({ shape }, { deadlineMs, requestsPerSecond });
    expect(report.durationMs).toBeLessThanOrEqual(deadlineMs + 200);
    expect([...facts.assessment.undeterminedByReason.keys()]).toEqual(["budget_spent"]);
    const { tags, blobs, manifests } = countsOf(shape);
    const looked = report.checked.tags + report.checked.blobs + report.checked.manifests;
    const share = looked / (tags + blobs + manifests);
    expect(report.coverage).toBeLessThan(share * 1.25);
    expect(report.coverage).toBeGreaterThan(share * 0.5);
  });

  test("is another part from interval to interval, until all was seen", async () => {
    const shape = { ...SHAPE, repositories: 1, tagsPerRepository: 160 };
    const world = openWorld({ shape, service: SERVICE, damaged: 6, pushes: CALM });
    const truth = truthOf(world.estate, world.planted);
    const found = new Set<string>();
    const bounds = { concurrency: 8, deadlineMs: 60_000, requestsPerSecond: 8, intervalMs: 900_000 };
    await world.clock.run(async () => {
      for (let run = 0; run < 12; run++) {
        const { facts } = await walkInWorld(world, { shard: null, seed: run, bounds });
        for (const line of damageIn([facts.assessment.report])) found.add(line);
        await world.clock.sleep(900_000 - facts.assessment.report.durationMs);
      }
    });
    expect([...found].sort()).toEqual([...truth].sort());
  });
});

test("what is found early, as the time is nearly over, still names every tag where the walk comes to its end", async () => {
  const shape = { ...SHAPE, repositories: 1, tagsPerRepository: 160 };
  const open = openWorld({ shape, service: SERVICE, damaged: 0, pushes: CALM });
  const place = { repository: 0, tag: 0, version: 0 };
  const { hex } = open.estate.layer({ scope: 1, owner: 0, tag: 0, version: 0, platform: 0, layer: 1 });
  const planted = [{ place, hex, harm: "gone", kind: "layer_missing" }] as const;
  const world = { ...open, registry: new SimulatedRegistry(open.estate, planted) };
  const bounds = { concurrency: 8, requestsPerSecond: 100, deadlineMs: 21_000 };
  const { facts } = await world.clock.run(() => walkInWorld(world, { shard: null, seed: 1, bounds }));
  const { report, failures } = facts.assessment;
  expect(report.durationMs).toBeGreaterThan(bounds.deadlineMs * 0.92);
  expect(report).toMatchObject({ complete: true, coverage: 1 });
  expect({ failures, found: damageIn([report]) }).toEqual({
    failures: 1,
    found: [`layer_missing ${open.estate.repositoryName(0)} sha256:${hex}`],
  });
  expect(report.findings[0]?.tags).toHaveLength(160);
});

test("the same seed gives the same figures, another one others", async () => {
  const failures = { serverError: 0.01, reset: 0.01, silent: 0 };
  const world = { damaged: 6, pushes: { perSecond: 5, cleanUpEvery: 3 }, service: { ...SERVICE, failures } };
  const figures = async (seed: number) => {
    const { report, byKind } = await walk(world, {}, seed);
    return JSON.stringify({ report, byKind });
  };
  const first = await figures(1);
  expect(await figures(1)).toBe(first);
  expect(await figures(2)).not.toBe(first);
});
