/** `tallyman probe`: what is walked and how it is proven, on the embedded registry. */
import { buildImage, buildIndex, EmbeddedRegistry, type EmbeddedRegistryOptions } from "../../lib/testing";
import { damageOf, reportOf, tallyman } from "../support/tallyman";
import { firstChild, firstLayer, twoPlatforms } from "../support/two-platforms";

const CREDENTIALS = { username: "reader", password: "p4ss:w0rd-secret" };
const ENV = { env: { TALLYMAN_USERNAME: CREDENTIALS.username, TALLYMAN_PASSWORD: CREDENTIALS.password } };

let registry: EmbeddedRegistry;

async function start(options: EmbeddedRegistryOptions = {}): Promise<void> {
  registry = await EmbeddedRegistry.start(options);
}

afterEach(() => registry.close());

const probe = (...words: string[]) => reportOf(["probe", registry.url, ...words]);

async function metrics(...words: string[]): Promise<string> {
  const { stdout } = await tallyman([
    "probe",
    registry.url,
    "--rate",
    "0",
    "--format",
    "prometheus",
    ...words,
  ]);
  return stdout;
}

describe("--newest", () => {
  /** Listed in the order of their names, which is not the order of their times; each has lost a layer. */
  const times = { a: "2024-05-01", b: "2026-01-01", c: "2023-01-01", d: "2025-07-01" };

  function fill(repository: string, mediaTypes: "oci" | "docker"): void {
    for (const [tag, date] of Object.entries(times)) {
      const created = `${date}T12:00:00Z`;
      const image = buildImage({ seed: `${repository}/${tag}`, created, mediaTypes, layers: 1 });
      registry.put(repository, tag, image);
      registry.storage.deleteBlobData(image.layers[0]?.digest ?? "");
    }
  }

  const walked = async (n: number): Promise<string[]> => damageOf((await probe("--newest", `${n}`)).report);

  test("takes the tags whose images were created last, by annotation or by config", async () => {
    await start();
    fill("oci", "oci");
    fill("docker", "docker");
    expect(await walked(2)).toEqual([
      ...["layer_missing docker b", "layer_missing docker d"],
      ...["layer_missing oci b", "layer_missing oci d"],
    ]);
    expect(await walked(4)).toHaveLength(8);
  });

  test("a tag whose time cannot be read counts as newest", async () => {
    await start();
    fill("docker", "docker");
    const old = buildImage({ seed: "old", created: "1999-01-01T00:00:00Z", mediaTypes: "docker" });
    registry.put("docker", "lost-config", old);
    registry.storage.deleteBlobData(old.config?.digest ?? "");
    registry.put("docker", "lost-manifest", buildImage({ seed: "older", created: "1998-01-01T00:00:00Z" }));
    registry.storage.deleteTagLink("docker", "lost-manifest");
    expect(await walked(3)).toEqual([
      "layer_missing docker b",
      "config_missing docker lost-config",
      "manifest_missing docker lost-manifest",
    ]);
  });

  test("an index counts by its own time, else by its first image's", async () => {
    await start();
    const created = "org.opencontainers.image.created";
    const child = (seed: string, date: string) => buildImage({ seed, created: `${date}T00:00:00Z` });
    const images = {
      "by-image": buildIndex({ children: [child("a", "2025-01-01"), child("b", "2020-01-01")] }),
      "by-itself": buildIndex({
        children: [child("c", "2020-01-01")],
        annotations: { [created]: "2026-01-01T00:00:00Z" },
      }),
      "old-itself": buildIndex({
        children: [child("d", "2026-02-01")],
        annotations: { [created]: "2021-01-01T00:00:00Z" },
      }),
    };
    for (const [tag, image] of Object.entries(images)) {
      registry.put("app", tag, image);
      registry.storage.unlinkManifest("app", image.children[0]?.digest ?? "");
    }
    // Its time is its own: only the images of others must be read for theirs.
    registry.put("app", "by-image", images["by-image"]);
    registry.storage.deleteBlobData(images["by-image"].children[0]?.layers[0]?.digest ?? "");
    expect(await walked(2)).toEqual([
      "layer_missing app by-image [linux/amd64]",
      "index_child_missing app by-itself [linux/amd64]",
    ]);
  });
});

