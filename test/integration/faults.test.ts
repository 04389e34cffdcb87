import {
  buildDeepIndex,
  buildImage,
  buildIndex,
  buildWideIndex,
  EmbeddedRegistry,
  type EmbeddedRegistryOptions,
  ghcrLike,
  HOSTILE_REPOSITORY_NAMES,
  HOSTILE_TAG_NAMES,
  type ScriptedFault,
} from "../../lib/testing";
import { damageOf, type ReportRun, reportOf, tallyman } from "../support/tallyman";

const CREDENTIALS = { username: "reader", password: "p4ss:w0rd-secret" };
const ENV = { env: { TALLYMAN_USERNAME: CREDENTIALS.username, TALLYMAN_PASSWORD: CREDENTIALS.password } };

const app = buildIndex({
  children: [
    buildImage({ seed: "app/amd64", platform: "linux/amd64", layers: 3 }),
    buildImage({ seed: "app/arm64", platform: "linux/arm64", layers: 3 }),
  ],
  attestations: true,
});
const tool = buildImage({ seed: "tool", layers: 2 });

let registry: EmbeddedRegistry;

async function start(options: EmbeddedRegistryOptions = {}): Promise<void> {
  registry = await EmbeddedRegistry.start(options);
  registry.put("team/app", "1.0", app);
  registry.put("team/app", "latest", app);
  registry.put("tool", "2.0", tool);
}

async function probe(...words: string[]): Promise<ReportRun> {
  return reportOf(["probe", registry.url, "--timeout", "400ms", "--deadline", "8s", ...words]);
}

afterEach(async () => {
  await registry.close();
});

/** The verdict that every fault here must have: nothing invented, nothing called healthy. */
function expectUndetermined(run: ReportRun, reason: string): void {
  expect(damageOf(run.report)).toEqual([]);
  expect(run.report.undetermined.map((entry) => entry.reason)).toContain(reason);
  expect(run.report.complete).toBe(false);
  expect(run.exitCode).toBe(2);
}

const OBJECTS = /\/(?:manifests|blobs)\//;
const APP_MANIFESTS = /^\/v2\/team\/app\/manifests\//;
const child = app.children[0];
const childPath = new RegExp(`/v2/team/app/manifests/${child?.digest}`);

