/** The simulated registry held against the real one: the same estate, the same damage, the same walk. */
import { type EstateShape, estateOf, tagsIn } from "../../../bench/simulation/estate-shape";
import { type Damage, plantDamage } from "../../../bench/simulation/planted-damage";
import { MEASURED_COSTS } from "../../../bench/simulation/request-costs";
import type { RequestKind } from "../../../bench/simulation/service-model";
import { kindOf } from "../../../bench/simulation/simulated-transport";
import type { Image, Index, SyntheticEstate } from "../../../bench/simulation/synthetic-estate";
import { walkInWorld } from "../../../bench/simulation/walk-in-world";
import { openWorld } from "../../../bench/simulation/world";
import { boundedWalk } from "../../../lib/integrity/bounded-walk";
import { sleepUntilAborted, type WalkBounds } from "../../../lib/integrity/bounds";
import type { RunFacts } from "../../../lib/integrity/exposition";
import { Digest } from "../../../lib/oci/digest";
import { MediaType } from "../../../lib/oci/media-type";
import { HttpTransport } from "../../../lib/registry-client/http-transport";
import type { TransportOptions } from "../../../lib/registry-client/transport";
import type { BuiltManifest } from "../../../lib/testing";
import { Distribution } from "../../support/distribution";
import {
  cutOneByte,
  deleteLayerLink,
  deleteRevisionLink,
  emptyData,
  flipOneByte,
} from "../../support/storage-damage";
import { writeImage } from "../../support/write-image";

const SHAPE: EstateShape = { ...estateOf(1_000), repositories: 5, tagsPerRepository: 6, hasTrueLayers: true };
const DAMAGED = 12;
const PER_SECOND = 250;
const BOUNDS = { concurrency: 4, requestsPerSecond: PER_SECOND } as const satisfies WalkBounds;

interface Walked {
  readonly facts: RunFacts;
  readonly byKind: Readonly<Record<RequestKind, number>>;
}

function built(object: { readonly hex: string; readonly body: Buffer }, mediaType: string): BuiltManifest {
  const digest = Digest.parse(`sha256:${object.hex}`);
  if (digest === null) throw new Error("no digest");
  const none = {
    platform: null,
    entryAnnotations: {},
    blobs: new Map(),
    children: [],
    config: null,
    layers: [],
  };
  return { ...none, digest, mediaType, body: object.body };
}

function builtImage(image: Image): BuiltManifest {
  const blobs = [image.config, ...image.layers].map(({ hex, body }): [string, Buffer] => {
    if (body === null) throw new Error("a layer without bytes");
    return [`sha256:${hex}`, body];
  });
  return { ...built(image, MediaType.ociManifest), blobs: new Map(blobs) };
}

function builtIndex(index: Index): BuiltManifest {
  return { ...built(index, MediaType.ociIndex), children: index.images.map(builtImage) };
}

function store(root: string, estate: SyntheticEstate): void {
  for (let repository = 0; repository < SHAPE.repositories; repository++) {
    for (let tag = 0; tag < tagsIn(SHAPE, repository); tag++) {
      const index = estate.index({ repository, tag, version: 0 });
      writeImage(root, estate.repositoryName(repository), estate.tagName(tag), builtIndex(index));
    }
  }
}

function harm(root: string, estate: SyntheticEstate, { place, hex, harm: what, kind }: Damage): void {
  const digest = Digest.parse(`sha256:${hex}`);
  if (digest === null) throw new Error("no digest");
  const repository = estate.repositoryName(place.repository);
  if (what === "short") cutOneByte(root, digest);
  else if (what === "flipped") flipOneByte(root, digest);
  else if (what === "failing") emptyData(root, digest);
  else if (kind === "index_child_missing") deleteRevisionLink(root, repository, digest);
  else deleteLayerLink(root, repository, digest);
}

