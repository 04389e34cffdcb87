/** `tallyman verify`: the post-push check, on the embedded registry. */
import { REPORT_SCHEMA, type Report } from "../../lib/integrity/report";
import { Digest } from "../../lib/oci/digest";
import { buildImage, buildIndex, EmbeddedRegistry } from "../../lib/testing";
import { brief, damageOf, reportOf, tallyman } from "../support/tallyman";
import { firstChild, firstLayer, twoPlatforms } from "../support/two-platforms";

const app = twoPlatforms("verify/app");
const next = twoPlatforms("verify/next");
const tool = buildImage({ seed: "verify/tool" });

let registry: EmbeddedRegistry;

beforeEach(async () => {
  registry = await EmbeddedRegistry.start();
  registry.put("team/app", "1.0", app);
  registry.put("team/app", "1.1", next);
  registry.put("tool", "2.0", tool);
});

afterEach(() => registry.close());

const image = (name: string): string => `${registry.url}/${name}`;
const verify = (...words: string[]) => reportOf(["verify", ...words]);

test("a whole image: 0, with every object of its graph asked for", async () => {
  const { exitCode, report, stderr } = await verify(image("team/app:1.0"));
  expect({ exitCode, stderr, findings: report.findings }).toEqual({ exitCode: 0, stderr: "", findings: [] });
  expect(report).toMatchObject({ complete: true, coverage: 1 });
  expect(report.checked).toMatchObject({ repositories: 1, tags: 1, indexes: 1, manifests: 2, blobs: 6 });
});

test("of other images of the registry nothing is asked, and neither are the lists", async () => {
  await verify(image("team/app:1.0"));
  const asked = registry.requests.map(({ url }) => url);
  expect(asked.filter((url) => /_catalog|tags\/list|\/tool\/|1\.1/.test(url))).toEqual([]);
});

describe("a reference that is not there is damage", () => {
  const unknown = Digest.sha256(Buffer.from("nowhere"));

  test.each([
    ["a tag", "team/app:9.9", { tags: ["9.9"], digest: null, path: ["9.9"] }],
    ["a tag of an unknown repository", "no/such:1.0", { tags: ["1.0"], digest: null, path: ["1.0"] }],
    ["a digest", `team/app@${unknown}`, { tags: [], digest: `${unknown}`, path: [`${unknown}`] }],
    ["a digest of another repository", `tool@${app.digest}`, { tags: [], digest: `${app.digest}` }],
  ])("%s", async (_what, name, place) => {
    const { exitCode, report } = await verify(image(name));
    expect(report.findings).toEqual([
      expect.objectContaining({ kind: "manifest_missing", severity: "damage", platform: null, ...place }),
    ]);
    expect({ exitCode, undetermined: report.undetermined }).toEqual({ exitCode: 1, undetermined: [] });
    expect(report.complete).toBe(true);
  });
});

test("a lost child is named with every tag that was given, and no other", async () => {
  registry.put("team/app", "latest", app);
  registry.put("team/app", "old", app);
  registry.storage.unlinkManifest("team/app", firstChild(app).digest);
  const { exitCode, report } = await verify(image("team/app:1.0"), image("team/app:latest"));
  expect(exitCode).toBe(1);
  expect(report.findings.map(brief)).toEqual(["index_child_missing team/app 1.0,latest [linux/amd64]"]);
  expect(report.findings[0]?.path).toEqual(["1.0", `${app.digest}`, `${firstChild(app).digest}`]);
});

test("name:tag@digest: both are asked, and each may fail alone", async () => {
  expect((await verify(image(`team/app:1.0@${app.digest}`))).exitCode).toBe(0);
  expect((await verify(image(`team/app@${app.digest}`))).report.checked).toMatchObject({
    tags: 0,
    indexes: 1,
  });
  const lost = await verify(image(`team/app:9.9@${app.digest}`));
  expect([lost.exitCode, damageOf(lost.report)]).toEqual([1, ["manifest_missing team/app 9.9"]]);
  registry.storage.unlinkManifest("team/app", firstChild(app).digest);
  const broken = await verify(image(`team/app:1.1@${app.digest}`));
  expect([broken.exitCode, damageOf(broken.report)]).toEqual([
    1,
    ["index_child_missing team/app  [linux/amd64]"],
  ]);
  expect(broken.report.findings[0]?.path).toEqual([`${app.digest}`, `${firstChild(app).digest}`]);
});

test("several images of one repository, and of several, are one report", async () => {
  registry.storage.deleteBlobData(firstLayer(next).digest);
  const { exitCode, report } = await verify(...["team/app:1.0", "team/app:1.1", "tool:2.0"].map(image));
  expect(exitCode).toBe(1);
  expect(report.checked).toMatchObject({ repositories: 2, tags: 3, indexes: 2, manifests: 5 });
  expect(report.findings.map(brief)).toEqual(["layer_missing team/app 1.1 [linux/amd64]"]);
});

test("an index below an index is proven to its last layer", async () => {
  registry.put("nested", "1", buildIndex({ children: [app, tool] }));
  const whole = await verify(image("nested:1"));
  expect([whole.exitCode, whole.report.checked.indexes, whole.report.checked.manifests]).toEqual([0, 2, 3]);
  registry.storage.deleteBlobData(firstLayer(app).digest);
  registry.restart();
  const { exitCode, report } = await verify(image("nested:1"));
  expect([exitCode, damageOf(report)]).toEqual([1, ["layer_missing nested 1 [linux/amd64]"]]);
  expect(report.findings[0]?.path).toHaveLength(5);
});

