/** `tallyman serve --lease`: replicas that take turns, by an API that is scripted. */
import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { EmbeddedRegistry } from "../../lib/testing";
import { LeaseApi } from "../support/lease-api";
import { tallyman } from "../support/tallyman";
import { firstChild, twoPlatforms } from "../support/two-platforms";
import { Serving } from "./serving";

const app = twoPlatforms("serve-lease/app");
const FAILURES = "failures";
const LEASE = ["--lease", "probe", "--lease-duration", "5s"];

let registry: EmbeddedRegistry;
let api: LeaseApi;
let servings: Serving[] = [];

beforeEach(async () => {
  registry = await EmbeddedRegistry.start();
  registry.put("app", "latest", app);
  api = await LeaseApi.start();
});

afterEach(async () => {
  await Promise.all(servings.map((one) => one.stop()));
  servings = [];
  await registry.close();
  await api.close();
});

async function replica(identity: string, ...words: string[]): Promise<Serving> {
  const own = [registry.url, ...LEASE, "--lease-identity", identity, ...words];
  const serving = await Serving.start(own, { env: api.env });
  servings.push(serving);
  return serving;
}

const walks = () => registry.requests.filter(({ url }) => url.startsWith("/v2/_catalog")).length;

async function until(
  what: string,
  isSo: () => boolean | Promise<boolean>,
  timeoutMs = 15_000,
): Promise<void> {
  for (const end = performance.now() + timeoutMs; !(await isSo()); await sleep(20)) {
    if (performance.now() > end) throw new Error(`waited in vain: ${what}`);
  }
}

const says = (one: Serving, text: string) => until(text, () => one.stderr.includes(text));

test("one walks; the other stands by, is ready, and has no series", async () => {
  const first = await replica("a");
  await first.walked();
  const second = await replica("b");
  await says(second, "stands by: a_");
  expect(first.stderr).toContain("tallyman: walks: it holds the lease monitoring/probe\n");
  expect(await second.metrics()).toEqual({});
  const ready = await second.get("/readyz");
  expect([ready.status, ready.text]).toEqual([
    200,
    expect.stringMatching(/^stands by: a_[0-9a-f]{8} holds the lease monitoring\/probe, and walks\n$/),
  ]);
  expect((await second.get("/healthz")).status).toBe(200);
  const report = await second.get("/report");
  expect([report.status, report.text]).toEqual([503, expect.stringContaining("this replica stands by: a_")]);
  expect((await second.get("/")).text).toContain("This replica stands by: a_");
  expect((await first.get("/")).text).toContain("This replica walks: it holds the lease monitoring/probe.");
  expect((await first.get("/readyz")).text).toBe("every registry was walked\n");
  expect(walks()).toBe(1);
});

test("asked to end in mid-walk it ends the walk first, then lets go, and the other walks at once", async () => {
  registry.script({ fault: { kind: "hang" }, path: "/blobs/" });
  const first = await replica("a");
  await until("a walk", () => walks() === 1);
  const second = await replica("b");
  await says(second, "stands by: a_");
  registry.clearScript();
  const began = performance.now();
  expect(await first.stop()).toBe(0);
  expect(performance.now() - began).toBeLessThan(1_000);
  expect(first.stdout).toBe("");
  expect(api.holder("probe")).not.toMatch(/^a_/);
  await second.walked();
  expect(performance.now() - began).toBeLessThan(4_000);
  expect((await second.metrics())[`${FAILURES}{instance="${registry.host}"}`]).toBe(0);
});

test("an API that fails: the walk under way is given up and no result, what was proven stands, walks go on alone", async () => {
  registry.storage.unlinkManifest("app", firstChild(app).digest);
  const one = await replica("a", "--interval", "2m");
  await one.walked();
  const key = `${FAILURES}{instance="${registry.host}"}`;
  expect((await one.metrics())[key]).toBe(1);
  registry.script({ fault: { kind: "hang" }, path: "/blobs/" });
  one.begin();
  await until("the second walk", () => walks() === 2);
  const before = await one.metrics();
  api.fault = (_, response) => response.writeHead(500).end();
  await says(one, "stands down: the lease monitoring/probe could not be renewed");
  expect(await one.metrics()).toEqual(before);
  expect((await one.get("/readyz")).status).toBe(200);
  api.fault = null;
  registry.clearScript();
  await until("the third walk", () => walks() === 3);
  await one.walked();
  expect(one.stderr.match(/walks: it holds/g)).toHaveLength(2);
});

