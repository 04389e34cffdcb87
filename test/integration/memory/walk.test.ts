/** `--memory`: what the second walk asks for, and what it makes of every answer. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { keyOf } from "../../../lib/integrity/memory/memory-format";
import { rereadAtMs } from "../../../lib/integrity/memory/reread";
import type { Report } from "../../../lib/integrity/report";
import { MediaType } from "../../../lib/oci/media-type";
import {
  type BuiltManifest,
  buildImage,
  buildIndex,
  buildRawManifest,
  EmbeddedRegistry,
  type EmbeddedRegistryOptions,
  type Reply,
} from "../../../lib/testing";
import { damageOf, type ReportRun, reportOf, tallyman } from "../../support/tallyman";
import { firstChild, twoPlatforms } from "../../support/two-platforms";
import { Serving } from "../serving";

const MADE_AT_MS = Date.UTC(2026, 0, 1);
const HOUR_MS = 3_600_000;

let registry: EmbeddedRegistry;
let folder: string;
let memory: string;

async function start(options: EmbeddedRegistryOptions = {}): Promise<void> {
  registry = await EmbeddedRegistry.start(options);
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tallyman-memory-"));
  memory = join(folder, "registry.memory");
});

afterEach(async () => {
  await registry?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Of the requests of one walk only. */
async function probe(nowMs: number, ...words: string[]): Promise<ReportRun> {
  registry.forgetRequests();
  return reportOf(["probe", registry.url, "--memory", memory, ...words], { now: () => nowMs });
}

const learn = (...words: string[]): Promise<ReportRun> => probe(MADE_AT_MS, ...words);
/** No manifest is due, and nothing is written for its age. */
const again = (...words: string[]): Promise<ReportRun> => probe(MADE_AT_MS + HOUR_MS / 2, ...words);

const asked = (method: string, part = "/manifests/"): number =>
  registry.requests.filter((request) => request.method === method && request.url.includes(part)).length;

const countsOf = ({ checked: { repositories, tags, indexes, manifests, blobs } }: Report) => ({
  repositories,
  tags,
  indexes,
  manifests,
  blobs,
});

function fill(): BuiltManifest[] {
  const images = ["a", "b", "c"].map((name) => twoPlatforms(name));
  for (const [i, image] of images.entries()) {
    registry.put(`team/app-${i}`, "1.0", image);
    registry.put(`team/app-${i}`, "latest", image);
  }
  return images;
}