describe("a registry that fails for a while, or for ever", () => {
  const cases: [name: string, fault: ScriptedFault, reason: string][] = [
    [
      "401 in mid-walk",
      { fault: { kind: "status", status: 401 }, path: APP_MANIFESTS, after: 2 },
      "unauthorized",
    ],
    ["403", { fault: { kind: "status", status: 403 }, path: childPath }, "unauthorized"],
    ["hang", { fault: { kind: "hang" }, path: childPath }, "timeout"],
    [
      "hang after the headers",
      { fault: { kind: "hang", point: "after-headers" }, path: childPath },
      "timeout",
    ],
    ["slow headers", { fault: { kind: "slow-headers", delayMs: 3000 }, path: childPath }, "timeout"],
    [
      "dripping body",
      { fault: { kind: "drip-body", bytes: 1, intervalMs: 100 }, path: childPath },
      "timeout",
    ],
    ["reset", { fault: { kind: "reset" }, path: childPath }, "unreachable"],
    [
      "an HTML sign-in page for tags",
      { fault: { kind: "html-sign-in" }, path: /tags\/list/ },
      "bad_response",
    ],
    [
      "an HTML sign-in page for the catalogue",
      { fault: { kind: "html-sign-in" }, path: /_catalog/ },
      "bad_response",
    ],
    [
      "truncated JSON in tags",
      { fault: { kind: "cut-document", bytes: 12 }, path: /tags\/list/ },
      "bad_response",
    ],
    ["a 20 MB manifest", { fault: { kind: "huge-body" }, path: childPath }, "body_too_large"],
    ["a redirect loop", { fault: { kind: "redirect-loop" }, path: childPath }, "bad_response"],
    [
      "a redirect loop that changes",
      { fault: { kind: "redirect-loop", changing: true }, path: childPath },
      "bad_response",
    ],
    ["500 everywhere, for ever", { fault: { kind: "status", status: 500 }, path: OBJECTS }, "server_error"],
    [
      "500 for the tags list, for ever",
      { fault: { kind: "status", status: 500 }, path: /tags\/list/ },
      "server_error",
    ],
    [
      "500 for the catalogue, for ever",
      { fault: { kind: "status", status: 500 }, path: /_catalog/ },
      "server_error",
    ],
    [
      "429 for ever",
      { fault: { kind: "status", status: 429, headers: { "retry-after": "0" } }, path: childPath },
      "throttled",
    ],
  ];

  test.each(cases)("%s: nothing is proven, nothing is healthy", async (_name, fault, reason) => {
    await start();
    registry.script(fault);
    const startedAt = performance.now();
    expectUndetermined(await probe(), reason);
    expect(performance.now() - startedAt).toBeLessThan(12_000);
  });

  test.each([
    ["404 once", { kind: "status", status: 404 }],
    ["500 once", { kind: "status", status: 500 }],
    ["reset once", { kind: "reset" }],
    ["429 with Retry-After", { kind: "status", status: 429, headers: { "retry-after": "1" } }],
  ] as const)("%s: asked again, and proven whole", async (_name, fault) => {
    await start();
    const active = registry.script({ fault, path: childPath, times: 1 });
    const { report, exitCode } = await probe();
    expect(active.hits).toBe(1);
    expect(report.findings).toEqual([]);
    expect({ exitCode, complete: report.complete, coverage: report.coverage }).toEqual({
      exitCode: 0,
      complete: true,
      coverage: 1,
    });
    expect(report.checked).toMatchObject({ repositories: 2, tags: 3, indexes: 1 });
  });

  test("paging that loops, and paging without end, stop with what they had", async () => {
    await start();
    registry.script({ fault: { kind: "paging-loop" }, path: /_catalog/ });
    expectUndetermined(await probe(), "bad_response");
    registry.clearScript();
    registry.script({ fault: { kind: "endless-paging", namesPerPage: 1000 }, path: /tags\/list/ });
    const run = await probe();
    expect(damageOf(run.report)).toEqual([]);
    expect(run.exitCode).toBe(2);
  });

  test("a registry that stops answering at all ends before its deadline", async () => {
    await start();
    registry.script({ fault: { kind: "hang" }, after: 1 });
    const startedAt = performance.now();
    const run = await probe();
    expectUndetermined(run, "timeout");
    expect(performance.now() - startedAt).toBeLessThan(9_000);
  });

  test("an outage ends the walk long before its deadline, and is said for every repository", async () => {
    await start();
    for (let i = 0; i < 60; i++) registry.put(`many/${i}`, "1", tool);
    registry.script({ fault: { kind: "hang" }, after: 1 });
    const startedAt = performance.now();
    const run = await probe("--deadline", "30s");
    expectUndetermined(run, "timeout");
    expect(run.report.undetermined.map(({ reason }) => reason)).not.toContain("budget_spent");
    expect(new Set(run.report.undetermined.map(({ repository }) => repository)).size).toBe(62);
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });

  test("the deadline cuts a walk, and what it missed is said", async () => {
    await start();
    for (let i = 0; i < 30; i++) registry.put(`many/${i}`, "1", buildImage({ seed: `many/${i}` }));
    registry.script({ fault: { kind: "slow-headers", delayMs: 60 } });
    const run = await probe("--deadline", "1s");
    expectUndetermined(run, "budget_spent");
    expect(run.report.coverage).toBeLessThan(0.9);
  });
});

describe("a repeated 5xx on one reference while its neighbours answer", () => {
  test("is damage: unservable", async () => {
    await start();
    registry.script({ fault: { kind: "status", status: 500 }, path: childPath });
    const { report, exitCode } = await probe();
    expect(exitCode).toBe(1);
    expect(damageOf(report)).toEqual(["unservable team/app 1.0,latest [linux/amd64]"]);
    expect(report.findings[0]?.digest).toBe(`${child?.digest}`);
  });
});

describe("the second look", () => {
  test("comes 200 ms after the first, or later", async () => {
    await start();
    registry.storage.deleteManifest("team/app", child?.digest ?? "");
    const seenAt: number[] = [];
    registry.script({
      fault: { kind: "hook", run: () => void seenAt.push(performance.now()) },
      path: childPath,
    });
    expect((await probe()).exitCode).toBe(1);
    const [first = 0, second = 0] = seenAt;
    expect(seenAt).toHaveLength(2);
    // The walk's clock starts when the first answer is in, later than the registry saw the question.
    expect(second - first).toBeGreaterThanOrEqual(199);
  });
});

describe("races with a push", () => {
  test("a tag that moves in mid-walk is no damage", async () => {
    await start();
    registry.storage.deleteManifest("team/app", child?.digest ?? "");
    registry.script({
      fault: {
        kind: "hook",
        run: () => {
          registry.put("team/app", "1.0", tool);
          registry.put("team/app", "latest", tool);
        },
      },
      path: childPath,
      times: 1,
    });
    expectUndetermined(await probe(), "moved");
  });

  test("a tag that is deleted in mid-walk is no damage", async () => {
    await start();
    registry.script({
      fault: { kind: "hook", run: () => registry.storage.deleteTag("tool", "2.0") },
      path: /^\/v2\/tool\/manifests\/2\.0/,
      times: 1,
    });
    expectUndetermined(await probe(), "moved");
  });
});

