/** `tallyman probe --shard i/n`: who walks what, at what rate, and what stands at a real Pushgateway as n changes. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { probeRegistry } from "../../lib/integrity/index";
import { buildImage, EmbeddedRegistry } from "../../lib/testing";
import { Pushgateway } from "../support/pushgateway";
import { rawHttp } from "../support/raw-http";
import { damageOf, reportOf, type TallymanRun, tallyman } from "../support/tallyman";

const PREFIX = "registry_manifest_integrity_";
const REPOSITORIES = Array.from({ length: 12 }, (_, at) => `team/app-${at}`);

let gateway: Pushgateway;
let registry: EmbeddedRegistry;

beforeAll(async () => {
  gateway = await Pushgateway.start();
});

afterAll(() => gateway?.stop());

beforeEach(async () => {
  registry = await EmbeddedRegistry.start();
  for (const name of REPOSITORIES) registry.put(name, "1", buildImage({ seed: `shards/${name}`, layers: 1 }));
});

afterEach(() => registry.close());

const shards = (n: number): string[] => Array.from({ length: n }, (_, at) => `${at + 1}/${n}`);

/** Repositories that were asked for anything, each as often as its tags were listed. */
function walked(): string[] {
  const lists = registry.requests.map(({ url }) => /^\/v2\/(.+)\/tags\/list/.exec(url)?.[1] ?? "");
  registry.forgetRequests();
  return lists.filter((name) => name !== "").sort();
}

describe("what is walked", () => {
  test.each([1, 2, 5])("%i shards walk every repository once, and each says which it is", async (n) => {
    const seen: string[] = [];
    let count = 0;
    for (const shard of shards(n)) {
      const { report, exitCode } = await reportOf(["probe", registry.url, "--shard", shard]);
      expect([exitCode, report.shard, report.coverage]).toEqual([0, n === 1 ? null : shard, 1]);
      count += report.checked.repositories;
      seen.push(...walked());
    }
    expect(seen.sort()).toEqual([...REPOSITORIES].sort());
    expect(count).toBe(REPOSITORIES.length);
  });

  test("what --repository names is dealt too, and damage is found by one alone", async () => {
    const [lost = ""] = REPOSITORIES;
    registry.storage.deleteBlobData(
      buildImage({ seed: `shards/${lost}`, layers: 1 }).layers[0]?.digest ?? "",
    );
    const named = REPOSITORIES.slice(0, 5);
    const words = named.flatMap((name) => ["--repository", name]);
    const found = await Promise.all(
      shards(3).map((shard) => reportOf(["probe", registry.url, ...words, "--shard", shard])),
    );
    expect(walked()).toEqual([...named].sort());
    expect(found.flatMap(({ report }) => damageOf(report))).toEqual([`layer_missing ${lost} 1`]);
  });

  test("a name in the catalogue that is none is one shard's doubt, not everybody's", async () => {
    const repositories = ["UPPER", ...REPOSITORIES];
    registry.script({
      fault: { kind: "json", value: { repositories } },
      path: "/v2/_catalog",
    });
    const found = await Promise.all(
      shards(4).map((shard) => reportOf(["probe", registry.url, "--shard", shard])),
    );
    expect(found.flatMap(({ report }) => report.undetermined.map(({ reason }) => reason))).toEqual([
      "invalid_name",
    ]);
  });

  test("auto takes the pod's index, which counts from 0", async () => {
    const pod = (index: string) =>
      reportOf(["probe", registry.url, "--shard", "auto/3"], { env: { JOB_COMPLETION_INDEX: index } });
    const found = [await pod("0"), await pod("1"), await pod("2")];
    expect(found.map(({ report }) => report.shard)).toEqual(["1/3", "2/3", "3/3"]);
    expect(walked()).toEqual([...REPOSITORIES].sort());
  });

  test("the table says it in words, and the metrics by a label", async () => {
    const table = await tallyman(["probe", registry.url, "--rate", "0", "--shard", "2/4"]);
    expect(table.stdout).toMatch(/^127\.0\.0\.1:\d+, shard 2 of 4: \d+ repositories, /);
    const words = ["--rate", "0", "--shard", "2/4", "--format", "prometheus"];
    const { stdout } = await tallyman(["probe", registry.url, ...words]);
    expect(stdout).toContain(`${PREFIX}failures{instance="${registry.host}",shard="2/4"} 0\n`);
  });

  test("the library takes a shard, and refuses what is none", async () => {
    const surroundings = { now: Date.now, random: Math.random, warn: () => undefined };
    const url = new URL(registry.url);
    const { assessment } = await probeRegistry(url, { ...surroundings, shard: { i: 1, n: 2 } });
    expect(assessment.report.shard).toBe("1/2");
    await expect(probeRegistry(url, { ...surroundings, shard: { i: 3, n: 2 } })).rejects.toThrow(
      /shard must be one of at most 256 shards/,
    );
  });
});

