import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, request, type Server } from "node:http";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { distributionConfig } from "../../lib/registry-host/distribution/render-distribution-config";
import { cacheOf, writable } from "../../lib/registry-host/host-registry";
import { hostSpec } from "../../lib/registry-host/host-spec";
import { renderNginxConfig } from "../../lib/registry-host/nginx/render-nginx-config";
import { allBlobs, buildImage } from "../../lib/testing";
import { DnsServer } from "../support/dns-server";
import { htpasswdLine } from "../support/htpasswd";
import {
  freePorts,
  makeFrontFolder,
  removeFolder,
  startNginx,
  surroundingsIn,
  writeCertificate,
} from "../support/nginx";
import { rawHttp } from "../support/raw-http";
import { type RenderedRegistry, startRendered } from "../support/rendered-registry";
import type { ServerProcess } from "../support/server-process";
import { skopeoCopy, skopeoPull } from "../support/skopeo";
import { writeImage } from "../support/write-image";

const HOSTNAME = "registry.example.com";
const CREDENTIALS = { username: "ci", password: "secret" };
const BASIC = `Basic ${Buffer.from("ci:secret").toString("base64")}`;
const OLD = "127.0.0.2";
const NEW = "127.0.0.3";
const CACHE = "127.0.0.4";
const image = buildImage({ seed: "front" });
const [blob = ""] = [...allBlobs(image).keys()];

let folder: string;
let dns: DnsServer;
let front: ServerProcess;
let upstream: RenderedRegistry;
let cache: RenderedRegistry;
let own: RenderedRegistry;
let page: Server;
let ports: readonly number[];
const at = (i: number): number => ports[i] ?? 0;
const [PRIVATE, GHCR, UI, METRICS, REGISTRY, DEBUG, PAGE] = [0, 1, 2, 3, 4, 5, 6] as const;
const listening = { port: 0, debugPort: 0 };

beforeAll(async () => {
  folder = makeFrontFolder();
  ports = await freePorts(7);
  Object.assign(listening, { port: at(REGISTRY), debugPort: at(DEBUG) });
  writeCertificate(folder, HOSTNAME);
  writeFileSync(join(folder, "htpasswd"), `${htpasswdLine("ci", "secret")}\n`);
  page = createServer((_, response) => response.end("the page")).listen(at(PAGE), "127.0.0.1");
  dns = await DnsServer.start();
  dns.records.set("registry-private", OLD).set("registry-ghcr", CACHE).set("registry-ui", "127.0.0.1");
  const spec = specOf();
  const upstreamRoot = join(folder, "upstream");
  mkdirSync(upstreamRoot);
  writeImage(upstreamRoot, "app", "1", image);
  const { auth: _, ...anonymous } = distributionConfig(spec, "private");
  upstream = await startRendered({ major: 2, config: anonymous, root: upstreamRoot });
  const config = distributionConfig(spec, "ghcr");
  cache = await startRendered({
    major: 2,
    config,
    address: CACHE,
    upstream: `http://${upstream.host}`,
    ...listening,
  });
  own = await startPrivate(OLD);
  const surroundings = surroundingsIn(folder, {
    addressValidForSeconds: 1,
    registryPort: at(REGISTRY),
    debugPort: at(DEBUG),
    uiPort: at(PAGE),
  });
  front = await startNginx(folder, renderNginxConfig(spec, surroundings), at(METRICS), async (port) => {
    const answer = await rawHttp(`http://127.0.0.1:${port}/healthz`).catch(() => null);
    return answer?.status === 204;
  });
});

afterAll(async () => {
  await Promise.all([front?.stop(), upstream?.stop(), cache?.stop(), own?.stop(), dns?.stop()]);
  page?.close();
  page?.closeAllConnections();
  removeFolder(folder);
});

function specOf() {
  return hostSpec({
    root: "/opt/registry",
    image: "registry:2.8.3",
    registries: {
      private: writable({
        port: at(PRIVATE),
        hostname: HOSTNAME,
        tls: { certificateFile: "/tls/cert.pem", keyFile: "/tls/key.pem" },
        htpasswdFile: "/auth/htpasswd",
      }),
      ghcr: cacheOf("https://ghcr.io", { port: at(GHCR) }),
    },
    metrics: { port: at(METRICS), allow: ["127.0.0.1"] },
    ui: { registry: "ghcr", port: at(UI), htpasswdFile: "/auth/htpasswd" },
    front: { resolver: { address: "127.0.0.1", port: dns.port } },
  });
}

function startPrivate(address: string): Promise<RenderedRegistry> {
  const config = distributionConfig(specOf(), "private");
  const root = join(folder, "private");
  return startRendered({
    major: 2,
    config,
    address,
    root,
    htpasswdFile: join(folder, "htpasswd"),
    ...listening,
  });
}

const get = (port: number, path: string, headers = {}) =>
  rawHttp(`http://127.0.0.1:${port}${path}`, { headers });

