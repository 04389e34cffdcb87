/** `tallyman probe`: how much it asks, how fast, in what order, and what it says meanwhile. */
import { processEnvironment } from "../../lib/cli/environment";
import { buildImage, buildIndex, EmbeddedRegistry } from "../../lib/testing";
import { reportOf, tallyman } from "../support/tallyman";
import { twoPlatforms } from "../support/two-platforms";

let registry: EmbeddedRegistry;

beforeEach(async () => {
  registry = await EmbeddedRegistry.start();
});

afterEach(() => registry.close());

/** So many repositories with one tag, one config and one layer: four requests each. */
function fill(repositories: number): void {
  for (let i = 0; i < repositories; i++) {
    registry.put(`r${`${i}`.padStart(2, "0")}`, "1", buildImage({ seed: `pace/${i}`, layers: 1 }));
  }
}

/** A clock that only sleeping moves, so that a paced walk takes no time. */
function virtualClock(startMs = 1_800_000_000_000) {
  let nowMs = startMs;
  return {
    now: () => nowMs,
    sleep: async (ms: number) => {
      nowMs += ms;
    },
    elapsedMs: () => nowMs - startMs,
  };
}

describe("--rate", () => {
  async function walk(...words: string[]): Promise<{ requests: number; elapsedMs: number }> {
    registry.forgetRequests();
    const clock = virtualClock();
    const { exitCode } = await tallyman(["probe", registry.url, "--concurrency", "8", ...words], clock);
    expect(exitCode).toBe(0);
    return { requests: registry.requests.length, elapsedMs: clock.elapsedMs() };
  }

  test.each([2, 10, 125])("%d a second is kept", async (rate) => {
    fill(12);
    const { requests, elapsedMs } = await walk("--rate", `${rate}`);
    expect(requests).toBe(12 * 4 + 1);
    expect(elapsedMs).toBeGreaterThanOrEqual(((requests - 1) * 1000) / rate - 1);
    expect(elapsedMs).toBeLessThanOrEqual((requests * 1000) / rate + 1);
  });

  test("a fixed rate is not raised to meet a deadline", async () => {
    fill(6);
    const { requests, elapsedMs } = await walk("--rate", "5", "--deadline", "3s");
    expect(elapsedMs).toBeGreaterThanOrEqual((requests - 1) * 200 - 1);
  });

  test("0 lifts it", async () => {
    fill(12);
    expect((await walk("--rate", "0")).elapsedMs).toBe(0);
  });

  test("without it: 20 a second where that is enough, and more where the interval is short", async () => {
    fill(12);
    const slow = await walk();
    expect(slow.elapsedMs).toBeGreaterThanOrEqual((slow.requests - 1) * 50 - 1);
    const fast = await walk("--interval", "3s");
    expect(fast.elapsedMs).toBeLessThan(slow.elapsedMs * 0.7);
    expect(fast.elapsedMs).toBeGreaterThanOrEqual((fast.requests - 1) * 5);
  });
});

describe("--concurrency", () => {
  async function mostOpen(...words: string[]): Promise<number> {
    let open = 0;
    let most = 0;
    registry.script({
      fault: {
        kind: "hook",
        run: async () => {
          most = Math.max(most, ++open);
          await new Promise((resolve) => setTimeout(resolve, 4));
          open--;
        },
      },
    });
    await reportOf(["probe", registry.url, ...words]);
    registry.clearScript();
    return most;
  }

  test("is reached and never exceeded, in the second look and the choice of tags too", async () => {
    fill(6);
    const image = twoPlatforms("concurrency");
    for (const tag of ["1", "2", "3", "4", "5", "6"]) registry.put("app", tag, image);
    for (const child of image.children) registry.storage.unlinkManifest("app", child.digest);
    for (const n of [1, 3]) {
      expect(await mostOpen("--concurrency", `${n}`)).toBe(n);
      expect(await mostOpen("--concurrency", `${n}`, "--newest", "2")).toBe(n);
    }
    expect(await mostOpen()).toBe(4);
  });

  test.each(["0", "1.5", "257", "many"])("%s is refused", async (value) => {
    const { exitCode, stderr } = await tallyman(["probe", registry.url, "--concurrency", value]);
    expect([exitCode, stderr]).toEqual([64, expect.stringContaining("a whole number from 1 to 256")]);
  });
});

