import { Duration } from "../../../lib/core/duration";
import { LeaseElection } from "../../../lib/integrity/lease/lease-election";
import { leaseTimes } from "../../../lib/integrity/lease/lease-times";
import type { Standing } from "../../../lib/integrity/lease/standing";
import { type Fault, LeaseObject, storeOf } from "./lease-object";
import { VirtualTime } from "./virtual-time";

const TIMES = leaseTimes(Duration.seconds(30), Duration.minutes(15));
const LATENCY_MS = 10;

/** One replica, and a lease that the test writes to as others would. */
class Candidate {
  readonly lease = new LeaseObject();
  readonly standings: [atMs: number, standing: string][] = [];
  readonly details: (string | null)[] = [];
  readonly requests: [atMs: number, verb: string][] = [];
  readonly stop = new AbortController();
  fault: Fault | null = null;
  readonly election: LeaseElection;
  private running: Promise<void> = Promise.resolve();

  constructor(
    readonly time: VirtualTime = new VirtualTime(),
    readonly identity = "me",
  ) {
    this.election = new LeaseElection({
      store: storeOf(this.lease, {
        sleep: (ms, signal) => time.sleep(ms, signal),
        latencyMs: () => LATENCY_MS,
        fault: () => this.fault,
        onRequest: (verb) => this.requests.push([time.nowMs, verb]),
      }),
      identity,
      times: TIMES,
      clock: () => time.nowMs,
      now: () => 1_000_000 + time.nowMs,
      sleep: (ms, signal) => time.sleep(ms, signal),
      random: () => 0,
      onStanding: (standing, detail) => {
        this.standings.push([time.nowMs, wordOf(standing)]);
        this.details.push(detail);
      },
    });
  }

  async runTo(ms: number): Promise<void> {
    if (this.requests.length === 0) this.running = this.election.run(this.stop.signal);
    await this.time.runTo(ms);
  }

  async end(): Promise<void> {
    this.stop.abort();
    await this.running;
  }

  get last(): string | undefined {
    return this.standings.at(-1)?.[1];
  }

  /** What another writes. */
  heldBy(holder: string, spec: object = {}): void {
    this.lease.put({
      holderIdentity: holder,
      leaseDurationSeconds: 30,
      renewTime: `${this.time.nowMs}`,
      ...spec,
    });
  }
}

function wordOf(standing: Standing): string {
  return standing.kind === "standby" ? `standby of ${standing.holder}` : standing.kind;
}

let candidate: Candidate;

beforeEach(() => {
  candidate = new Candidate();
});

afterEach(() => candidate.end());

describe("to get it", () => {
  test("a lease that is not there is made, with all that others need to read", async () => {
    await candidate.runTo(100);
    expect(candidate.requests.map(([, verb]) => verb)).toEqual(["read", "create"]);
    expect(candidate.standings).toEqual([[20, "leader"]]);
    expect(candidate.lease.object?.spec).toEqual({
      holderIdentity: "me",
      leaseDurationSeconds: 30,
      acquireTime: "1970-01-01T00:16:40.010000Z",
      renewTime: "1970-01-01T00:16:40.010000Z",
      leaseTransitions: 0,
    });
  });

  test("one that was let go is taken at the next look, and counted as a transition", async () => {
    candidate.heldBy("", { leaseTransitions: 4 });
    await candidate.runTo(100);
    expect(candidate.last).toBe("leader");
    expect(candidate.lease.lease().record).toMatchObject({ holder: "me", transitions: 5 });
  });

  test("its own, from a renewal that was given up, is its own", async () => {
    candidate.heldBy("me", { leaseTransitions: 4, acquireTime: "then" });
    await candidate.runTo(100);
    expect(candidate.lease.lease().record).toMatchObject({
      holder: "me",
      transitions: 4,
      acquireTime: "then",
    });
  });

  test("where another is quicker, the next look shows who", async () => {
    candidate.heldBy("");
    await candidate.runTo(12);
    candidate.heldBy("other");
    await candidate.runTo(5_000);
    expect(candidate.standings).toEqual([[expect.any(Number), "standby of other"]]);
  });
});

describe("another's", () => {
  test.each<[string | undefined, string]>([
    ["1970-01-01T00:00:00.000000Z", "a clock that is behind"],
    ["2999-01-01T00:00:00.000000Z", "a clock that is ahead"],
    [undefined, "no time at all"],
  ])("renewed at %s (%s): its age is what was seen of it here", async (renewTime, _) => {
    candidate.heldBy("other", { renewTime });
    await candidate.runTo(29_000);
    expect(candidate.standings).toEqual([[10, "standby of other"]]);
    await candidate.runTo(34_000);
    expect(candidate.last).toBe("leader");
    const [[at = 0] = []] = candidate.standings.slice(-1);
    expect(at).toBeGreaterThanOrEqual(10 + TIMES.leaseMs);
  });

  test("each renewal begins its time anew, another's label does not", async () => {
    candidate.heldBy("other");
    await candidate.runTo(20_000);
    candidate.heldBy("other");
    await candidate.runTo(45_000);
    expect(candidate.last).toBe("standby of other");
    candidate.lease.put(candidate.lease.object?.spec as object as Record<string, unknown>, {
      labels: { a: "b" },
    });
    await candidate.runTo(60_000);
    expect(candidate.last).toBe("leader");
  });

  test.each([
    [120, 119_000, 126_000],
    [1, 29_000, 36_000],
    [1e9, 3_599_000, 3_606_000],
  ])("that says it lasts %d s: held until %d ms, taken by %d ms", async (seconds, heldMs, takenMs) => {
    candidate.heldBy("other", { leaseDurationSeconds: seconds });
    await candidate.runTo(heldMs);
    expect(candidate.last).toBe("standby of other");
    await candidate.runTo(takenMs);
    expect(candidate.last).toBe("leader");
  });

  test("who holds it is told anew when that changes", async () => {
    candidate.heldBy("a");
    await candidate.runTo(5_000);
    candidate.heldBy("b");
    await candidate.runTo(10_000);
    expect(candidate.standings.map(([, word]) => word)).toEqual(["standby of a", "standby of b"]);
  });
});