describe("the second walk", () => {
  test("counts what the first one did, by HEAD alone, and says so", async () => {
    await start();
    fill();
    const first = await learn();
    expect([asked("GET"), asked("HEAD")]).toEqual([12, 0]);
    const second = await again();
    expect([asked("GET"), asked("HEAD")]).toEqual([0, 12]);
    expect(countsOf(second.report)).toEqual(countsOf(first.report));
    expect([first.report.checked.remembered, second.report.checked.remembered]).toEqual([0, 12]);
    expect(second.report.checked.requests).toBe(first.report.checked.requests);
    expect(second.report.checked.bytes).toBeLessThan(first.report.checked.bytes);
    expect([first.exitCode, second.exitCode, first.stderr, second.stderr]).toEqual([0, 0, "", ""]);
    const without = await reportOf(["probe", registry.url]);
    expect(without.report.checked.remembered).toBeNull();
    const table = await tallyman(["probe", registry.url, "--memory", memory, "--rate", "0"], {
      now: () => MADE_AT_MS,
    });
    expect(table.stdout).toContain("requests, 12 manifests known)");
  });

  test("reads a share again by the day, and all of it within one", async () => {
    await start();
    const images = fill();
    await learn();
    const manifests = images.flatMap((image) => [image, ...image.children]);
    for (const hours of [12, 18, 24]) {
      const nowMs = MADE_AT_MS + hours * HOUR_MS;
      const due = manifests.filter(
        ({ digest }) => rereadAtMs({ key: keyOf(digest), readAtS: MADE_AT_MS / 1000 }) <= nowMs,
      );
      // As the first walk left it: else what was read again is not due for half a day.
      const before = readFileSync(memory);
      await probe(nowMs);
      const read = registry.requests.filter(
        ({ method, url }) => method === "GET" && url.includes("/manifests/"),
      );
      const expected = due.flatMap((one) => (images.includes(one) ? ["tag", "tag"] : ["digest"]));
      expect(read).toHaveLength(expected.length);
      if (hours === 24) expect(due).toHaveLength(manifests.length);
      writeFileSync(memory, before);
    }
  });

  test("what was read again is known for another half a day", async () => {
    await start();
    fill();
    await learn();
    await probe(MADE_AT_MS + 24 * HOUR_MS);
    expect([asked("GET"), asked("HEAD")]).toEqual([12, 0]);
    await probe(MADE_AT_MS + 35 * HOUR_MS);
    expect([asked("GET"), asked("HEAD")]).toEqual([0, 12]);
  });

  test("goes where a moved tag leads, and forgets what nothing leads to", async () => {
    await start();
    fill();
    await learn();
    const moved = twoPlatforms("moved");
    registry.put("team/app-0", "latest", moved);
    registry.storage.deleteTagLink("team/app-1", "latest");
    const lost = firstChild(moved);
    registry.storage.deleteManifest("team/app-0", lost.digest);
    const { report } = await again();
    expect(damageOf(report)).toEqual([
      "index_child_missing team/app-0 latest [linux/amd64]",
      // The tags list still has it: a link that is gone.
      "manifest_missing team/app-1 latest",
    ]);
  });

  test("a registry of which nothing is left but an empty repository", async () => {
    await start();
    registry.put("app", "1.0", twoPlatforms("a"));
    await learn();
    registry.storage.deleteTag("app", "1.0");
    const { report, exitCode } = await probe(MADE_AT_MS + 2 * HOUR_MS);
    expect([exitCode, report.checked.tags, report.checked.remembered]).toEqual([0, 0, 0]);
    // What was not met is forgotten: put back, it is read.
    registry.put("app", "1.0", twoPlatforms("a"));
    await probe(MADE_AT_MS + 3 * HOUR_MS);
    expect([asked("GET"), asked("HEAD")]).toEqual([3, 0]);
  });

  test("a walk that its deadline cut forgets nothing", async () => {
    await start();
    fill();
    await learn();
    const hang = registry.script({ fault: { kind: "hang" }, path: "/team/app-1/" });
    const cut = await probe(MADE_AT_MS + 2 * HOUR_MS, "--deadline", "1s", "--concurrency", "1");
    expect(cut.exitCode).toBe(2);
    hang.remove();
    await probe(MADE_AT_MS + 3 * HOUR_MS);
    expect([asked("GET"), asked("HEAD")]).toEqual([0, 12]);
  });

  test("an entry of an index whose type says nothing is asked for as the manifest that it was", async () => {
    await start();
    const child = buildImage({ seed: "odd", layers: 1 });
    const entry = {
      mediaType: "application/vnd.example.odd+json",
      digest: `${child.digest}`,
      size: child.body.length,
    };
    const body = Buffer.from(
      JSON.stringify({ schemaVersion: 2, mediaType: MediaType.ociIndex, manifests: [entry] }),
    );
    registry.put("odd", "1", buildRawManifest({ body, mediaType: MediaType.ociIndex, children: [child] }));
    const first = await learn();
    const second = await again();
    expect(second.report.checked.requests).toBe(first.report.checked.requests - 1);
    expect(factsOf(second.report)).toEqual(factsOf(first.report));
    registry.storage.deleteBlobData(child.digest);
    const without = await reportOf(["probe", registry.url]);
    expect(factsOf((await again()).report)).toEqual(factsOf(without.report));
  });
});

/** All that a report says of the registry. */
function factsOf(report: Report) {
  const { findings, undetermined, coverage } = report;
  return { findings, undetermined, coverage, counts: countsOf(report) };
}

