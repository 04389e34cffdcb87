/** Replicas whose requests fail, whose clocks differ and whose timers are late: what holds whatever happens. */
import fc from "fast-check";
import { Duration } from "../../../lib/core/duration";
import { LeaseElection } from "../../../lib/integrity/lease/lease-election";
import { leaseTimes } from "../../../lib/integrity/lease/lease-times";
import { mayWalk, type Standing } from "../../../lib/integrity/lease/standing";
import { WalkTurns } from "../../../lib/integrity/lease/walk-turns";
import { type Fault, LeaseObject, storeOf } from "./lease-object";
import { VirtualTime } from "./virtual-time";

const TIMES = leaseTimes(Duration.seconds(30), Duration.minutes(1));
const MINUTE_MS = 60_000;
const LONG_MS = 15 * MINUTE_MS;
const WALK_MS = 45_000;
/** Of a timer that is late, of the end of a walk; with a clock's drift they stay under the third that is theirs. */
const LATEST_TIMER_MS = 3_000;
const LONGEST_END_MS = 1_000;

interface Trouble {
  readonly fromMs: number;
  readonly forMs: number;
  readonly kind: "fails" | "lost" | "unheard";
}

interface Replica {
  readonly startsAtMs: number;
  /** null: it stays. */
  readonly endsAtMs: number | null;
  /** Without a word; else it is asked to end. */
  readonly isKilled: boolean;
  readonly clockOffsetMs: number;
  readonly clockRate: number;
  readonly latencyMs: number;
  readonly troubles: readonly Trouble[];
}

const troubles = (longestMs: number) =>
  fc.array(
    fc.record({
      fromMs: fc.integer({ min: 0, max: LONG_MS }),
      forMs: fc.integer({ min: 1, max: longestMs }),
      kind: fc.constantFrom("fails" as const, "lost" as const, "unheard" as const),
    }),
    { maxLength: 6 },
  );

const replica = (longestTroubleMs: number) =>
  fc.record<Replica>({
    startsAtMs: fc.integer({ min: 0, max: 2 * MINUTE_MS }),
    endsAtMs: fc.option(fc.integer({ min: MINUTE_MS, max: LONG_MS }), { nil: null }),
    isKilled: fc.boolean(),
    clockOffsetMs: fc.integer({ min: -1e9, max: 1e9 }),
    clockRate: fc.double({ min: 0.99, max: 1.01, noNaN: true }),
    latencyMs: fc.integer({ min: 1, max: 6_000 }),
    troubles: troubles(longestTroubleMs),
  });

interface Span {
  readonly replica: number;
  readonly isAlone: boolean;
  readonly fromMs: number;
  toMs: number;
}

/** Every walk that was under way, with the time from its first request to its last. */
async function simulate(
  replicas: readonly Replica[],
  seed: number,
  mayBeAlone: boolean,
): Promise<readonly Span[]> {
  const time = new VirtualTime();
  const random = generator(seed);
  const lease = new LeaseObject();
  const spans: Span[] = [];
  const times = mayBeAlone ? TIMES : { ...TIMES, aloneWhenSilentMs: Number.POSITIVE_INFINITY };
  const lives = replicas.map(async (one, index) => {
    await time.sleep(one.startsAtMs);
    const stop = new AbortController();
    let standing: Standing = { kind: "waiting" };
    let isDead = false;
    const dead = new Promise<void>((resolve) => {
      if (one.endsAtMs === null || one.endsAtMs <= one.startsAtMs) return;
      void time.sleep(one.endsAtMs - one.startsAtMs).then(() => {
        isDead = one.isKilled;
        stop.abort();
        resolve();
      });
    });
    // What sleeps by its own clock wakes late.
    const sleep = async (ms: number, signal: AbortSignal | null): Promise<void> => {
      await time.sleep(ms / one.clockRate + random() ** 8 * LATEST_TIMER_MS, signal);
      // A process that is gone does nothing more.
      if (isDead) await new Promise<never>(() => undefined);
    };
    const turns = new WalkTurns(async (signal) => {
      while (!signal.aborted && !isDead) {
        const span = {
          replica: index,
          isAlone: standing.kind === "alone",
          fromMs: time.nowMs,
          toMs: LONG_MS * 2,
        };
        spans.push(span);
        const killed = dead.then(() => {
          if (isDead) span.toMs = Math.min(span.toMs, time.nowMs);
        });
        await time.sleep(WALK_MS, signal);
        if (signal.aborted && !isDead) await time.sleep(random() * LONGEST_END_MS);
        span.toMs = Math.min(span.toMs, time.nowMs);
        void killed;
      }
    });
    const election = new LeaseElection({
      store: storeOf(lease, {
        sleep,
        latencyMs: () => one.latencyMs * random(),
        fault: () => faultAt(one, time.nowMs),
      }),
      identity: `replica-${index}`,
      times,
      clock: () => one.clockOffsetMs + time.nowMs * one.clockRate,
      now: () => 1e12 + one.clockOffsetMs + time.nowMs,
      sleep,
      random,
      onStanding: (next) => {
        standing = next;
        if (!isDead) turns.follow(next);
      },
    });
    await election.run(stop.signal);
    if (isDead) return;
    await turns.end();
    await election.release(300);
  });
  await time.runTo(LONG_MS + 10 * MINUTE_MS);
  void lives;
  return spans;
}