test("every digest is asked for once per repository, whatever number of tags and images share it", async () => {
  // One seed: two images with the same layers, under two manifests and two configs.
  const children = ["linux/amd64", "linux/arm64"].map((platform) => buildImage({ seed: "once", platform }));
  const [amd64] = children;
  if (amd64 === undefined) throw new Error("an index has children");
  const index = buildIndex({ children });
  for (const tag of ["1", "2", "latest"]) registry.put("app", tag, index);
  registry.put("app", "amd64", amd64);
  registry.put("copy/app", "1", index);
  const { exitCode, report } = await reportOf(["probe", registry.url, "--concurrency", "16"]);
  expect([exitCode, report.checked]).toEqual([
    0,
    expect.objectContaining({ repositories: 2, tags: 5, indexes: 2, manifests: 4, blobs: 8 }),
  ]);

  const asked = registry.requests.map(({ method, url }) => `${method} ${url}`);
  expect(report.checked.requests).toBe(asked.length);
  const blobs = asked.filter((line) => line.includes("/blobs/"));
  expect(new Set(blobs).size).toBe(blobs.length);
  const layers = amd64.layers.map(({ digest }) => `${digest}`);
  // By HEAD where the other repository's walk was there before: its bytes are proven then.
  const paths = blobs.map((line) => line.replace(/^(?:GET|HEAD) /, ""));
  for (const repository of ["app", "copy/app"])
    for (const layer of layers) expect(paths).toContain(`/v2/${repository}/blobs/${layer}`);
  const manifests = asked.filter((line) => /\/manifests\/sha256:/.test(line));
  expect(new Set(manifests).size).toBe(manifests.length);
  // The catalogue, two lists, five tags, and four blobs and two children in each repository.
  expect(asked.length).toBeLessThanOrEqual(1 + 2 + 5 + 2 * (4 + 2));
});

describe("the progress line", () => {
  const walk = (isTerminal: boolean, format: string) =>
    tallyman(["probe", registry.url, "--rate", "0", "--format", format], { isTerminal });

  test.each(["table", "json", "prometheus"])(
    "is drawn on a terminal, on standard error, and cleared: %s",
    async (format) => {
      fill(3);
      const { exitCode, stdout, stderr } = await walk(true, format);
      expect(exitCode).toBe(0);
      expect(stderr).toMatch(/\r\u001b\[2K\d+\/3 repositories, \d+ tags, \d+ requests, \d+ s/);
      expect(stderr.endsWith("\r\u001b[2K")).toBe(true);
      expect(stdout).not.toContain("\u001b");
    },
  );

  test.each(["table", "json", "prometheus"])("is not there in a pipe: %s", async (format) => {
    fill(3);
    const { exitCode, stdout, stderr } = await walk(false, format);
    expect([exitCode, stderr]).toEqual([0, ""]);
    expect(stdout).not.toMatch(/[\r\u001b]/);
  });

  test("does not stand before a warning on its line", async () => {
    fill(3);
    const words = ["probe", registry.url, "--rate", "1", "--deadline", "5s"];
    const clock = virtualClock();
    const { stderr } = await tallyman(words, { ...clock, isTerminal: true });
    expect(stderr).toMatch(/ s\r\u001b\[2Ktallyman: the walk takes about/);
  });
});

describe("the estimate against the deadline", () => {
  test("is one warning at the start, with the numbers and what to do", async () => {
    fill(20);
    const words = ["probe", registry.url, "--rate", "4", "--deadline", "10s"];
    const { exitCode, stderr } = await tallyman(words, virtualClock());
    expect(exitCode).toBe(0);
    const lines = stderr.trimEnd().split("\n");
    expect(lines).toEqual([
      expect.stringMatching(
        /^tallyman: the walk takes about \d+ requests: \d+ s at 4 a second, and the deadline is 10 s\. Raise --deadline/,
      ),
    ]);
  });

  test("is silent where the walk has time enough", async () => {
    fill(20);
    const words = ["probe", registry.url, "--rate", "100", "--deadline", "60s"];
    expect(await tallyman(words, virtualClock())).toMatchObject({ exitCode: 0, stderr: "" });
  });
});

test("the order of the repositories rotates with the start, and each of them comes first at some time", async () => {
  fill(6);
  const { now: realNow } = processEnvironment();
  const firsts: string[] = [];
  for (let run = 0; run < 24; run++) {
    registry.forgetRequests();
    const offsetMs = run * 900_000 - realNow();
    await reportOf(["probe", registry.url, "--concurrency", "1"], { now: () => realNow() + offsetMs });
    const order = registry.requests.flatMap(({ url }) => /^\/v2\/(r\d+)\/tags\/list/.exec(url)?.[1] ?? []);
    expect([...order].sort()).toEqual(["r00", "r01", "r02", "r03", "r04", "r05"]);
    firsts.push(order[0] ?? "");
  }
  expect(new Set(firsts).size).toBe(6);
});

test("--start-jitter waits up to that long before the first request", async () => {
  fill(1);
  const waits: number[] = [];
  const sleep = async (ms: number): Promise<void> => {
    waits.push(ms);
    expect(registry.requests).toEqual([]);
  };
  const words = ["probe", registry.url, "--rate", "0", "--start-jitter", "60s"];
  expect((await tallyman(words, { sleep, random: () => 0.25 })).exitCode).toBe(0);
  expect(waits).toEqual([15_000]);
});
