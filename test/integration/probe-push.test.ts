/** `tallyman probe --push` to a real Pushgateway: what stands there afterwards, and what the exit code says. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { buildImage, EmbeddedRegistry } from "../../lib/testing";
import { Pushgateway } from "../support/pushgateway";
import { rawHttp } from "../support/raw-http";
import { type TallymanRun, tallyman } from "../support/tallyman";
import { firstChild, firstLayer, twoPlatforms } from "../support/two-platforms";

const PREFIX = "registry_manifest_integrity_";
const app = twoPlatforms("push/app");

let gateway: Pushgateway;
let registry: EmbeddedRegistry;

beforeAll(async () => {
  gateway = await Pushgateway.start();
});

afterAll(() => gateway?.stop());

beforeEach(async () => {
  registry = await EmbeddedRegistry.start();
  registry.put("app", "1", app);
  registry.put("tool", "1", buildImage({ seed: "push/tool" }));
});

afterEach(() => registry.close());

/** Each test's registry has a port, and so groups, of its own. */
const probe = (...words: string[]): Promise<TallymanRun> =>
  tallyman(["probe", registry.url, "--rate", "0", "--push", gateway.url, ...words]);

/** `metric{labels} value` of this test's registry, without job and instance. */
async function series(metric: string, instance = registry.host): Promise<string[]> {
  const own = `instance="${instance}",job="tallyman"`;
  const lines = await gateway.samples(`${PREFIX}${metric}`);
  return lines
    .filter((line) => line.includes(own))
    .map((line) => line.slice(PREFIX.length).replace(own, "").replace("{}", "").replace("{,", "{"));
}

const breakChild = (): void => registry.storage.unlinkManifest("app", firstChild(app).digest);
const blindTool = (): void => {
  registry.script({ fault: { kind: "status", status: 403 }, path: "/v2/tool/manifests/" });
};

describe("the exit code of a run whose push was accepted", () => {
  test.each([
    ["whole", () => undefined, 0],
    ["damaged", breakChild, 1],
    ["incomplete", blindTool, 2],
  ])("%s", async (_state, damage, code) => {
    damage();
    expect((await probe()).exitCode).toBe(code);
    const silent = await probe("--exit-zero");
    expect([silent.exitCode, silent.stderr]).toEqual([0, ""]);
    expect(silent.stdout).toContain(registry.host);
  });

  test("--exit-zero without a push: 0 once the report was made", async () => {
    breakChild();
    const { exitCode, stdout } = await tallyman(["probe", registry.url, "--rate", "0", "--exit-zero"]);
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining("DAMAGED")]);
  });

  test("--exit-zero does not excuse words that make no sense", async () => {
    expect((await probe("--exit-zero", "--blobs", "some")).exitCode).toBe(64);
  });
});

describe("what stands at the gateway", () => {
  test("of a whole run", async () => {
    await probe("--verify-bytes", "2/3");
    expect(await series("failures")).toEqual(["failures 0"]);
    expect(await series("tags_checked")).toEqual(["tags_checked 2"]);
    expect(await series("last_success_timestamp")).toEqual([
      expect.stringMatching(/^last_success_timestamp\{.*part="success"\} \d/),
    ]);
    expect(await series("bytes_verified_timestamp")).toEqual([
      expect.stringMatching(/^bytes_verified_timestamp\{.*slice="2\/3"\} \d/),
    ]);
    expect(await series("tls_not_after_timestamp")).toEqual([]);
  });

  test("of a damaged one: every tag as the image that pods name, and gone once it is mended", async () => {
    breakChild();
    registry.put("app", "latest", app);
    breakChild();
    await probe("--instance", "registry.example.com:5050", "--exit-zero");
    const broken = () => series("broken_reference{", "registry.example.com:5050");
    expect((await broken()).map((line) => /image="([^"]*)"/.exec(line)?.[1])).toEqual([
      "registry.example.com:5050/app:1",
      "registry.example.com:5050/app:latest",
    ]);
    expect(await series("failures", "registry.example.com:5050")).toEqual(["failures 1"]);
    registry.put("app", "1", app);
    await probe("--instance", "registry.example.com:5050", "--exit-zero");
    expect(await broken()).toEqual([]);
  });

  test("of an incomplete one: the last success stays, and no slice is called verified", async () => {
    const clock = (ms: number) => ({ now: () => ms });
    const words = ["probe", registry.url, "--rate", "0", "--push", gateway.url, "--verify-bytes", "all"];
    await tallyman(words, clock(1_800_000_000_000));
    const before = [await series("last_success_timestamp"), await series("bytes_verified_timestamp")];
    blindTool();
    await tallyman(words, clock(1_800_000_900_000));
    expect([await series("last_success_timestamp"), await series("bytes_verified_timestamp")]).toEqual(
      before,
    );
    expect(before.flat()).toHaveLength(2);
    expect(await series("undetermined")).toEqual(['undetermined{reason="unauthorized"} 1']);
    expect(await series("last_run_timestamp")).toEqual(["last_run_timestamp 1.8000009e+09"]);
  });

  test("of a run without a catalogue: no failures at all, rather than none found", async () => {
    await probe();
    registry.script({ fault: { kind: "status", status: 403 }, path: "_catalog" });
    expect((await probe("--exit-zero")).exitCode).toBe(0);
    expect(await series("catalog_accessible")).toEqual(["catalog_accessible 0"]);
    for (const metric of ["failures", "repos_checked", "tags_checked", "indexes_checked"])
      expect(await series(metric)).toEqual([]);
  });

  test("a slice with a flipped byte is read to its end, and so is verified: the failure says the rest", async () => {
    registry.storage.flipBlobByte(firstLayer(app).digest);
    expect((await probe("--verify-bytes", "all")).exitCode).toBe(1);
    expect(await series("failures")).toEqual(["failures 1"]);
    expect(await series("bytes_verified_timestamp")).toHaveLength(1);
  });
});