async function statusFrom(localAddress: string, port: number, path: string): Promise<number | undefined> {
  const sent = request({ host: "127.0.0.1", port, path, localAddress, agent: false }).end();
  const [response]: [IncomingMessage] = (await once(sent, "response")) as [IncomingMessage];
  response.resume();
  return response.statusCode;
}

test("an image is pushed to the private registry and pulled from it, behind TLS and a password", async () => {
  const target = `127.0.0.1:${at(PRIVATE)}/app:1`;
  const options = { credentials: CREDENTIALS };
  expect(await skopeoCopy(`docker://${upstream.host}/app:1`, `docker://${target}`, options)).toMatchObject({
    ok: true,
  });
  expect(await skopeoPull(target, options)).toMatchObject({ ok: true });
  expect(await skopeoPull(target)).toMatchObject({ ok: false });
  // 400: plain HTTP sent to a TLS port.
  expect((await get(at(PRIVATE), "/v2/")).status).toBe(400);
});

test("a cache's blobs are kept by the front, its manifests never, nor what has a range or credentials", async () => {
  expect(await skopeoPull(`127.0.0.1:${at(GHCR)}/app:1`)).toMatchObject({ ok: true });
  const path = `/v2/app/blobs/${blob}`;
  expect((await get(at(GHCR), path)).headers["x-cache"]).toBe("HIT");
  expect((await get(at(GHCR), path, { authorization: BASIC })).headers["x-cache"]).toBe("BYPASS");
  const ranged = await get(at(GHCR), path, { range: "bytes=0-0" });
  expect([ranged.status, ranged.body.length, ranged.headers["x-cache"]]).toEqual([206, 1, "BYPASS"]);
  const head = await rawHttp(`http://127.0.0.1:${at(GHCR)}${path}`, { method: "HEAD" });
  expect([head.status, head.headers["x-cache"]]).toEqual([200, "BYPASS"]);
  const manifest = await get(at(GHCR), `/v2/app/manifests/${image.digest}`, { accept: image.mediaType });
  expect([manifest.status, manifest.headers["x-cache"]]).toEqual([200, undefined]);
  const push = await rawHttp(`http://127.0.0.1:${at(GHCR)}/v2/app/blobs/uploads/`, { method: "POST" });
  expect(push.status).toBe(405);
  expect((await get(at(GHCR), "/metrics")).status).toBe(404);
});

test("metrics alone are on the metrics port, for those who are named", async () => {
  for (const name of ["private", "ghcr"]) {
    const metrics = await get(at(METRICS), `/metrics/${name}`);
    expect([metrics.status, metrics.body.includes("registry_http_requests_total")]).toEqual([200, true]);
  }
  for (const path of [
    "/debug/pprof/",
    "/metrics",
    "/metrics/other",
    "/metrics/private/../debug/pprof",
    "/v2/",
  ]) {
    expect([path, (await get(at(METRICS), path)).status]).toEqual([path, 404]);
  }
  // From another address of loopback, which is not named.
  expect(await statusFrom("127.0.0.9", at(METRICS), "/metrics/ghcr")).toBe(403);
});

test("the page asks for a password, and beside it the registry is shown and not changed", async () => {
  expect((await get(at(UI), "/")).status).toBe(401);
  expect((await get(at(UI), "/", { authorization: BASIC })).body.toString()).toBe("the page");
  const catalog = await get(at(UI), "/v2/_catalog", { authorization: BASIC });
  expect(catalog.status).toBe(200);
  const path = `http://127.0.0.1:${at(UI)}/v2/app/manifests/${image.digest}`;
  const deleted = await rawHttp(path, { method: "DELETE", headers: { authorization: BASIC } });
  expect(deleted.status).toBe(403);
});

test("a registry that comes back at another address is found there, and whoever has its old one is left alone", async () => {
  const reference = `127.0.0.1:${at(PRIVATE)}/app:1`;
  await own.stop();
  const config = distributionConfig(specOf(), "private");
  const { auth: _, ...anonymous } = config;
  // What F43 is about: another registry now has the address, answers 200 and knows nothing.
  const stranger = await startRendered({ major: 2, config: anonymous, address: OLD, ...listening });
  try {
    own = await startPrivate(NEW);
    dns.records.set("registry-private", NEW);
    const isFound = async () => (await skopeoPull(reference, { credentials: CREDENTIALS })).ok;
    // The name is looked up again after a second; on a busy machine that is not soon.
    await sleep(1_500);
    for (const end = performance.now() + 10_000; performance.now() < end && !(await isFound()); )
      await sleep(250);
    const asked = stranger.log().length;
    expect(await skopeoPull(reference, { credentials: CREDENTIALS })).toMatchObject({ ok: true });
    expect(await skopeoPull(reference)).toMatchObject({ ok: false });
    expect(stranger.log()).toHaveLength(asked);
  } finally {
    await stranger.stop();
  }
});