describe("words that make no sense", () => {
  test.each([
    ["0/4", {}, '--shard must be i/n or auto/n with i from 1 to n and n at most 256, got "0/4"'],
    ["5/4", {}, 'got "5/4"'],
    ["1/257", {}, 'got "1/257"'],
    [
      "auto/4",
      {},
      "--shard auto/4 needs JOB_COMPLETION_INDEX from 0 to 3, which Kubernetes sets in the pods of an",
    ],
    ["auto/4", { JOB_COMPLETION_INDEX: "4" }, 'got "4". Elsewhere write --shard 1/4 to --shard 4/4'],
    ["auto/4", { JOB_COMPLETION_INDEX: "" }, 'got ""'],
  ])("--shard %s with %j", async (shard, env, message) => {
    const run = await tallyman(["probe", registry.url, "--shard", shard], { env });
    expect(run).toMatchObject({ exitCode: 64, stderr: expect.stringContaining(message) });
    expect(registry.requests).toEqual([]);
  });

  test("serve has no shards", async () => {
    const { exitCode, stderr } = await tallyman(["serve", registry.url, "--shard", "1/2"]);
    expect([exitCode, stderr]).toEqual([64, expect.stringContaining("'--shard'")]);
  });
});

test("four shards at --rate 8 ask twice a second each", async () => {
  let nowMs = 1_800_000_000_000;
  const startMs = nowMs;
  const clock = {
    now: () => nowMs,
    sleep: async (ms: number) => {
      nowMs += ms;
    },
  };
  await tallyman(["probe", registry.url, "--rate", "8", "--shard", "1/4"], clock);
  const requests = registry.requests.length;
  expect(requests).toBeGreaterThan(4);
  expect(nowMs - startMs).toBeGreaterThanOrEqual((requests - 1) * 500 - 1);
  expect(nowMs - startMs).toBeLessThanOrEqual(requests * 500 + 1);
});

