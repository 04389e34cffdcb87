/** `tallyman serve`: what it answers while walks come and go, and how it ends. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { METRICS, PROGRAM_NODE_FLAGS } from "../../lib/integrity/contract";
import { buildImage, EmbeddedRegistry } from "../../lib/testing";
import { rawHttp } from "../support/raw-http";
import { tallyman } from "../support/tallyman";
import { firstChild, twoPlatforms } from "../support/two-platforms";
import { Serving } from "./serving";

const app = twoPlatforms("serve/app");
const child = firstChild(app);

let registry: EmbeddedRegistry;
let serving: Serving | null = null;
let folder = "";

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "tallyman-serve-"));
  registry = await EmbeddedRegistry.start();
  registry.put("team/app", "latest", app);
  registry.put("tool", "1", buildImage({ seed: "serve/tool" }));
});

afterEach(async () => {
  await serving?.stop();
  serving = null;
  await registry.close();
  rmSync(folder, { recursive: true, force: true });
});

async function serve(...words: string[]): Promise<Serving> {
  serving = await Serving.start([registry.url, ...words]);
  return serving;
}

const of = (metric: string, host = registry.host): string => {
  const [name = "", labels = ""] = metric.split("|");
  return `${name}{instance="${host}"${labels === "" ? "" : `,${labels}`}}`;
};

describe("before the first walk has ended", () => {
  test("it lives, is not ready, and claims nothing", async () => {
    registry.script({ fault: { kind: "hang" } });
    const served = await serve();
    expect((await served.get("/healthz")).status).toBe(200);
    const ready = await served.get("/readyz");
    expect([ready.status, ready.text]).toEqual([503, `the first walk has not ended: ${registry.host}\n`]);
    expect(await served.get("/metrics")).toMatchObject({ status: 200, text: "" });
    expect((await served.get("/report")).status).toBe(503);
    const page = await served.get("/");
    expect([page.status, page.text]).toEqual([200, expect.stringContaining("No walk has ended yet.")]);
  });
});

describe("after a walk", () => {
  test("metrics, report and page are of it", async () => {
    const served = await serve("--private");
    await served.walked();
    const metrics = await served.metrics();
    expect(metrics).toMatchObject({
      [of("failures")]: 0,
      [of("catalog_accessible")]: 1,
      [of("repos_checked")]: 2,
      [of("tags_checked")]: 2,
      [of("auth_enforced")]: 0,
      [of("coverage_ratio")]: 1,
    });
    const lastRun = metrics[of("last_run_timestamp")] ?? 0;
    expect(Math.abs(lastRun - Date.now() / 1_000)).toBeLessThan(10);
    expect(metrics[of("last_success_timestamp")]).toBe(lastRun);
    const report = await served.get("/report");
    expect(JSON.parse(report.text)).toMatchObject({ schema: "tallyman.report/1", registry: registry.host });
    expect((await served.get("/readyz")).status).toBe(200);
    expect((await served.get("/")).text).toContain("All that was walked can be pulled.");
    expect((await served.get("/nothing")).status).toBe(404);
    expect(served.stdout).toContain("WHOLE: all that was walked is there");
  });

  test("every series has a help text and a type, once, in the names of the contract", async () => {
    const served = await serve();
    await served.walked();
    const { text, headers } = await served.get("/metrics");
    expect(headers["content-type"]).toBe("text/plain; version=0.0.4; charset=utf-8");
    const types = [...text.matchAll(/^# TYPE registry_manifest_integrity_(\S+) gauge$/gm)].map(
      ([, name]) => name,
    );
    expect(new Set(types).size).toBe(types.length);
    expect(types.filter((name) => !Object.hasOwn(METRICS, name ?? ""))).toEqual([]);
  });
});

/** Holds every request for a blob until it is released; resolves once one is held. */
async function holdBlobs(begin: () => void): Promise<() => void> {
  let release: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  await new Promise<void>((reached) => {
    const run = async (): Promise<void> => {
      reached();
      await gate;
    };
    registry.script({ fault: { kind: "hook", run }, path: "/blobs/" });
    begin();
  });
  registry.clearScript();
  return release;
}

