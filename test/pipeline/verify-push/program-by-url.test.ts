/** The program by its URL: fetched by the step's own Node, and run only if it is the one that was meant. */
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { verifyPushStep } from "../../../lib/pipeline/verify-push/verify-push-step";
import { buildImage, EmbeddedRegistry } from "../../../lib/testing";
import { selfSigned } from "../../registry-client/self-signed";
import { runStep, type StepRun, writeVerifyProgram } from "./step-runner";

const tls = selfSigned("localhost");

let folder: string;
let program: Buffer;
let server: Server;
let plain: ReturnType<typeof createHttpServer>;
let registry: EmbeddedRegistry;
let body: Buffer;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "tallyman-by-url-"));
  program = readFileSync((await writeVerifyProgram(folder)).plain);
  writeFileSync(join(folder, "ca.pem"), tls.cert);
  plain = createHttpServer((_request, response) => response.end(program)).listen(0, "127.0.0.1");
  await new Promise((resolve) => plain.once("listening", resolve));
  server = createServer({ key: tls.key, cert: tls.cert }, (request, response) => {
    if (request.url === "/downgrade") {
      response
        .writeHead(302, { location: `http://127.0.0.1:${(plain.address() as AddressInfo).port}/` })
        .end();
    } else if (request.url === "/gone") {
      response.writeHead(404).end("no");
    } else response.end(body);
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  registry = await EmbeddedRegistry.start();
  registry.put("app", "1", buildImage({ seed: "by-url" }));
});

beforeEach(() => {
  body = program;
});

afterAll(async () => {
  await registry.close();
  for (const one of [server, plain]) {
    one.closeAllConnections();
    await new Promise((resolve) => one.close(resolve));
  }
  rmSync(folder, { recursive: true, force: true });
});

const sha256 = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");

function run(path: string, hash = sha256(program), tag = "1"): Promise<StepRun> {
  const step = verifyPushStep({
    images: [{ name: `${registry.url}/app`, tags: [tag] }],
    credentials: { kind: "anonymous" },
    program: {
      kind: "url",
      url: `https://localhost:${(server.address() as AddressInfo).port}${path}`,
      sha256: hash,
    },
  });
  expect(step.environment).toEqual({});
  return runStep(step, { cwd: folder, environment: { NODE_EXTRA_CA_CERTS: join(folder, "ca.pem") } });
}

test("the right bytes run, and their verdict is the step's", async () => {
  const whole = await run("/program");
  expect([whole.exitCode, whole.stderr]).toEqual([0, ""]);
  expect(whole.stdout).toContain("1 tags");
  expect((await run("/program", undefined, "absent")).exitCode).toBe(1);
});

test("other bytes do not run: what they have, and what was expected", async () => {
  body = Buffer.from(`require("node:fs").writeFileSync("owned", "")`);
  const { exitCode, stderr } = await run("/program");
  expect(exitCode).toBe(2);
  expect(stderr).toBe(
    `verify-push: the program did not start: its sha256 must be ${sha256(program)}, got ${sha256(body)}\n`,
  );
  expect(() => readFileSync(join(folder, "owned"))).toThrow("ENOENT");
});

test.each([
  ["/downgrade", "a redirect leads away from https"],
  ["/gone", "its URL answered 404"],
])("%s is no program", async (path, message) => {
  const { exitCode, stderr } = await run(path);
  expect([exitCode, stderr]).toEqual([2, `verify-push: the program did not start: ${message}\n`]);
});

test("more than any program has is not read to its end", async () => {
  body = Buffer.alloc(5 * 1024 * 1024);
  const { exitCode, stderr } = await run("/program");
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining("it has more than")]);
});
