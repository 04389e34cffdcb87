/** The lease by the API, over TLS: what is sent, and what becomes of answers that nobody vouches for. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { KubernetesApi } from "../../../lib/integrity/lease/kubernetes-api";
import { KubernetesLeaseStore } from "../../../lib/integrity/lease/lease-store";
import { readAccountFiles, readOwnNamespace } from "../../../lib/integrity/lease/service-account";
import { selfSigned } from "../../registry-client/self-signed";
import { LeaseApi, type LeaseFault } from "../../support/lease-api";

const ITEM = "/apis/coordination.k8s.io/v1/namespaces/monitoring/leases/probe";
const SPEC = { holderIdentity: "me", leaseDurationSeconds: 30 };
const LONG_MS = 5_000;

let api: LeaseApi;
let client: KubernetesApi;
let store: KubernetesLeaseStore;

beforeEach(async () => {
  api = await LeaseApi.start();
  client = clientAt(api.port);
  store = new KubernetesLeaseStore(client, { namespace: "monitoring", name: "probe" });
});

afterEach(async () => {
  client.close();
  await api.close();
});

const clientAt = (port: number): KubernetesApi =>
  new KubernetesApi({ host: "localhost", port, readAccount: () => readAccountFiles(api.account) });

const answering =
  (status: number, body: string | Buffer, headers: Record<string, string> = {}): LeaseFault =>
  (_, response) => {
    response.writeHead(status, headers);
    response.end(body);
  };

async function made() {
  const lease = await store.create(SPEC, LONG_MS, null);
  if (lease === "conflict" || "kind" in lease) throw new Error(JSON.stringify(lease));
  return lease;
}

test("absent, made, read, renewed: each with the pod's token, upon the version that was read", async () => {
  expect(await store.read(LONG_MS, null)).toBe("absent");
  const first = await made();
  expect(await store.create(SPEC, LONG_MS, null)).toBe("conflict");
  const second = await store.update(first, { holderIdentity: "you" }, LONG_MS, null);
  expect(second).toMatchObject({ record: { holder: "you", durationMs: 30_000 } });
  expect(await store.update(first, SPEC, LONG_MS, null)).toBe("conflict");
  expect(await store.read(LONG_MS, null)).toEqual(second);
  api.leases.clear();
  expect(await store.update(first, SPEC, LONG_MS, null)).toBe("conflict");
  expect(new Set(api.requests.map(({ authorization }) => authorization))).toEqual(new Set(["Bearer first"]));
  expect(api.requests[0]).toMatchObject({ method: "GET", path: ITEM });
});

test("what others wrote into the Lease is sent back as it was", async () => {
  api.hold("probe", "you", { strategy: "kept" });
  const [name, object] = [...api.leases][0] ?? ["", {}];
  api.leases.set(name, { ...object, metadata: { ...Object(object.metadata), labels: { a: "b" } } });
  const lease = await store.read(LONG_MS, null);
  if (lease === "absent" || "kind" in lease) throw new Error("no lease");
  await store.update(lease, SPEC, LONG_MS, null);
  expect(api.leases.get("probe")).toMatchObject({
    metadata: { labels: { a: "b" } },
    spec: { strategy: "kept", holderIdentity: "me" },
  });
});

test("a rotated token is used at the next request, a rotated authority too", async () => {
  await store.read(LONG_MS, null);
  api.writeAccount("token", "second");
  await store.read(LONG_MS, null);
  expect(api.requests.map(({ authorization }) => authorization)).toEqual(["Bearer first", "Bearer second"]);
  api.writeAccount("ca.crt", selfSigned("localhost").cert);
  expect(await store.read(LONG_MS, null)).toMatchObject({
    reason: "silent",
    detail: expect.stringMatching(/certificate/),
  });
  expect(api.requests).toHaveLength(2);
});

test.each([
  [400, "refused", "Look at --lease"],
  [401, "refused", "Mount a token"],
  [403, "refused", "Bind a Role"],
  [422, "refused", "Look at --lease"],
  [429, "silent", "429"],
  [500, "silent", "500"],
  [503, "silent", "503"],
])("%d: %s, with what to do", async (status, reason, words) => {
  api.fault = answering(status, '{"message":"\u001b[31m"}');
  expect(await store.read(LONG_MS, null)).toMatchObject({
    kind: "failed",
    reason,
    detail: expect.stringContaining(words),
  });
});

test("404 for a lease that is to be made: there is no such namespace", async () => {
  api.fault = answering(404, "{}");
  expect(await store.create(SPEC, LONG_MS, null)).toMatchObject({
    reason: "refused",
    detail: expect.stringContaining("namespace"),
  });
});

const lease = (more: object): string =>
  JSON.stringify({ kind: "Lease", metadata: { name: "probe", resourceVersion: "1" }, ...more });

test.each<[string, LeaseFault]>([
  ["no JSON", answering(200, "<html>")],
  ["nothing", answering(200, "")],
  ["null", answering(200, "null")],
  ["a list", answering(200, "[]")],
  ["another kind", answering(200, lease({ kind: "Secret" }))],
  ["another name", answering(200, lease({ metadata: { name: "other", resourceVersion: "1" } }))],
  ["no version", answering(200, lease({ metadata: { name: "probe" } }))],
  ["a spec that is none", answering(200, lease({ spec: "me" }))],
  ["a body without end", answering(200, Buffer.alloc(300_000, 32))],
  ["a redirect", answering(302, "", { Location: "https://elsewhere.example/" })],
  ["a head without end", answering(200, "{}", { "X-Long": "x".repeat(20_000) })],
  [
    "a body that breaks off",
    (_, response) => {
      response.writeHead(200, { "Content-Length": "100" });
      response.write("{");
      setTimeout(() => response.destroy(), 20);
    },
  ],
  ["a connection that breaks off", (request) => request.socket.destroy()],
])("%s is no lease", async (_, fault) => {
  api.fault = fault;
  expect(await store.read(LONG_MS, null)).toMatchObject({ kind: "failed", reason: "silent" });
  api.fault = null;
  expect(await store.read(LONG_MS, null)).toBe("absent");
});

test("an odd spec is read as free and without a time", async () => {
  api.fault = answering(
    200,
    lease({ spec: { holderIdentity: 7, leaseDurationSeconds: -1, leaseTransitions: "x" } }),
  );
  expect(await store.read(LONG_MS, null)).toMatchObject({
    record: { holder: null, durationMs: 0, transitions: 0 },
  });
  api.fault = answering(200, lease({ spec: { holderIdentity: "\u001b[31mred" } }));
  expect(await store.read(LONG_MS, null)).toMatchObject({ record: { holder: "\\u001b[31mred" } });
});

test.each<[string, LeaseFault]>([
  ["never answers", () => undefined],
  [
    "never ends its answer",
    (_, response) => {
      response.writeHead(200);
      response.write("{");
    },
  ],
])("one that %s is given up in time, and by a signal at once", async (_, fault) => {
  api.fault = fault;
  expect(await store.read(50, null)).toMatchObject({
    reason: "silent",
    detail: expect.stringContaining("no answer in time"),
  });
  const stop = new AbortController();
  const read = store.read(60_000, stop.signal);
  setTimeout(() => stop.abort(), 20);
  expect(await read).toMatchObject({ kind: "failed" });
  expect(await store.read(60_000, stop.signal)).toMatchObject({ kind: "failed" });
  expect(await store.read(0, null)).toMatchObject({ kind: "failed" });
});

test("an API that is not there, and an authority that is none", async () => {
  const nowhere = new KubernetesLeaseStore(clientAt(1), { namespace: "monitoring", name: "probe" });
  expect(await nowhere.read(LONG_MS, null)).toMatchObject({
    reason: "silent",
    detail: expect.stringContaining("ECONNREFUSED"),
  });
  api.writeAccount("ca.crt", "-----BEGIN CERTIFICATE-----\nnone\n-----END CERTIFICATE-----\n");
  expect(await store.read(LONG_MS, null)).toMatchObject({ kind: "failed", reason: "silent" });
});

test.each(["token", "ca.crt"])("without %s nothing is asked, and the fix is told", async (file) => {
  rmSync(join(api.account, file));
  expect(await store.read(LONG_MS, null)).toMatchObject({
    reason: "no_account",
    detail: expect.stringMatching(/ENOENT.*Mount the token/),
  });
  expect(api.requests).toEqual([]);
});

test("a token with a line break in it is no token, and is not told", async () => {
  api.writeAccount("token", "hunter2\r\nX-Evil: 1");
  const read = await store.read(LONG_MS, null);
  expect(read).toMatchObject({ reason: "no_account" });
  expect(JSON.stringify(read)).not.toContain("hunter2");
});

test("the pod's namespace, where there is one", async () => {
  expect(await readOwnNamespace(api.account)).toBe("monitoring");
  expect(await readOwnNamespace("/nonexistent")).toBeNull();
});