/** The real transport, counting as the simulated one does. */
class CountingTransport extends HttpTransport {
  readonly byKind: Record<RequestKind, number> = { list: 0, manifest: 0, head: 0, range: 0 };

  override send(...[target, request]: Parameters<HttpTransport["send"]>): ReturnType<HttpTransport["send"]> {
    this.byKind[kindOf(target, request)]++;
    return super.send(target, request);
  }
}

async function walkReal(url: string): Promise<Walked> {
  const transports: CountingTransport[] = [];
  const openTransport = (options: TransportOptions): CountingTransport => {
    const transport = new CountingTransport(options);
    transports.push(transport);
    return transport;
  };
  const surroundings = {
    now: Date.now,
    random: Math.random,
    warn: () => undefined,
    sleep: sleepUntilAborted,
  };
  const target = { url: new URL(url), scopes: null, newest: null };
  const facts = await boundedWalk(target, { ...surroundings, openTransport }, BOUNDS);
  return { facts, byKind: (transports[0] as CountingTransport).byKind };
}

async function walkSimulated(damaged: number): Promise<Walked> {
  const service = {
    ...{ seed: 5, costs: MEASURED_COSTS, cores: 2, roundTripMs: 1 },
    ...{ throttle: null, failures: null },
  };
  const world = openWorld({ shape: SHAPE, service, damaged, pushes: { perSecond: 0, cleanUpEvery: 1 } });
  return world.clock.run(() => walkInWorld(world, { shard: null, seed: 1, bounds: BOUNDS }));
}

/** All that has to be equal, whatever the clock. */
function seen({ facts, byKind }: Walked) {
  const { report, failures } = facts.assessment;
  const { bytes: _, ...checked } = report.checked;
  const findings = report.findings.map(({ kind, severity, repository, digest, tags, path, platform }) => {
    return { kind, severity, repository, digest, tags, path, platform };
  });
  const { complete, coverage, undetermined } = report;
  return { byKind, checked, complete, coverage, undetermined, failures, findings };
}

/** How much longer a walk takes than its requests at its rate. */
function overTheRate({ facts }: Walked): number {
  const { durationMs, checked } = facts.assessment.report;
  return (durationMs * PER_SECOND) / 1000 / checked.requests;
}

describe("the same estate in docker-registry 2.8 and simulated", () => {
  let registry: Distribution;
  let estate: SyntheticEstate;

  beforeAll(async () => {
    registry = await Distribution.start({ version: "2.8", cache: "inmemory" });
    estate = openWorld({
      ...{ shape: SHAPE, damaged: 0, pushes: { perSecond: 0, cleanUpEvery: 1 } },
      service: { seed: 5, costs: MEASURED_COSTS, cores: 2, roundTripMs: 1, throttle: null, failures: null },
    }).estate;
    store(registry.root, estate);
  });

  afterAll(() => registry?.stop());

  test("sound: the same requests by kind, the same counts, and time by the rate", async () => {
    const [real, simulated] = [await walkReal(registry.url), await walkSimulated(0)];
    expect(seen(simulated)).toEqual(seen(real));
    expect(seen(real)).toMatchObject({ complete: true, failures: 0, findings: [] });
    expect(overTheRate(simulated)).toBeGreaterThan(0.95);
    expect(overTheRate(simulated)).toBeLessThan(1.1);
    // A busy machine makes the real one slower, never faster than its rate.
    expect(overTheRate(real)).toBeGreaterThan(0.95);
    expect(overTheRate(real)).toBeLessThan(4);
  });

  test("damaged in every way: the same findings, by as many requests", async () => {
    const planted = plantDamage(estate, DAMAGED);
    for (const damage of planted) harm(registry.root, estate, damage);
    await registry.restart();
    const [real, simulated] = [await walkReal(registry.url), await walkSimulated(DAMAGED)];
    expect(seen(real).failures).toBe(DAMAGED);
    expect(seen(simulated)).toEqual(seen(real));
  });
});
