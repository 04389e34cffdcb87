import type { RunFacts } from "../../lib/integrity/exposition";
import { publish } from "../../lib/integrity/publish";
import { Pushgateway as Gateway, type GroupingKey, PushError } from "../../lib/integrity/pushgateway";
import { assessmentOf, draft, STARTED_AT_MS, type WalkFacts } from "../integrity/assessment-fixture";
import { Pushgateway } from "../support/pushgateway";

const PREFIX = "registry_manifest_integrity_";
const doubt = { reason: "timeout", repository: "a", reference: "1", detail: "" } as const;

let shared: Pushgateway;
let server: Pushgateway;
let gateway: Gateway;

function useGateway(next: Pushgateway): void {
  server = next;
  gateway = new Gateway({ url: new URL(next.url), timeoutMs: 10_000 });
}

beforeAll(async () => {
  shared = await Pushgateway.start();
  useGateway(shared);
});

afterAll(async () => {
  await shared.stop();
});

/** Each test has a registry, and so groups, of its own. */
let nextInstance = 0;
let instance: string;

beforeEach(() => {
  instance = `registry-${++nextInstance}.example.com:5050`;
});

function run(walk: WalkFacts = {}, endedAtMs = STARTED_AT_MS): RunFacts {
  return {
    assessment: assessmentOf({ instance, endedAtMs, ...walk }),
    endedAtMs,
    authEnforced: null,
    tlsNotAfterMs: null,
  };
}

async function push(
  facts: RunFacts,
  more: { verifiedSlice?: string; replaceGroup?: GroupingKey } = {},
): Promise<void> {
  await publish(gateway, {
    facts,
    verifiedSlice: more.verifiedSlice ?? null,
    replaceGroup: more.replaceGroup ?? null,
  });
}

/** Metric and value of this test's registry, without the labels that are the same for all. */
async function series(name = ""): Promise<string[]> {
  const own = `instance="${instance}"`;
  const lines = (await server.samples(PREFIX + name)).filter((line) => line.includes(own));
  return lines.map((line) =>
    line
      .slice(PREFIX.length)
      .replace(own, "")
      .replace('job="tallyman"', "")
      .replace(/\{,+/, "{")
      .replace(/,{2,}/g, ",")
      .replace(/,\}/, "}")
      .replace("{}", ""),
  );
}

test("a run stands under job tallyman and its instance", async () => {
  await push(run());
  const lines = await server.samples(`${PREFIX}failures`);
  expect(lines).toContain(`${PREFIX}failures{instance="${instance}",job="tallyman"} 0`);
  expect(await series("repos_checked")).toEqual(["repos_checked 3"]);
  expect(await series("last_success_timestamp")).toEqual([
    'last_success_timestamp{part="success"} 1.7766e+09',
  ]);
  expect(await series("bytes_verified_timestamp")).toEqual([]);
});

test("the next push replaces the group: what it does not say is gone", async () => {
  await push(run({ findings: [draft({ tags: ["1", "2"] })], doubts: [[doubt]] }));
  expect(await series("broken_reference{")).toHaveLength(2);
  expect(await series("failures")).toEqual(["failures 1"]);
  await push(run());
  expect(await series("broken_reference{")).toEqual([]);
  expect(await series("undetermined")).toEqual([]);
  expect(await series("failures")).toEqual(["failures 0"]);
});

test("an unreadable catalogue takes failures away, and does not let an old value stand", async () => {
  await push(run({ findings: [draft()] }));
  await push(run({ catalogueAccessible: false, coverage: 0, doubts: [[doubt]] }));
  expect(await series("catalog_accessible")).toEqual(["catalog_accessible 0"]);
  for (const name of ["failures", "repos_checked", "tags_checked", "indexes_checked"])
    expect(await series(name)).toEqual([]);
});

test("an incomplete run leaves standing what earlier runs proved: the last success and each slice", async () => {
  await push(run({}, 1_000_000), { verifiedSlice: "1/96" });
  await push(run({}, 2_000_000), { verifiedSlice: "2/96" });
  await push(run({ doubts: [[doubt]] }, 3_000_000));
  expect(await series("last_run_timestamp")).toEqual(["last_run_timestamp 3000"]);
  expect(await series("last_success_timestamp")).toEqual(['last_success_timestamp{part="success"} 2000']);
  expect(await series("bytes_verified_timestamp")).toEqual([
    'bytes_verified_timestamp{slice="1/96"} 1000',
    'bytes_verified_timestamp{slice="2/96"} 2000',
  ]);
});

test("another registry's groups are left alone", async () => {
  await push(run({ findings: [draft()] }));
  const mine = await series();
  const first = instance;
  instance = `${first}-neighbour`;
  await push(run());
  instance = first;
  expect(await series()).toEqual(mine);
});

test.each([
  ["a slash", "registry.example.com/mirror"],
  ["slashes at both ends", "/a/"],
  ["what a path would swallow", "a//b"],
  ["dots that a path would resolve", ".."],
  ["one dot", "."],
  ["what a URL reserves", "a b?c#d%2Fe+f&g=h"],
  ["other scripts", "registre-été-登録"],
  ["an address", "[fd00::7]:5050"],
])("an instance with %s arrives as it is", async (_, name) => {
  instance = name;
  await push(run(), { verifiedSlice: "1/2" });
  expect(await series("failures")).toEqual(["failures 0"]);
  expect(await series("last_success_timestamp")).toHaveLength(1);
  expect(await series("bytes_verified_timestamp")).toHaveLength(1);
});