describe("to keep it", () => {
  test("one request each time, and nothing of others is lost", async () => {
    candidate.lease.put({ holderIdentity: "", strategy: "kept" }, { labels: { a: "b" } });
    await candidate.runTo(10_000);
    expect(candidate.requests.map(([, verb]) => verb)).toEqual(["read", ...Array(4).fill("update")]);
    expect(candidate.standings).toHaveLength(1);
  });

  test("after a write of somebody else's it looks, and goes on", async () => {
    await candidate.runTo(4_000);
    candidate.lease.put(candidate.lease.object?.spec as object as Record<string, unknown>, {
      labels: { a: "b" },
    });
    await candidate.runTo(20_000);
    expect(candidate.standings.map(([, word]) => word)).toEqual(["leader"]);
  });

  test("one that was deleted is made again", async () => {
    await candidate.runTo(4_000);
    candidate.lease.object = null;
    await candidate.runTo(10_000);
    expect(candidate.lease.holder).toBe("me");
    expect(candidate.standings).toHaveLength(1);
  });

  test("one that another took is not its own any more, at once", async () => {
    await candidate.runTo(4_000);
    candidate.heldBy("other");
    await candidate.runTo(7_500);
    expect(candidate.last).toBe("standby of other");
  });

  test.each<Fault>([
    { kind: "lost" },
    { kind: "unheard" },
    { kind: "fails", reason: "silent" },
    { kind: "fails", reason: "refused" },
    { kind: "fails", reason: "no_account" },
  ])(
    "by %j: it stands down when the deadline has passed since the last good renewal was sent",
    async (fault) => {
      await candidate.runTo(10_000);
      const sentAtMs = Math.max(...candidate.requests.map(([at]) => at));
      candidate.fault = fault;
      await candidate.runTo(sentAtMs + TIMES.renewDeadlineMs - 1);
      expect(candidate.last).toBe("leader");
      await candidate.runTo(sentAtMs + TIMES.renewDeadlineMs);
      expect(candidate.standings.slice(1, 2)).toEqual([[sentAtMs + TIMES.renewDeadlineMs, "waiting"]]);
      expect(candidate.details[1]).toMatch(/no answer in time|it /);
      candidate.fault = null;
      await candidate.runTo(sentAtMs + TIMES.renewDeadlineMs + 40_000);
      expect(candidate.last).toBe("leader");
    },
  );
});

describe("without it", () => {
  test.each([
    ["no_account", 0, 100],
    ["refused", 29_000, 34_000],
    ["silent", 449_000, 454_000],
  ] as const)(
    "%s: alone not before %d ms and by %d ms, said once; with it again it takes part",
    async (reason, not, by) => {
      candidate.fault = { kind: "fails", reason };
      if (not > 0) await candidate.runTo(not);
      expect(candidate.standings).toEqual([]);
      await candidate.runTo(by);
      expect(candidate.standings.map(([, word]) => word)).toEqual(["alone"]);
      await candidate.runTo(by + 3_600_000);
      expect(candidate.standings).toHaveLength(1);
      candidate.heldBy("other");
      candidate.fault = null;
      await candidate.runTo(by + 3_600_000 + 31_000);
      expect(candidate.last).toBe("standby of other");
    },
  );

  test("alone it asks less often", async () => {
    candidate.fault = { kind: "fails", reason: "no_account" };
    await candidate.runTo(300_000);
    expect(candidate.requests.length).toBeLessThanOrEqual(31);
  });

  test("a refusal that passes, as while an API server starts, makes nobody walk alone", async () => {
    candidate.heldBy("other");
    await candidate.runTo(5_000);
    candidate.fault = { kind: "fails", reason: "refused" };
    await candidate.runTo(25_000);
    candidate.fault = null;
    candidate.heldBy("other");
    await candidate.runTo(40_000);
    expect(candidate.standings.map(([, word]) => word)).toEqual(["standby of other"]);
  });
});

describe("to let go", () => {
  const release = async (): Promise<void> => {
    await candidate.end();
    const released = candidate.election.release(300);
    await candidate.time.runTo(candidate.time.nowMs + 1_000);
    await released;
  };

  test("nobody holds it then", async () => {
    await candidate.runTo(4_000);
    await release();
    expect(candidate.lease.object?.spec).toMatchObject({ holderIdentity: "", leaseDurationSeconds: 1 });
  });

  test("also where a renewal under way went through unheard", async () => {
    await candidate.runTo(2_900);
    candidate.fault = { kind: "unheard" };
    await candidate.runTo(3_100);
    candidate.fault = null;
    await release();
    expect(candidate.lease.holder).toBeNull();
  });

  test("another's is left alone, and so is what cannot be reached", async () => {
    candidate.heldBy("other");
    await candidate.runTo(4_000);
    await release();
    expect(candidate.lease.holder).toBe("other");

    candidate = new Candidate();
    await candidate.runTo(4_000);
    candidate.fault = { kind: "lost" };
    await release();
    expect(candidate.lease.holder).toBe("me");
  });
});