describe("the groups at a real Pushgateway", () => {
  const probe = (...words: string[]): Promise<TallymanRun> =>
    tallyman(["probe", registry.url, "--rate", "0", "--push", gateway.url, ...words]);

  /** Far more than the answer to a push takes, by which a run's beginning is known. */
  const pause = () => sleep(50);

  async function runAll(n: number, ...words: string[]): Promise<void> {
    await pause();
    for (const shard of shards(n)) {
      expect(await probe("--shard", shard, ...words)).toMatchObject({ exitCode: 0 });
    }
  }

  /** The labels of this registry's groups beside job and instance. */
  async function groups(): Promise<readonly string[]> {
    const lines = await gateway.samples("push_time_seconds{");
    return lines
      .filter((line) => line.includes(`instance="${registry.host}"`) && line.includes('job="tallyman"'))
      .map((line) =>
        [...line.matchAll(/(part|shard|slice)="([^"]*)"/g)].map(([, , value]) => value).join(" "),
      )
      .sort();
  }

  const both = (n: number): string[] =>
    shards(n)
      .flatMap((shard) => [shard, `success ${shard}`])
      .sort();

  test("every shard has groups of its own, with its success and its slice", async () => {
    await runAll(2, "--verify-bytes", "1/3");
    expect(await groups()).toEqual(
      shards(2)
        .flatMap((shard) => [shard, `${shard} 1/3`, `success ${shard}`])
        .sort(),
    );
    const repositories = (await gateway.samples(`${PREFIX}repos_checked`))
      .filter((line) => line.includes(registry.host))
      .map((line) => Number(line.split(" ").at(-1)));
    expect(repositories).toHaveLength(2);
    expect(repositories.reduce((sum, one) => sum + one, 0)).toBe(REPOSITORIES.length);
  });

  test("whatever n was before, what the last run pushed is all that stands", async () => {
    for (const n of [1, 3, 2, 4, 1, 2]) {
      await runAll(n, "--verify-bytes", "1/2");
      const slices = n === 1 ? ["1/2"] : shards(n).map((shard) => `${shard} 1/2`);
      const expected = n === 1 ? ["", "success", ...slices] : [...both(n), ...slices];
      expect([n, await groups()]).toEqual([n, expected.sort()]);
    }
  });

  test("the first shard forgets the others' groups and says so, and a run of the same n forgets nothing", async () => {
    await probe();
    await pause();
    const first = await probe("--shard", "1/2");
    expect(first.stderr).toBe("tallyman: forgot 2 groups of runs with another number of shards\n");
    expect((await probe("--shard", "2/2")).stderr).toBe("");
    expect((await probe("--shard", "1/2")).stderr).toBe("");
    expect(await groups()).toEqual(both(2));
  });

  test("a run that could not read the catalogue forgets nothing, and one that left something out does", async () => {
    await runAll(2);
    await pause();
    const fault = registry.script({ fault: { kind: "status", status: 403 }, path: "/v2/_catalog" });
    await probe("--shard", "1/3");
    expect(await groups()).toEqual([...both(2), "1/3"].sort());
    fault.remove();
    registry.script({ fault: { kind: "status", status: 403 }, path: "/tags/list" });
    await probe("--shard", "1/3");
    expect(await groups()).toEqual(["1/3"]);
  });

  test("what was pushed since the run began is somebody's who runs at the same time, whatever the clock says", async () => {
    const before = await probe("--shard", "1/4");
    expect(before.exitCode).toBe(0);
    await pause();
    // Its own walk would come to the hook too.
    const run = async (): Promise<void> => {
      hook.remove();
      await probe("--shard", "2/3");
    };
    const hook = registry.script({ fault: { kind: "hook", run }, path: "/tags/list" });
    // An hour behind the gateway's clock.
    const now = (): number => Date.now() - 3_600_000;
    const words = ["probe", registry.url, "--rate", "0", "--push", gateway.url, "--shard", "1/2"];
    expect((await tallyman(words, { now })).exitCode).toBe(0);
    expect(await groups()).toEqual(["1/2", "2/3", "success 1/2", "success 2/3"]);
    await pause();
    await probe("--shard", "2/2");
    expect(await groups()).toEqual(both(2));
  });

  test("other instances and other jobs are nobody's business", async () => {
    const put = (path: string) => rawHttp(`${gateway.url}/metrics/${path}`, { method: "PUT", body });
    const body = Buffer.from("thing 1\n");
    const [host, shard] = [encodeURIComponent(registry.host), Buffer.from("1/3").toString("base64url")];
    await Promise.all([
      put(`job/tallyman/instance/other-${host}/shard@base64/${shard}`),
      put(`job/else/instance/${host}/shard@base64/${shard}`),
    ]);
    await runAll(2);
    const left = await gateway.samples("thing{");
    expect(left.filter((line) => line.includes(registry.host))).toHaveLength(2);
  });
});

test("a gateway that does not show its metrics has taken the push: a word, and no failure", async () => {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(`${request.method}`);
    request.resume().on("end", () => response.writeHead(request.method === "GET" ? 404 : 200).end());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const { port } = server.address() as AddressInfo;
    const push = ["--push", `http://127.0.0.1:${port}`];
    const run = await tallyman(["probe", registry.url, "--rate", "0", "--shard", "1/2", ...push]);
    expect([run.exitCode, run.stderr]).toEqual([
      0,
      expect.stringMatching(/may be left: the Pushgateway .* answers 404 to GET \/metrics\n$/),
    ]);
    expect(seen).toEqual(["PUT", "PUT", "GET"]);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