test("hostile labels arrive as they are", async () => {
  await push(run({ findings: [draft({ repository: 'a"b\\c', tags: ["x"] })] }));
  expect(await series("broken_reference{")).toEqual([expect.stringContaining('repository="a\\"b\\\\c"')]);
});

describe("a push that the gateway does not take", () => {
  const key: GroupingKey = [["job", "refused"]];

  async function failure(work: Promise<void>): Promise<PushError> {
    const error = await work.then(() => null).catch((each: unknown) => each);
    if (!(error instanceof PushError)) throw new Error(`no PushError: ${String(error)}`);
    return error;
  }

  test("is an error with the gateway's own words", async () => {
    const error = await failure(gateway.replace(key, "no metrics at all\n"));
    expect(error).toMatchObject({ code: "push_rejected", status: 400 });
    expect(error.message).toMatch(
      /^the Pushgateway http:\/\/127\.0\.0\.1:\d+ answers 400 to the group \{job="refused"\}: .*text format parsing error/,
    );
  });

  test("because it contradicts what stands there", async () => {
    await gateway.replace([["job", "first"]], 'contradicted{instance="x"} 1\n');
    const error = await failure(
      gateway.replace(
        [
          ["job", "first"],
          ["instance", "x"],
        ],
        "contradicted 2\n",
      ),
    );
    expect(error).toMatchObject({ code: "push_rejected", status: 400 });
    expect(error.message).toContain("inconsistent");
  });

  test("because nobody is there", async () => {
    const gone = await Pushgateway.start();
    const url = new URL(gone.url);
    await gone.stop();
    const error = await failure(new Gateway({ url, timeoutMs: 5_000 }).replace(key, "a 1\n"));
    expect(error).toMatchObject({ code: "push_unreachable", status: null });
    expect(error.message).toContain(`the Pushgateway ${url.origin} cannot be reached`);
  });
});

test("removing what is not there is no error", async () => {
  await expect(gateway.remove([["job", "never-was"]])).resolves.toBeUndefined();
});

describe("a predecessor's group, with instance in its body as the estate's first probe pushed it", () => {
  const predecessor: GroupingKey = [["job", "registry-integrity-probe"]];
  let fresh: Pushgateway;

  beforeEach(async () => {
    fresh = await Pushgateway.start();
    useGateway(fresh);
  });

  afterEach(async () => {
    useGateway(shared);
    await fresh.stop();
  });

  function body(type: string): string {
    const line = (name: string) =>
      `${type === "" ? "" : `# TYPE ${PREFIX}${name} ${type}\n`}${PREFIX}${name}{instance="${instance}"} 7\n`;
    return line("failures") + line("repos_checked");
  }

  test.each(["gauge", ""])("of the same job, type %j, is in the way until it is removed", async (type) => {
    await gateway.replace([["job", "tallyman"]], body(type));
    await expect(push(run())).rejects.toMatchObject({ code: "push_rejected", status: 400 });
    expect(await series("failures")).toEqual(["failures 7"]);
    await push(run(), { replaceGroup: [["job", "tallyman"]] });
    expect(await series("failures")).toEqual(["failures 0"]);
    expect(await series("last_success_timestamp")).toHaveLength(1);
    await push(run({ findings: [draft()] }));
    expect(await series("failures")).toEqual(["failures 1"]);
  });

  test("of another job lives beside ours until it is removed, and only it", async () => {
    const another: GroupingKey = [["job", "another"]];
    await gateway.replace(predecessor, body("gauge"));
    await gateway.replace(another, body("gauge"));
    await push(run());
    expect(await series("failures")).toHaveLength(3);
    await push(run(), { replaceGroup: predecessor });
    expect(await series("failures")).toEqual(['failures{job="another"} 7', "failures 0"]);
  });

  test("of another job without types contradicts ours, and is removed so that ours can stand", async () => {
    await gateway.replace(predecessor, body(""));
    await expect(push(run())).rejects.toMatchObject({ status: 400 });
    await push(run(), { replaceGroup: predecessor });
    expect(await series("failures")).toEqual(["failures 0"]);
  });

  test("is not removed by a push that does not arrive", async () => {
    await gateway.replace(predecessor, body("gauge"));
    const nowhere = new Gateway({ url: new URL("http://127.0.0.1:1"), timeoutMs: 5_000 });
    const input = { facts: run(), verifiedSlice: null, replaceGroup: predecessor };
    await expect(publish(nowhere, input)).rejects.toMatchObject({ code: "push_unreachable" });
    expect(await series("failures")).toHaveLength(1);
  });

  test("that is our own group, in whatever order, is not removed", async () => {
    const own: GroupingKey = [
      ["instance", instance],
      ["job", "tallyman"],
    ];
    await push(run(), { replaceGroup: own });
    expect(await series("failures")).toEqual(["failures 0"]);
  });
});