describe("an answer that is not plainly the old one is no answer: the manifest is read", () => {
  const child = firstChild(twoPlatforms("a"));
  test.each([
    ["another digest", { kind: "wrong-digest-header" }],
    ["a refusal of the method", { kind: "status", status: 405 }],
    ["a refusal of the rights", { kind: "status", status: 403 }],
    ["an error", { kind: "status", status: 500 }],
    ["no such manifest", { kind: "status", status: 404 }],
    ["a page for people", { kind: "html-sign-in" }],
    ["a broken connection", { kind: "reset" }],
    ["another length", { kind: "reply", change: (reply: Reply) => ({ ...reply, body: Buffer.alloc(7) }) }],
    ["no digest", { kind: "reply", change: withoutDigest }],
  ] as const)("%s", async (_, fault) => {
    await start();
    registry.put("app", "1.0", twoPlatforms("a"));
    await learn();
    registry.script({ fault, method: "HEAD", path: `${child.digest}` });
    const { report, exitCode } = await again();
    expect([exitCode, report.checked.remembered]).toEqual([0, 2]);
    expect(
      registry.requests.filter(({ method, url }) => method === "GET" && url.endsWith(`${child.digest}`)),
    ).toHaveLength(1);
  });

  test("a registry that answers no HEAD at all is asked for few", async () => {
    await start();
    for (let i = 0; i < 30; i++) registry.put("app", `${i}`, buildImage({ seed: `${i}`, layers: 1 }));
    await learn();
    registry.script({ fault: { kind: "status", status: 405 }, method: "HEAD" });
    const { exitCode } = await again("--concurrency", "1");
    expect([exitCode, asked("GET"), asked("HEAD")]).toEqual([0, 30, 8]);
  });

  test("what seems broken is looked at a second time by reading it", async () => {
    await start();
    registry.put("app", "1.0", twoPlatforms("a"));
    await learn();
    registry.storage.deleteBlobData(child.digest);
    await again();
    const about = registry.requests
      .filter(({ url }) => url.includes(`${child.digest}`))
      .map(({ method }) => method);
    expect(about).toEqual(["HEAD", "GET", "GET"]);
    // And whether its tag still points there, too.
    expect(registry.requests.filter(({ url }) => url.endsWith("/1.0")).map(({ method }) => method)).toEqual([
      "HEAD",
      "GET",
    ]);
  });
});

function withoutDigest(reply: Reply): Reply {
  const { "docker-content-digest": _, ...headers } = reply.headers;
  return { ...reply, headers };
}

describe("--newest", () => {
  test("takes the times of images from the memory: a request a tag, not three", async () => {
    await start();
    for (let i = 0; i < 10; i++) {
      const created = `2025-01-${10 + i}T00:00:00Z`;
      const images = ["linux/amd64", "linux/arm64"].map((platform) =>
        buildImage({ seed: `${i}/${platform}`, platform, created, mediaTypes: "docker", layers: 1 }),
      );
      registry.put("app", `v${i}`, buildIndex({ children: images, mediaTypes: "docker" }));
    }
    const first = await learn("--newest", "2");
    const second = await again("--newest", "2");
    expect(factsOf(second.report)).toEqual(factsOf(first.report));
    expect(first.report.checked.requests - second.report.checked.requests).toBe(2 * 10);
    // A tag that came is newer than all, and is read.
    registry.put(
      "app",
      "v10",
      buildImage({ seed: "new", created: "2026-01-01T00:00:00Z", mediaTypes: "docker" }),
    );
    const lost = buildImage({ seed: "new", created: "2026-01-01T00:00:00Z", mediaTypes: "docker" }).layers[0]
      ?.digest;
    registry.storage.deleteBlobData(lost ?? "");
    expect(damageOf((await again("--newest", "2")).report)).toEqual(["layer_missing app v10"]);
  });
});