function faultAt({ troubles: all }: Replica, nowMs: number): Fault | null {
  const trouble = all.find(
    ({ fromMs, forMs }) => nowMs >= fromMs && nowMs < Math.min(LONG_MS, fromMs + forMs),
  );
  if (trouble === undefined) return null;
  return trouble.kind === "fails" ? { kind: "fails", reason: "silent" } : { kind: trouble.kind };
}

/** https://en.wikipedia.org/wiki/Linear_congruential_generator, of Numerical Recipes */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 0x1_0000_0000;
  };
}

function overlaps(spans: readonly Span[]): readonly (readonly [Span, Span])[] {
  return spans.flatMap((one, i) =>
    spans
      .slice(i + 1)
      .filter((other) => one.replica !== other.replica && one.fromMs < other.toMs && other.fromMs < one.toMs)
      .map((other) => [one, other] as const),
  );
}

test("of two or three replicas at most one walks at any time", async () => {
  const some = fc.array(replica(5 * MINUTE_MS), { minLength: 2, maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(some, fc.integer(), async (replicas, seed) => {
      expect(overlaps(await simulate(replicas, seed, false))).toEqual([]);
    }),
    { numRuns: 60 },
  );
});

test("where one stays, walks never stop for long, whatever becomes of the API", async () => {
  const some = fc.array(replica(LONG_MS), { minLength: 1, maxLength: 2 });
  const staying = replica(LONG_MS).map((one) => ({ ...one, endsAtMs: null }));
  await fc.assert(
    fc.asyncProperty(some, staying, fc.integer(), async (others, one, seed) => {
      const spans = await simulate([...others, one], seed, true);
      const longestMs = TIMES.aloneWhenSilentMs + 2 * TIMES.leaseMs;
      const ends = spans.map(({ toMs }) => toMs);
      for (let atMs = one.startsAtMs + longestMs; atMs < LONG_MS + 10 * MINUTE_MS; atMs += 5_000) {
        const isWalking = spans.some(({ fromMs, toMs }) => fromMs <= atMs && toMs > atMs - longestMs);
        if (!isWalking)
          throw new Error(`nobody walked in the minutes before ${atMs}, walks ended at ${ends}`);
      }
      // And at the end, when all troubles are over, nobody is alone.
      const last = spans.filter(({ toMs }) => toMs >= LONG_MS + 8 * MINUTE_MS);
      expect(last.filter(({ isAlone }) => isAlone)).toEqual([]);
    }),
    { numRuns: 40 },
  );
});

test.each<[Standing["kind"], boolean]>([
  ["waiting", false],
  ["leader", true],
  ["standby", false],
  ["alone", true],
])("%s: walks %s", (kind, walks) => {
  expect(mayWalk({ kind, holder: "x", why: "y" } as Standing)).toBe(walks);
});