const brokenReferences = async (served: Serving): Promise<string[]> =>
  Object.keys(await served.metrics()).filter((key) => key.startsWith("broken_reference{"));

test("damage appears and goes, and a walk under way blurs nothing", async () => {
  const served = await serve();
  await served.walked();
  const [sound, soundReport] = [await served.metrics(), await served.get("/report")];

  registry.storage.unlinkManifest("team/app", child.digest);
  const release = await holdBlobs(() => served.begin());
  expect(await served.metrics()).toEqual(sound);
  expect((await served.get("/report")).text).toBe(soundReport.text);
  expect((await served.get("/")).text).toContain("what stands here is of the last one that ended");
  expect((await served.get("/readyz")).status).toBe(200);
  release();
  await served.walked();

  const broken = await served.metrics();
  expect(broken[of("failures")]).toBe(1);
  expect(await brokenReferences(served)).toEqual([
    expect.stringContaining(`image="${registry.host}/team/app:latest"`),
  ]);
  expect(broken[of("last_run_timestamp")]).toBeGreaterThan(sound[of("last_run_timestamp")] ?? 0);

  registry.put("team/app", "latest", app);
  await served.walk();
  expect((await served.metrics())[of("failures")]).toBe(0);
  expect(await brokenReferences(served)).toEqual([]);
});

test("since when is kept from walk to walk, and begins anew after a repair", async () => {
  const sinceOf = async (served: Serving): Promise<string[]> => {
    const { text } = await served.get("/");
    const cell = /data-label="Since"[^>]*>(.*?)<\/td>/s.exec(text)?.[1] ?? "";
    return [cell.startsWith("at least since") ? "at least" : "", /datetime="([^"]+)"/.exec(cell)?.[1] ?? ""];
  };
  registry.storage.unlinkManifest("team/app", child.digest);
  const served = await serve();
  await served.walked();
  const first = await sinceOf(served);
  expect(first).toEqual(["at least", expect.stringMatching(/^2\d{3}-.*Z$/)]);
  await served.walk();
  expect(await sinceOf(served)).toEqual(first);

  registry.put("team/app", "latest", app);
  await served.walk();
  expect(await sinceOf(served)).toEqual(["", ""]);
  registry.storage.unlinkManifest("team/app", child.digest);
  await served.walk();
  const again = await sinceOf(served);
  expect(again[0]).toBe("");
  expect(Date.parse(again[1] ?? "")).toBeGreaterThan(Date.parse(first[1] ?? ""));
});

test("an incomplete walk keeps what earlier ones proved", async () => {
  const served = await serve("--verify-bytes", "1/2");
  await served.walked();
  const before = await served.metrics();
  const verified = of('bytes_verified_timestamp|slice="1/2"');
  expect(before[verified]).toBe(before[of("last_run_timestamp")]);
  registry.script({ fault: { kind: "status", status: 403 }, path: "/v2/tool/manifests/" });
  await served.walk();
  const after = await served.metrics();
  expect(after[of("last_run_timestamp")]).toBeGreaterThan(before[of("last_run_timestamp")] ?? 0);
  for (const kept of [verified, of("last_success_timestamp")]) expect(after[kept]).toBe(before[kept]);
  expect(after[of('undetermined|reason="unauthorized"')]).toBe(1);
});

test("the slice of auto/n moves on with every interval", async () => {
  const realNow = Date.now;
  let intervals = 0;
  serving = await Serving.start([registry.url, "--verify-bytes", "auto/3"], {
    now: () => realNow() + intervals * 900_000,
  });
  for (let walk = 0; walk < 3; walk++) {
    await serving.walked();
    intervals += 1;
    serving.begin();
  }
  await serving.walked();
  const slices = Object.keys(await serving.metrics()).filter((key) => key.startsWith("bytes_verified"));
  expect(slices.sort()).toEqual(
    ["1/3", "2/3", "3/3"].map((k) => of(`bytes_verified_timestamp|slice="${k}"`)),
  );
});