describe("a memory that is no help is a word, and the walk is as without one", () => {
  const wholeWalk = async (nowMs = MADE_AT_MS): Promise<string> => {
    const { exitCode, stderr, report } = await probe(nowMs);
    expect([exitCode, report.checked.remembered, asked("GET"), asked("HEAD")]).toEqual([0, 0, 12, 0]);
    return stderr;
  };

  test("another registry's, which is left to it", async () => {
    await start();
    fill();
    const other = await EmbeddedRegistry.start();
    try {
      other.put("app", "1.0", twoPlatforms("a"));
      await reportOf(["probe", other.url, "--memory", memory], { now: () => MADE_AT_MS });
      const before = readFileSync(memory);
      expect(await wholeWalk()).toContain(
        "was written for another registry: it is ignored, and left as it is",
      );
      expect(readFileSync(memory)).toEqual(before);
    } finally {
      await other.close();
    }
  });

  test("a file of something else, which is left as it is", async () => {
    await start();
    fill();
    writeFileSync(memory, "precious");
    expect(await wholeWalk()).toContain("is no memory of a walk: it is ignored, and left as it is");
    expect(readFileSync(memory, "utf8")).toBe("precious");
  });

  test.each([
    ["a damaged one", "is damaged: it is ignored", (bytes: Buffer) => bytes.fill(0, 100, 101), 0],
    ["one that was cut", "is damaged: it is ignored", (bytes: Buffer) => bytes.subarray(0, 300), 0],
    ["an old one", "is older than 7 days: it is ignored", (bytes: Buffer) => bytes, 8 * 24 * HOUR_MS],
  ])("%s, which is written anew", async (_, said, change, laterMs) => {
    await start();
    fill();
    await learn();
    writeFileSync(memory, change(readFileSync(memory)));
    expect(await wholeWalk(MADE_AT_MS + laterMs)).toContain(said);
    expect((await probe(MADE_AT_MS + laterMs)).report.checked.remembered).toBe(12);
  });

  test("one that cannot be written", async () => {
    await start();
    fill();
    memory = join(folder, "absent", "memory");
    expect(await wholeWalk()).toContain("cannot be written (ENOENT): the next walk begins without it");
  });

  test("one that cannot be written any more", async () => {
    await start();
    fill();
    memory = "/proc/self/memory";
    expect(await wholeWalk()).toMatch(/cannot be written \(E[A-Z]+\)/);
  });
});

describe("serve", () => {
  test("keeps what it knows in the process", async () => {
    await start();
    fill();
    const served = await Serving.start([registry.url, "--memory", "process"], { now: () => MADE_AT_MS });
    await served.walked();
    registry.forgetRequests();
    await served.walk();
    expect([asked("GET"), asked("HEAD")]).toEqual([0, 12]);
    expect(await served.stop()).toBe(0);
    expect(readdirSync(folder)).toEqual([]);
  });

  test("a file outlives it", async () => {
    await start();
    fill();
    for (const expected of [
      [12, 0],
      [0, 12],
    ]) {
      registry.forgetRequests();
      const served = await Serving.start([registry.url, "--memory", memory], { now: () => MADE_AT_MS });
      await served.walked();
      expect(await served.stop()).toBe(0);
      expect([asked("GET"), asked("HEAD")]).toEqual(expected);
    }
  });

  test("stopped in mid-walk it leaves the memory as it was, and nothing beside it", async () => {
    await start();
    fill();
    await learn();
    const before = readFileSync(memory);
    registry.put("team/new", "1", twoPlatforms("new"));
    registry.script({ fault: { kind: "hang" }, path: "/blobs/" });
    registry.forgetRequests();
    const served = await Serving.start([registry.url, "--memory", memory], { now: () => MADE_AT_MS });
    while (asked("GET", "/blobs/") === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await served.stop()).toBe(0);
    expect(readFileSync(memory)).toEqual(before);
    expect(readdirSync(folder)).toEqual(["registry.memory"]);
  });
});

test.each([
  [["probe", "a", "--memory", "process"], "--memory process is for serve"],
  [["probe", "a", "--memory", ""], '--memory must name a file, got ""'],
  [["probe", "a", "--memory", "folder/"], '--memory must name a file, got "folder/"'],
  [["serve", "a", "b", "--memory", "file"], "--memory belongs to one registry, and there are 2"],
  [["verify", "a/b:1", "--memory", "file"], "Unknown option '--memory'"],
])("%j exits 64", async (words, message) => {
  const { exitCode, stderr } = await tallyman(words);
  expect([exitCode, stderr]).toEqual([64, expect.stringContaining(message)]);
  expect(existsSync(memory)).toBe(false);
});