describe("a predecessor's group", () => {
  const group = "job=registry-integrity-probe";

  test("is an error while it contradicts, and goes with --replace-group", async () => {
    const fresh = await Pushgateway.start();
    try {
      // Without a type, as the estate's first probe pushed it.
      const body = Buffer.from(`${PREFIX}failures{instance="${registry.host}"} 7\n`);
      const url = `${fresh.url}/metrics/job/registry-integrity-probe`;
      expect((await rawHttp(url, { method: "PUT", body })).status).toBe(200);
      const words = ["probe", registry.url, "--rate", "0", "--push", fresh.url];
      const refused = await tallyman(words);
      expect([refused.exitCode, refused.stderr]).toEqual([2, expect.stringContaining("answers 400")]);
      for (let run = 0; run < 2; run++) {
        const { exitCode, stderr } = await tallyman([...words, "--replace-group", group]);
        expect([exitCode, stderr]).toEqual([0, ""]);
        expect(await fresh.samples(`${PREFIX}failures`)).toEqual([
          `${PREFIX}failures{instance="${registry.host}",job="tallyman"} 0`,
        ]);
      }
    } finally {
      await fresh.stop();
    }
  });

  test.each([
    [["--replace-group", "registry-integrity-probe", "--push", "http://127.0.0.1:1"], "job=name"],
    [["--replace-group", "job=old"], "needs --push"],
  ])("%j is refused", async (words, why) => {
    const { exitCode, stderr } = await tallyman(["probe", registry.url, ...words]);
    expect([exitCode, stderr]).toEqual([64, expect.stringContaining(why)]);
  });
});

describe("a push that fails", () => {
  /** Says no, in words that would move a cursor. */
  async function withRefusal(use: (url: string) => Promise<void>): Promise<void> {
    const server = createServer((_request, response) => {
      response.writeHead(400).end("pushed metrics are \u001b[31minconsistent\n");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    try {
      await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    } finally {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  }

  test.each([
    ["whole", [], 2, () => undefined],
    ["damaged", [], 1, breakChild],
    ["whole", ["--exit-zero"], 2, () => undefined],
    ["damaged", ["--exit-zero"], 2, breakChild],
  ])(
    "%s, %j: the report is written, the gateway's words are said, %d",
    async (_state, more, code, damage) => {
      damage();
      await withRefusal(async (url) => {
        const words = ["probe", registry.url, "--rate", "0", "--push", url, ...more];
        const { exitCode, stdout, stderr } = await tallyman(words);
        expect([exitCode, stdout]).toEqual([code, expect.stringMatching(/WHOLE|DAMAGED/)]);
        expect(stderr).toContain(
          `the Pushgateway ${url} answers 400 to the group {job="tallyman", instance=`,
        );
        expect(stderr).toContain("pushed metrics are \\u001b[31minconsistent");
      });
    },
  );

  test("to nobody: 2, in one line", async () => {
    const words = ["probe", registry.url, "--rate", "0", "--push", "http://127.0.0.1:1", "--exit-zero"];
    const { exitCode, stderr } = await tallyman(words);
    expect([exitCode, stderr]).toEqual([
      2,
      expect.stringMatching(/^tallyman: the Pushgateway http:\/\/127\.0\.0\.1:1 cannot be reached: .*\n$/),
    ]);
  });

  test("a URL with a password is refused without repeating it", async () => {
    const { exitCode, stderr } = await tallyman(["probe", registry.url, "--push", "http://a:s3cret@b"]);
    expect([exitCode, stderr.includes("s3cret")]).toEqual([64, false]);
  });
});
