/** TLS from the command line: verified by the registry's name, whatever address is dialled. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildImage, EmbeddedRegistry } from "../../lib/testing";
import { type SelfSigned, selfSigned } from "../registry-client/self-signed";
import { damageOf, reportOf, tallyman } from "../support/tallyman";

const NAME = "registry.example.test:5050";
const own = selfSigned("registry.example.test");
const image = buildImage({ seed: "tls" });

let folder: string;
let registry: EmbeddedRegistry;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tallyman-tls-"));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

afterEach(() => registry.close());

async function start(tls: SelfSigned): Promise<void> {
  registry = await EmbeddedRegistry.start({ tls });
  registry.put("app", "1", image);
}

function ca(material: SelfSigned): string[] {
  const path = join(folder, "ca.pem");
  writeFileSync(path, material.cert);
  return ["--ca", path];
}

const address = (): string[] => ["--address", registry.host];

/** Nothing is proven, nothing is healthy, and nothing is tried again. */
async function expectTls(words: readonly string[]): Promise<void> {
  const sleeps: number[] = [];
  const sleep = async (ms: number): Promise<void> => void sleeps.push(ms);
  const run = await reportOf(words, { sleep });
  expect([run.exitCode, run.report.findings, run.report.complete]).toEqual([2, [], false]);
  expect(run.report.undetermined.map(({ reason }) => reason)).toEqual(["tls"]);
  expect(run.report.undetermined[0]?.detail).toContain("--ca");
  expect([registry.connections, registry.requests, sleeps]).toEqual([1, [], []]);
}

describe("by a CA of one's own, at another address", () => {
  test("probe and verify: whole, by the registry's name in Host, server name and report", async () => {
    await start(own);
    const hosts: (string | undefined)[] = [];
    registry.script({ fault: { kind: "hook", run: ({ headers }) => void hosts.push(headers.host) } });
    const hellos: string[] = [];
    const relay = await startRelay(registry.host, hellos);
    try {
      const more = ["--address", `127.0.0.1:${(relay.address() as AddressInfo).port}`, ...ca(own)];
      for (const words of [
        ["probe", NAME],
        ["verify", `${NAME}/app:1`],
      ]) {
        const { exitCode, report } = await reportOf([...words, ...more]);
        expect(exitCode).toBe(0);
        expect([report.registry, report.instance, report.checked.blobs]).toEqual([NAME, NAME, 3]);
      }
    } finally {
      await new Promise((resolve) => relay.close(resolve));
    }
    expect(new Set(hosts)).toEqual(new Set([NAME]));
    expect(hellos.length).toBeGreaterThan(0);
    for (const hello of hellos) {
      expect(hello).toContain("registry.example.test");
      expect(hello).not.toContain("127.0.0.1");
    }
  });

  test("damage is found there as anywhere", async () => {
    await start(own);
    registry.storage.deleteBlobData(image.layers[0]?.digest ?? "");
    const { exitCode, report } = await reportOf(["probe", NAME, ...address(), ...ca(own)]);
    expect([exitCode, damageOf(report)]).toEqual([1, ["layer_missing app 1"]]);
  });

  test("the metrics say when the certificate expires; over plain HTTP there is no such series", async () => {
    await start(own);
    const format = ["--rate", "0", "--format", "prometheus"];
    const { stdout } = await tallyman(["probe", NAME, ...address(), ...ca(own), ...format]);
    const line = /^registry_manifest_integrity_tls_not_after_timestamp\{instance="(.*)"\} (\d+)$/m.exec(
      stdout,
    );
    expect(line?.slice(1)).toEqual([NAME, `${own.notAfterMs / 1000}`]);
    await registry.close();
    registry = await EmbeddedRegistry.start();
    const plain = await tallyman(["probe", registry.url, ...format]);
    expect([plain.exitCode, plain.stdout.includes("tls_not_after")]).toEqual([0, false]);
  });
});

describe("what is refused: tls, 2, and no second try", () => {
  test.each([
    ["without --ca", own, () => []],
    ["with another CA of the same name", own, () => ca(selfSigned("registry.example.test"))],
    ["a certificate for another name", selfSigned("elsewhere.example.test"), (tls: SelfSigned) => ca(tls)],
    [
      "an expired certificate",
      selfSigned("registry.example.test", Math.floor(Date.now() / 1000) * 1000 - 60_000),
      (tls: SelfSigned) => ca(tls),
    ],
  ])("%s", async (_what, tls, more) => {
    await start(tls);
    await expectTls(["probe", NAME, ...address(), ...more(tls)]);
  });

  test("in verify too", async () => {
    await start(own);
    await expectTls(["verify", `${NAME}/app:1`, ...address()]);
  });

  test("an address does for no name", async () => {
    await start(own);
    await expectTls(["probe", `https://${registry.host}`, ...ca(own)]);
  });
});

describe("--insecure-skip-tls-verify", () => {
  test.each([
    ["an unknown CA", own],
    ["another name, expired", selfSigned("elsewhere.example.test", Date.now() - 60_000)],
  ])("accepts %s", async (_what, tls) => {
    await start(tls);
    const { exitCode, report } = await reportOf(["probe", NAME, ...address(), "--insecure-skip-tls-verify"]);
    expect([exitCode, report.complete, report.checked.tags]).toEqual([0, true, 1]);
  });
});

test.each([
  ["no PEM", "not a certificate", "ca must hold certificates in PEM"],
  ["no such file", null, "--ca must name a readable file"],
])("--ca with %s is refused: 64", async (_what, content, why) => {
  await start(own);
  const path = join(folder, "unfit.pem");
  if (content !== null) writeFileSync(path, content);
  else rmSync(path, { force: true });
  const { exitCode, stdout, stderr } = await tallyman(["probe", NAME, ...address(), "--ca", path]);
  expect([exitCode, stdout, registry.connections]).toEqual([64, "", 0]);
  expect(stderr).toContain(`tallyman: ${why}`);
});

/** Passes bytes on, and keeps what each connection said first: the server's name stands there in clear. */
async function startRelay(target: string, hellos: string[]): Promise<Server> {
  const [host, port] = target.split(":");
  const server = createServer((socket: Socket) => {
    const onward = connect(Number(port), host);
    socket.once("data", (hello) => hellos.push(hello.toString("latin1")));
    socket.pipe(onward).pipe(socket);
    socket.on("error", () => onward.destroy());
    onward.on("error", () => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}