describe("shapes that only a hostile or a strange registry has", () => {
  test("indexes nested 100 deep end at the limit", async () => {
    await start();
    registry.put("deep", "1", buildDeepIndex("deep"));
    expectUndetermined(await probe(), "limit");
  });

  test("an index with 400 children is walked whole", async () => {
    await start();
    registry.put("wide", "1", buildWideIndex("wide"));
    const { report, exitCode } = await probe();
    expect(exitCode).toBe(0);
    expect(report.checked.manifests).toBeGreaterThanOrEqual(400);
  });

  test("sha512 digests are checked as any", async () => {
    await start();
    const image = buildImage({ seed: "long", algorithm: "sha512" });
    registry.put("long", "1", buildIndex({ children: [image], algorithm: "sha512" }));
    expect((await probe("--blobs", "full")).exitCode).toBe(0);
    const layer = image.layers[0]?.digest ?? "";
    registry.storage.deleteBlobData(layer);
    registry.restart();
    const { report } = await probe();
    expect(report.findings.map(({ kind, digest }) => [kind, digest])).toEqual([
      ["layer_missing", `${layer}`],
    ]);
  });

  test("hostile names are never asked for, and never reach a terminal raw", async () => {
    await start();
    registry.script({
      fault: { kind: "json", value: { repositories: ["tool", ...HOSTILE_REPOSITORY_NAMES] } },
      path: /_catalog/,
    });
    registry.script({
      fault: { kind: "json", value: { name: "tool", tags: ["2.0", ...HOSTILE_TAG_NAMES] } },
      path: /tags\/list/,
    });
    expectUndetermined(await probe(), "invalid_name");
    const asked = registry.requests.map(({ url }) => url);
    expect(asked.filter((path) => /\.\.|%2e|script|\u001b/i.test(path))).toEqual([]);
    const { stdout, stderr } = await tallyman(["probe", registry.url, "--rate", "0"]);
    expect(stdout + stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  });

  test("a registry that ignores Range is read and hashed", async () => {
    await start();
    registry.script({ fault: { kind: "ignore-range" }, path: /\/blobs\// });
    expect((await probe()).exitCode).toBe(0);
    const layer = tool.layers[0]?.digest ?? "";
    const changed = Buffer.from(tool.blobs.get(`${layer}`) ?? "");
    changed.writeUInt8(changed.readUInt8(20) ^ 1, 20);
    registry.storage.replaceBlobData(layer, changed);
    const { report } = await probe();
    expect(damageOf(report)).toEqual(["digest_mismatch tool 2.0"]);
  });
});

describe("credentials", () => {
  test("never follow a redirect to another host, and never appear in any output", async () => {
    await start(ghcrLike(CREDENTIALS));
    const words = ["probe", registry.url, "--repository", "team/app", "--repository", "tool"];
    const { report, exitCode, stdout, stderr } = await reportOf(words, ENV);
    expect({ exitCode, findings: report.findings }).toEqual({ exitCode: 0, findings: [] });
    expect(registry.requests.some(({ listener }) => listener === "other-host")).toBe(true);
    expect(registry.leaks).toEqual([]);
    expect(stdout + stderr).not.toContain(CREDENTIALS.password);
    expect(stdout + stderr).not.toContain(
      Buffer.from(`${CREDENTIALS.username}:${CREDENTIALS.password}`).toString("base64"),
    );
  });

  test("a registry without a catalogue says so, and asks for repositories", async () => {
    await start(ghcrLike(CREDENTIALS));
    const run = await reportOf(["probe", registry.url], ENV);
    expectUndetermined(run, "catalog_unsupported");
    expect(run.report.undetermined[0]?.detail).toContain("--repository");
  });

  test("tokens are per repository, and renewed when they are revoked in mid-walk", async () => {
    await start(ghcrLike(CREDENTIALS));
    const active = registry.script({
      fault: { kind: "hook", run: () => registry.revokeTokens() },
      path: childPath,
      times: 1,
    });
    const words = ["probe", registry.url, "--repository", "team/app", "--repository", "tool"];
    const { exitCode } = await reportOf(words, ENV);
    expect({ exitCode, hits: active.hits }).toEqual({ exitCode: 0, hits: 1 });
  });

  test("wrong credentials are unauthorized, never damage", async () => {
    await start({ auth: { basic: CREDENTIALS } });
    const env = { env: { TALLYMAN_USERNAME: "reader", TALLYMAN_PASSWORD: "wrong" } };
    expectUndetermined(await reportOf(["probe", registry.url], env), "unauthorized");
    expect((await reportOf(["probe", registry.url], ENV)).exitCode).toBe(0);
  });
});