test("what could not be determined is neither whole nor damaged: 2", async () => {
  registry.script({ fault: { kind: "status", status: 403 }, path: `${firstChild(app).digest}` });
  const { exitCode, report } = await verify(image("team/app:1.0"));
  expect([exitCode, report.complete, report.findings]).toEqual([2, false, []]);
  expect(report.undetermined).toEqual([
    {
      reason: "unauthorized",
      repository: "team/app",
      reference: `${firstChild(app).digest}`,
      detail: expect.stringContaining("403"),
    },
  ]);
});

describe("images on two registries", () => {
  let other: EmbeddedRegistry;

  beforeEach(async () => {
    other = await EmbeddedRegistry.start();
    other.put("team/app", "1.0", app);
  });

  afterEach(() => other.close());

  const both = (): string[] => [image("team/app:1.0"), `${other.url}/team/app:1.0`];

  function reportsIn(stdout: string): Report[] {
    return stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Report);
  }

  test("are two reports, in JSON one a line, and the worse decides", async () => {
    other.storage.unlinkManifest("team/app", firstChild(app).digest);
    const { exitCode, stdout } = await tallyman(["verify", ...both(), "--rate", "0", "--format", "json"]);
    const reports = reportsIn(stdout);
    expect(reports.map((report) => [report.registry, report.instance, damageOf(report).length])).toEqual([
      [registry.host, registry.host, 0],
      [other.host, other.host, 1],
    ]);
    expect(exitCode).toBe(1);
    const table = await tallyman(["verify", ...both(), "--rate", "0"]);
    expect(table.stdout).toMatch(/WHOLE: [\s\S]*DAMAGED: 1 broken reference;/);
  });

  test("damage on one outweighs what could not be determined on the other", async () => {
    other.storage.unlinkManifest("team/app", firstChild(app).digest);
    registry.script({ fault: { kind: "status", status: 403 } });
    expect((await tallyman(["verify", ...both(), "--rate", "0"])).exitCode).toBe(1);
    other.storage.put("team/app", "1.0", app);
    expect((await tallyman(["verify", ...both(), "--rate", "0"])).exitCode).toBe(2);
  });

  test("are refused with credentials that name no registry, before anything is asked", async () => {
    const env = { TALLYMAN_USERNAME: "reader", TALLYMAN_PASSWORD: "p4ssw0rd" };
    const { exitCode, stdout, stderr } = await tallyman(["verify", ...both()], { env });
    expect([exitCode, stdout]).toEqual([64, ""]);
    expect(stderr).toContain(`${registry.host}, ${other.host}`);
    expect(stderr).toContain("--docker-config");
    expect(stderr).not.toContain("p4ssw0rd");
    expect([registry.requests, other.requests]).toEqual([[], []]);
    const one = [image("team/app:1.0"), image("tool:2.0")];
    expect((await tallyman(["verify", ...one, "--rate", "0"], { env })).exitCode).toBe(0);
  });

  test("are refused with --address, which is one registry's", async () => {
    const { exitCode, stderr } = await tallyman(["verify", ...both(), "--address", "127.0.0.1:1"]);
    expect([exitCode, stderr]).toEqual([64, expect.stringContaining("--address belongs to one registry")]);
  });
});

test("the scheme in the image decides: without one it is TLS, never plain HTTP", async () => {
  const run = await verify(image("tool:2.0").replace("http://", ""));
  expect([run.exitCode, run.report.undetermined[0]?.reason]).toEqual([2, "tls"]);
  expect(registry.requests).toEqual([]);
});

test("tallyman.report/1: every key is always there, null when unknown", async () => {
  registry.storage.unlinkManifest("team/app", firstChild(app).digest);
  registry.script({ fault: { kind: "status", status: 403 }, path: "/v2/tool/" });
  const images = ["team/app:1.0", "team/app:9.9", "tool:2.0"].map(image);
  const { report } = await verify(...images);
  registry.script({ fault: { kind: "status", status: 403 }, path: "_catalog" });
  const probe = (await reportOf(["probe", registry.url])).report;

  expect(Object.keys(report)).toEqual([
    ...["schema", "registry", "instance", "shard", "startedAt", "durationMs", "complete"],
    ...["checked", "proof", "coverage", "findings", "undetermined"],
  ]);
  expect(Object.keys(report.checked)).toEqual([
    ...["repositories", "tags", "indexes", "manifests", "blobs", "bytes", "requests", "remembered"],
  ]);
  expect(report.findings).toHaveLength(2);
  for (const finding of report.findings) {
    expect(Object.keys(finding)).toEqual([
      ...["kind", "severity", "repository", "tags", "digest", "path", "platform", "detail", "repair"],
    ]);
  }
  expect(report.findings.map(({ digest, platform }) => [digest, platform])).toEqual([
    [`${firstChild(app).digest}`, "linux/amd64"],
    [null, null],
  ]);
  const entries = [...report.undetermined, ...probe.undetermined];
  for (const entry of entries)
    expect(Object.keys(entry)).toEqual(["reason", "repository", "reference", "detail"]);
  expect(entries.map(({ repository, reference }) => [repository, reference])).toEqual([
    ["tool", "2.0"],
    [null, null],
  ]);
  expect(report).toMatchObject({ schema: REPORT_SCHEMA, registry: registry.host, complete: false });
  expect(new Date(report.startedAt).toISOString()).toBe(report.startedAt);
  expect([report.coverage > 0 && report.coverage < 1, probe.coverage]).toEqual([true, 0]);
  expect(report.checked.requests).toBeGreaterThanOrEqual(10);
  expect(report.checked.bytes).toBeGreaterThan(app.body.length);
});