describe("several registries", () => {
  let other: EmbeddedRegistry;

  beforeEach(async () => {
    other = await EmbeddedRegistry.start();
  });

  afterEach(() => other.close());

  test("each has its instance and its own walks; the report is an array", async () => {
    registry.script({ fault: { kind: "hang" } });
    const served = await serve(other.url);
    await served.walked(1);
    expect(await served.metrics()).toMatchObject({ [of("repos_checked", other.host)]: 0 });
    expect(await served.metrics()).not.toHaveProperty([of("repos_checked")]);
    expect((await served.get("/readyz")).text).toContain(registry.host);
    expect(JSON.parse((await served.get("/report")).text)).toEqual([
      expect.objectContaining({ registry: other.host }),
    ]);
    const { text } = await served.get("/metrics");
    expect(text.match(/^# TYPE registry_manifest_integrity_failures /gm)).toHaveLength(1);
  });

  test("both reports, in the order of the words", async () => {
    const served = await serve(other.url);
    await served.walked(2);
    const reports: { registry: string }[] = JSON.parse((await served.get("/report")).text);
    expect(reports.map((report) => report.registry)).toEqual([registry.host, other.host]);
    const { text } = await served.get("/metrics");
    expect(text.match(/^# HELP registry_manifest_integrity_failures /gm)).toHaveLength(1);
    expect(text.match(/^registry_manifest_integrity_failures\{/gm)).toHaveLength(2);
  });
});

test("known damage is read anew for each walk, and a file that is no such file stops none", async () => {
  registry.storage.unlinkManifest("team/app", child.digest);
  const file = join(folder, "accept.json");
  writeFileSync(file, '{"accept":[]}');
  const served = await serve("--accept-file", file);
  await served.walked();
  expect((await served.metrics())[of("failures")]).toBe(1);
  const entry = {
    repository: "team/app",
    digest: String(child.digest),
    until: "2999-01-01",
    reason: "known",
  };
  writeFileSync(file, JSON.stringify({ accept: [entry] }));
  await served.walk();
  expect(await served.metrics()).toMatchObject({ [of("failures")]: 0, [of("accepted_failures")]: 1 });
  writeFileSync(file, "half a");
  await served.walk();
  expect(await served.metrics()).toMatchObject({ [of("failures")]: 0, [of("accepted_failures")]: 1 });
  expect(served.stderr).toMatch(/accept file .* must be JSON.*The walk goes on with what was read before/);
});

test("names that a registry sends break neither a label nor the page", async () => {
  const names = [
    '"} 1\nregistry_manifest_integrity_failures 0',
    "<script>alert(1)</script>",
    "a\u202egpj.exe",
  ];
  registry.script({ fault: { kind: "json", value: { repositories: names } }, path: "/_catalog" });
  const served = await serve();
  await served.walked();
  expect(await served.metrics()).toMatchObject({ [of('undetermined|reason="invalid_name"')]: 3 });
  const { text } = await served.get("/");
  expect(text).not.toContain("<script>alert");
  expect(text).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
  expect(text).not.toContain("\u202e");
});

describe("words that make no sense", () => {
  test.each([
    [["serve"], "serve needs a registry, as `tallyman serve registry.example.com:5050`"],
    [["serve", "a", "b", "--address", "c:1"], "--address belongs to one registry, and there are 2"],
    [["serve", "a", "b", "--repository", "c"], "--repository belongs to one registry, and there are 2"],
    [["serve", "a", "b", "--accept-file", "c"], "--accept-file belongs to one registry, and there are 2"],
    [["serve", "a", "b", "--instance", "c"], "--instance belongs to one registry, and there are 2"],
    [["serve", "a:1", "https://a:1"], 'each registry stands once, got twice "a:1"'],
    [["serve", "a", "--listen", "9099"], "--listen must be host:port as 127.0.0.1:9099"],
    [["serve", "a", "--listen", "127.0.0.1:65536"], "--listen must be host:port as 127.0.0.1:9099"],
    [["serve", "a", "--listen", "192.0.2.1:0"], "--listen must be an address that is free on this machine"],
    [["serve", "a", "--push", "http://b"], "Unknown option '--push'"],
    [["serve", "a", "--ca", __filename, "--listen", "127.0.0.1:0"], "ca must hold certificates in PEM"],
  ])("%j exits 64", async (words, message) => {
    const { exitCode, stderr } = await tallyman(words);
    expect([exitCode, stderr]).toEqual([64, expect.stringContaining(message)]);
  });

  test("credentials of one registry for several", async () => {
    const env = { TALLYMAN_USERNAME: "me", TALLYMAN_PASSWORD: "hunter2" };
    const { exitCode, stderr } = await tallyman(["serve", "a", "b", "--listen", "127.0.0.1:0"], { env });
    expect([exitCode, stderr]).toEqual([64, expect.stringContaining("--docker-config")]);
    expect(stderr).not.toContain("hunter2");
  });
});

describe("an end by signal", () => {
  let program = "";

  beforeAll(async () => {
    const { bundleOptions } = jest.requireActual<{ readonly bundleOptions: Parameters<typeof build>[0] }>(
      "../../scripts/bundle.js",
    );
    const [file] = (await build({ ...bundleOptions, write: false })).outputFiles ?? [];
    if (file === undefined) throw new Error("esbuild made no file");
    program = mkdtempSync(join(tmpdir(), "tallyman-serve-program-"));
    writeFileSync(join(program, "tallyman.mjs"), file.contents);
  });

  afterAll(() => rmSync(program, { recursive: true, force: true }));

  /** Starts the program as a pod does; `asked` resolves when it has asked the registry. */
  async function started(...words: string[]) {
    const process_ = spawn(
      process.execPath,
      [...PROGRAM_NODE_FLAGS, join(program, "tallyman.mjs"), "serve", ...words, "--listen", "127.0.0.1:0"],
      { stdio: ["ignore", "pipe", "pipe"], env: { PATH: process.env.PATH } },
    );
    let stderr = "";
    const port = await new Promise<number>((resolve, reject) => {
      process_.on("exit", () => reject(new Error(`serve ended: ${stderr}`)));
      process_.stderr.on("data", (chunk: Buffer) => {
        stderr += chunk.toString("utf8");
        const found = /serving on 127\.0\.0\.1:(\d+)/.exec(stderr)?.[1];
        if (found !== undefined) resolve(Number(found));
      });
    });
    return { process: process_, port, stderr: () => stderr };
  }

  test.each([
    ["a registry that is silent", "hang", "SIGTERM", []],
    ["a rate of one request in ten seconds", null, "SIGTERM", ["--rate", "0.1"]],
    ["a whole walk done", null, "SIGINT", ["--rate", "0"]],
  ] as const)("%s: within a second, with exit 0", async (_, fault, signal, words) => {
    if (fault !== null) registry.script({ fault: { kind: fault }, after: 2 });
    const running = await started(registry.url, ...words);
    try {
      while (registry.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
      // Also with a client that holds its connection.
      await rawHttp(`http://127.0.0.1:${running.port}/metrics`, { headers: { connection: "keep-alive" } });
      await new Promise((resolve) => setTimeout(resolve, 150));
      const ended = once(running.process, "exit");
      const began = performance.now();
      running.process.kill(signal);
      const [code, by] = await ended;
      expect([code, by]).toEqual([0, null]);
      expect(performance.now() - began).toBeLessThan(1_000);
      expect(running.stderr()).toBe(`tallyman: serving on 127.0.0.1:${running.port}\n`);
    } finally {
      running.process.kill("SIGKILL");
    }
  });
});
