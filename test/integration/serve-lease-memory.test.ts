/** Replicas that take turns and remember: whoever begins to walk, by whatever memory, tells what is true now. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Report } from "../../lib/integrity/report";
import { EmbeddedRegistry } from "../../lib/testing";
import { LeaseApi } from "../support/lease-api";
import { damageOf, reportOf } from "../support/tallyman";
import { firstChild, twoPlatforms } from "../support/two-platforms";
import { Serving } from "./serving";

const NAMES = ["a", "b", "c"];
/** An index and two children each. */
const MANIFESTS = 3 * NAMES.length;
const LEASE = ["--lease", "probe", "--lease-duration", "5s"];

let registry: EmbeddedRegistry;
let api: LeaseApi;
let folder: string;
let servings: Serving[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "tallyman-replicas-"));
  registry = await EmbeddedRegistry.start();
  for (const name of NAMES) registry.put(name, "1.0", twoPlatforms(name));
  api = await LeaseApi.start();
});

afterEach(async () => {
  await Promise.all(servings.map((one) => one.stop()));
  servings = [];
  await registry.close();
  await api.close();
  rmSync(folder, { recursive: true, force: true });
});

async function replica(identity: string, memory: string): Promise<Serving> {
  const words = [registry.url, ...LEASE, "--lease-identity", identity, "--memory", memory];
  const serving = await Serving.start(words, { env: api.env });
  servings.push(serving);
  return serving;
}

async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = performance.now() + 15_000; !(await isSo()); await sleep(20)) {
    if (performance.now() > end) throw new Error(`waited in vain: ${what}`);
  }
}

const says = (one: Serving, text: string) => until(text, () => one.stderr.includes(text));
const walks = () => registry.requests.filter(({ url }) => url.startsWith("/v2/_catalog")).length;
const asked = (method: string) =>
  registry.requests.filter((request) => request.method === method && request.url.includes("/manifests/"))
    .length;

async function reportBy(one: Serving): Promise<Report> {
  const { status, text } = await one.get("/report");
  expect(status).toBe(200);
  return JSON.parse(text) as Report;
}

/** A child lost, a tag moved to what is broken, a tag gone. */
function change(): void {
  registry.storage.unlinkManifest("a", firstChild(twoPlatforms("a")).digest);
  const moved = twoPlatforms("moved");
  registry.put("b", "1.0", moved);
  registry.storage.deleteBlobData(firstChild(moved).digest);
  registry.storage.deleteTag("c", "1.0");
}

const DAMAGE = ["index_child_missing a 1.0 [linux/amd64]", "index_child_missing b 1.0 [linux/amd64]"];

/** All that a report says of the registry. */
const factsOf = ({ findings, undetermined, coverage, checked }: Report) => {
  const { repositories, tags, indexes, manifests, blobs } = checked;
  return { findings, undetermined, coverage, counts: { repositories, tags, indexes, manifests, blobs } };
};

async function holdsTrue(one: Serving): Promise<void> {
  const report = await reportBy(one);
  expect(damageOf(report).sort()).toEqual(DAMAGE);
  const { report: plain } = await reportOf(["probe", registry.url]);
  expect(factsOf(report)).toEqual(factsOf(plain));
  expect((await one.metrics())[`failures{instance="${registry.host}"}`]).toBe(2);
}

test.each(["a file of its own", "the process"])(
  "who comes back after another walked, with an old memory in %s, tells what is true now",
  async (place) => {
    const one = await replica("a", place === "the process" ? "process" : join(folder, "a.memory"));
    await one.walked();
    expect(damageOf(await reportBy(one))).toEqual([]);
    api.hold("probe", "another");
    await says(one, "stands by: another");
    // What it proved is told until the other can have walked, and then no longer.
    one.begin();
    await until("nothing to tell", async () => Object.keys(await one.metrics()).length === 0);
    change();
    registry.forgetRequests();
    api.hold("probe", "");
    await until("a walk", () => walks() === 1);
    await one.walked();
    await holdsTrue(one);
    const { remembered } = (await reportBy(one)).checked;
    expect(remembered).toBeGreaterThan(0);
    expect(remembered).toBeLessThan(MANIFESTS);
    expect(one.stderr).not.toContain("is ignored");
  },
);

test("each with a file of its own: who takes over has read nothing yet, and reads all", async () => {
  const first = await replica("a", join(folder, "a.memory"));
  await first.walked();
  const second = await replica("b", join(folder, "b.memory"));
  await says(second, "stands by: a_");
  expect(existsSync(join(folder, "b.memory"))).toBe(false);
  change();
  registry.forgetRequests();
  expect(await first.stop()).toBe(0);
  await second.walked();
  const { remembered } = (await reportBy(second)).checked;
  expect([remembered, asked("HEAD")]).toEqual([0, 0]);
  await holdsTrue(second);
});

test("one file for both, as on a claim that nodes share: who takes over knows what the other read", async () => {
  const shared = join(folder, "registry.memory");
  const first = await replica("a", shared);
  await first.walked();
  const second = await replica("b", shared);
  await says(second, "stands by: a_");
  registry.forgetRequests();
  expect(await first.stop()).toBe(0);
  await second.walked();
  expect([asked("GET"), asked("HEAD")]).toEqual([0, MANIFESTS]);
  expect(damageOf(await reportBy(second))).toEqual([]);
  change();
  await second.walk();
  await holdsTrue(second);
});

test("one file for both: a walk that is given up with the lease leaves it to the other", async () => {
  const shared = join(folder, "registry.memory");
  const first = await replica("a", shared);
  await first.walked();
  const before = readFileSync(shared);
  registry.put("new", "1.0", twoPlatforms("new"));
  const hang = registry.script({ fault: { kind: "hang" }, path: "/new/blobs/" });
  first.begin();
  await until("the midst of a walk", () => hang.hits > 0);
  api.hold("probe", "another");
  await says(first, "stands by: another");
  hang.remove();
  await sleep(200);
  expect(readFileSync(shared)).toEqual(before);
  // The other's walk, to its end.
  const words = ["probe", registry.url, "--memory", shared];
  expect((await reportOf(words)).exitCode).toBe(0);
  const written = readFileSync(shared);
  await sleep(200);
  expect(await first.stop()).toBe(0);
  expect(readFileSync(shared)).toEqual(written);
  expect(readdirSync(folder)).toEqual(["registry.memory"]);
  expect((await reportOf(words)).report.checked.remembered).toBe(MANIFESTS + 3);
});