describe("--verify-bytes", () => {
  const INTERVAL_MS = 900_000;
  const long = (count: number) => new Array<number>(count).fill(20_000);
  const app = buildIndex({
    children: ["linux/amd64", "linux/arm64"].map((platform) =>
      buildImage({ seed: `bytes/${platform}`, platform, layers: long(2) }),
    ),
  });
  const tool = buildImage({ seed: "bytes/tool", layers: long(6) });
  /** What is read whole at every run, as it is no longer to read than to ask for. */
  const configs = [...app.children, tool].map(({ config }) => `${config?.digest}`);

  async function fill(): Promise<void> {
    await start();
    registry.put("app", "1", app);
    registry.put("tool", "1", tool);
  }

  /** Blobs that were read whole since the last call, but for configs, which always are. */
  function readWhole(): string[] {
    const whole = registry.requests.filter(({ url, range }) => url.includes("/blobs/") && range === null);
    registry.forgetRequests();
    const urls = whole.map(({ url }) => url);
    const isConfig = (url: string) => configs.some((digest) => url.endsWith(digest));
    expect(urls.filter(isConfig)).toHaveLength(3);
    return urls.filter((url) => !isConfig(url));
  }

  test.each([
    ["auto/4, as the clock goes from run to run", () => "auto/4"],
    ["k/4", (run: number) => `${run + 1}/4`],
  ])("%s: n runs read every blob whole, each once", async (_what, slice) => {
    await fill();
    const startedAt = Date.now();
    const read: string[][] = [];
    for (let run = 0; run < 4; run++) {
      const now = (): number => Date.now() - startedAt + run * INTERVAL_MS;
      const words = ["probe", registry.url, "--verify-bytes", slice(run)];
      expect((await reportOf(words, { now })).exitCode).toBe(0);
      read.push(readWhole());
    }
    expect(read.filter((urls) => urls.length > 0).length).toBeGreaterThan(1);
    expect(new Set(read.flat()).size).toBe(10);
    expect(read.flat()).toHaveLength(10);
  });

  test("a flipped byte is found by the run whose slice has it, and by all", async () => {
    await fill();
    registry.storage.flipBlobByte(firstLayer(app).digest);
    expect((await probe()).exitCode).toBe(0);
    const codes: number[] = [];
    for (const slice of ["1/2", "2/2"]) codes.push((await probe("--verify-bytes", slice)).exitCode);
    expect(codes.sort()).toEqual([0, 1]);
    for (const words of [
      ["--verify-bytes", "all"],
      ["--blobs", "full"],
    ]) {
      expect(damageOf((await probe(...words)).report)).toEqual(["digest_mismatch app 1 [linux/amd64]"]);
    }
  });

  test.each(["0/4", "5/4", "auto", "auto/0", "half"])("%s is refused", async (slice) => {
    await start();
    const { exitCode, stderr } = await tallyman(["probe", registry.url, "--verify-bytes", slice]);
    expect([exitCode, stderr]).toEqual([64, expect.stringContaining(JSON.stringify(slice))]);
  });
});

test("--blobs head is blind to data lost under a warm cache, and the table says so; range is not", async () => {
  await start();
  const app = twoPlatforms("head/app");
  registry.put("app", "1", app);
  expect((await probe("--blobs", "head")).exitCode).toBe(0);
  registry.storage.deleteBlobData(firstLayer(app).digest);
  const words = ["probe", registry.url, "--rate", "0"];
  const head = await tallyman([...words, "--blobs", "head"]);
  expect([head.exitCode, head.stdout]).toEqual([0, expect.stringMatching(/--blobs head is blind/)]);
  const range = await tallyman(words);
  expect([range.exitCode, range.stdout]).toEqual([
    1,
    expect.stringMatching(/truncated {2}app {2}linux\/amd64/),
  ]);
  expect(range.stdout).not.toContain("blind");
});

describe("--private", () => {
  test.each([
    ["refuses the anonymous", { auth: { basic: CREDENTIALS } }, 1, ""],
    ["gives no token to the anonymous", { auth: { bearer: { credentials: CREDENTIALS } } }, 1, ""],
    ["answers the anonymous", {}, 0, "declared private and answers an anonymous request"],
  ])("a registry that %s", async (_what, options, value, warning) => {
    await start(options);
    registry.put("app", "1", buildImage({ seed: "private" }));
    const words = ["probe", registry.url, "--rate", "0", "--format", "prometheus", "--private"];
    const { exitCode, stdout, stderr } = await tallyman(words, ENV);
    expect([exitCode, stdout]).toEqual([
      0,
      expect.stringMatching(new RegExp(`_auth_enforced\\{[^}]*\\} ${value}\n`)),
    ]);
    expect(stderr.includes("private")).toBe(warning !== "");
    expect(stderr).toContain(warning);
  });

  test("not declared private: nothing is asked, and nothing said", async () => {
    await start();
    registry.put("app", "1", buildImage({ seed: "private" }));
    expect(await metrics()).not.toContain("auth_enforced");
  });
});

test("--instance names the registry in every series, in the images too", async () => {
  await start();
  const app = twoPlatforms("instance/app");
  registry.put("app", "1", app);
  registry.storage.unlinkManifest("app", firstChild(app).digest);
  const text = await metrics("--instance", "registry.example.com");
  const series = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  expect(series.length).toBeGreaterThan(12);
  for (const line of series) expect(line).toContain('{instance="registry.example.com"');
  expect(text).toContain('image="registry.example.com/app:1"');
  expect((await probe("--instance", "prod")).report).toMatchObject({
    registry: registry.host,
    instance: "prod",
  });
  expect(await metrics()).toContain(`_failures{instance="${registry.host}"} 1\n`);
});

test("--repository that the registry does not know: 2, never healthy, and the others are walked", async () => {
  await start();
  registry.put("app", "1", buildImage({ seed: "repository" }));
  registry.put("other", "1", buildImage({ seed: "other" }));
  const { exitCode, report } = await probe("--repository", "app", "--repository", "no/such");
  expect([exitCode, report.complete, report.checked.repositories]).toEqual([2, false, 1]);
  expect(report.coverage).toBe(0.5);
  expect(report.undetermined.map(({ reason, repository }) => [reason, repository])).toEqual([
    ["invalid_name", "no/such"],
  ]);
  expect(registry.requests.filter(({ url }) => /_catalog|other/.test(url))).toEqual([]);
});