test("who lost the lease to another tells what it proved until that one can have walked, and no longer", async () => {
  const one = await replica("a");
  await one.walked();
  api.hold("probe", "another");
  await says(one, "stands by: another holds the lease");
  expect(Object.keys(await one.metrics()).length).toBeGreaterThan(5);
  // Every long wait ends: that for the other's first walk is the only one left.
  one.begin();
  await until("nothing to tell", async () => Object.keys(await one.metrics()).length === 0);
  expect((await one.get("/report")).status).toBe(503);
  expect((await one.get("/readyz")).status).toBe(200);
});

test("who gets it back in time keeps what it proved", async () => {
  const one = await replica("a");
  await one.walked();
  api.hold("probe", "another");
  await says(one, "stands by: another");
  const before = await one.metrics();
  registry.script({ fault: { kind: "hang" } });
  api.hold("probe", "");
  await until("the lease", () => api.holder("probe").startsWith("a_"));
  await until("a walk", () => walks() === 2);
  expect(await one.metrics()).toEqual(before);
});

test.each([
  [401, "Mount a token"],
  [
    403,
    "Bind a Role to the pod's service account with the verbs get and update of this lease and create of leases",
  ],
])("%d: it says so once, with the fix, and walks alone", async (status, fix) => {
  api.fault = (_, response) => response.writeHead(status).end();
  const one = await replica("a");
  const waiting = await one.get("/readyz");
  expect([waiting.status, waiting.text]).toEqual([503, expect.stringContaining("could not be read yet")]);
  await one.walked();
  expect(one.stderr.match(/walks alone/g)).toHaveLength(1);
  expect(one.stderr).toContain(`with ${status}. ${fix}`);
  expect(one.stderr).toContain("With further replicas walks are doubled until that is mended");
  expect((await one.get("/readyz")).status).toBe(200);
  api.fault = null;
  api.hold("probe", "another");
  await says(one, "stands by: another");
});

test("outside of a cluster it says so, and walks alone at once", async () => {
  const one = await Serving.start([registry.url, ...LEASE], { env: {} });
  servings.push(one);
  await one.walked();
  expect(one.stderr).toContain("walks alone, without the lease ?/probe: KUBERNETES_SERVICE_HOST and");
  const folderless = { ...api.env, TALLYMAN_SERVICE_ACCOUNT_DIR: "/nonexistent" };
  const other = await Serving.start([registry.url, "--lease", "monitoring/probe"], { env: folderless });
  servings.push(other);
  await other.walked();
  expect(other.stderr).toContain("/nonexistent/");
  expect(api.requests).toEqual([]);
});

test("words that no walk can go by end it as without a lease, which is let go", async () => {
  const words = ["serve", registry.url, ...LEASE, "--ca", __filename, "--listen", "127.0.0.1:0"];
  const { exitCode, stderr } = await tallyman(words, { env: api.env });
  expect([exitCode, stderr]).toEqual([64, expect.stringContaining("ca must hold certificates in PEM")]);
  expect([api.leases.size, api.holder("probe")]).toEqual([1, ""]);
});

test("two processes of one host are two, whatever they are called", async () => {
  const first = await Serving.start([registry.url, ...LEASE], { env: api.env });
  servings.push(first);
  await first.walked();
  const second = await Serving.start([registry.url, ...LEASE], { env: api.env });
  servings.push(second);
  await says(second, `stands by: ${hostname()}_`);
});

test.each([
  [["--lease", "A"], "--lease must be <namespace>/<name> or <name>"],
  [["--lease", "a/b/c"], "--lease must be <namespace>/<name> or <name>"],
  [["--lease", "a.b/c"], "--lease must be <namespace>/<name> or <name>"],
  [["--lease", ""], "--lease must be <namespace>/<name> or <name>"],
  [["--lease-identity", "a"], "--lease-identity says something of --lease, which is not given"],
  [["--lease", "a", "--lease-identity", "a\nb"], "--lease-identity must be printable text"],
  [["--lease", "a", "--lease-duration", "4s"], "--lease-duration must be a duration of at least 5s"],
  [["--lease", "a", "--lease-duration", "2m"], "--lease-duration must be a duration of at most 1m"],
])("%j exits 64", async (words, message) => {
  const { exitCode, stderr } = await tallyman(["serve", "a.example", "--listen", "127.0.0.1:0", ...words]);
  expect([exitCode, stderr]).toEqual([64, expect.stringContaining(message)]);
});
