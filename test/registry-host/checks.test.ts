import { Duration } from "../../lib/core/duration";
import { formatProblem } from "../../lib/core/problem";
import { checkHost } from "../../lib/registry-host/checks";
import { cacheOf, UpstreamCredentials, writable } from "../../lib/registry-host/host-registry";
import type { RegistryHostOptions } from "../../lib/registry-host/host-spec";
import { Maintenance } from "../../lib/registry-host/maintenance/maintenance";
import { ESTATE } from "./fixtures/estate-options";

const HEX = "0".repeat(64);
const base: RegistryHostOptions = {
  root: "/opt/registry",
  image: "registry:2.8.3",
  registries: { ghcr: cacheOf("https://ghcr.io", { port: 5010 }) },
};
const own = writable({
  port: 5050,
  hostname: "registry.example.com",
  tls: { certificateFile: "/tls/cert.pem", keyFile: "/tls/key.pem" },
  htpasswdFile: "/auth/htpasswd",
});
const cache = (change: object) => ({ registries: { ghcr: { ...base.registries.ghcr, ...change } } });
const ui = (change: object) => ({ ui: { registry: "ghcr", port: 8080, ...change } });
const paths = (change: object): readonly string[] =>
  checkHost({ ...base, ...change } as RegistryHostOptions).map(({ path }) => path);

test("the estate is sound", () => {
  expect(checkHost(ESTATE)).toEqual([]);
});

test.each([
  ["a root that is relative", { root: "opt/registry" }, "root"],
  ["a root with a blank", { root: "/opt/my registry" }, "root"],
  ["a root with ..", { root: "/opt/../registry" }, "root"],
  ["a root with a colon", { root: "/opt/a:b" }, "root"],
  ["data among the releases", { dataRoot: "/opt/registry/releases/x" }, "dataRoot"],
  ["data in the root itself", { dataRoot: "/opt/registry" }, "dataRoot"],
  ["a project in capitals", { project: "Registry" }, "project"],
  ["a unit that is none", { unit: "registry" }, "unit"],
  ["a unit elsewhere", { unit: "../registry.service" }, "unit"],
  ["a textfile directory", { textfileDirectory: "x" }, "textfileDirectory"],
  ["a floating image", { image: "registry:2" }, "image"],
  ["an image by digest alone", { image: `registry@sha256:${HEX}` }, "image"],
  ["a version of another format", { image: "registry:4.0.0" }, "image"],
  ["a floating front", { front: { image: "nginx:alpine" } }, "front.image"],
  ["a resolver by name", { front: { resolver: { address: "dns" } } }, "front.resolver.address"],
  ["a resolver's port", { front: { resolver: { address: "127.0.0.1", port: 0 } } }, "front.resolver.port"],
  ["no blob cache", { front: { blobCache: { maxGigabytes: 0 } } }, "front.blobCache.maxGigabytes"],
  [
    "a blob cache of NaN",
    { front: { blobCache: { maxGigabytes: Number.NaN } } },
    "front.blobCache.maxGigabytes",
  ],
  [
    "a blob cache for no time",
    { front: { blobCache: { validFor: Duration.seconds(1) } } },
    "front.blobCache.validFor",
  ],
  ["no registries", { registries: {} }, "registries"],
  [
    "maintenance at no time",
    { registries: { own }, maintenance: Maintenance.weekly("sunday") },
    "maintenance.calendar",
  ],
  ["a name in capitals", { registries: { GHCR: base.registries.ghcr } }, "registries.GHCR"],
  ["the front's name", { registries: { nginx: base.registries.ghcr } }, "registries.nginx"],
  ["the page's name", { registries: { ui: base.registries.ghcr } }, "registries.ui"],
  ["a port of 0", cache({ port: 0 }), "registries.ghcr.port"],
  ["a port of 70000", cache({ port: 70_000 }), "registries.ghcr.port"],
  ["a time to live on 2.8", cache({ ttl: Duration.days(7) }), "registries.ghcr.ttl"],
  ["an upstream over HTTP", cache({ upstream: "http://ghcr.io" }), "registries.ghcr.upstream"],
  ["an upstream with a path", cache({ upstream: "https://ghcr.io/v2" }), "registries.ghcr.upstream"],
  ["an upstream with a user", cache({ upstream: "https://me@ghcr.io" }), "registries.ghcr.upstream"],
  ["an upstream that is no URL", cache({ upstream: "ghcr.io" }), "registries.ghcr.upstream"],
  ["credentials by a relative path", cache({ credentialsFile: "ghcr.env" }), "registries.ghcr.credentials"],
  [
    "uploads purged at once",
    cache({ purgeUploadsAfter: Duration.minutes(1) }),
    "registries.ghcr.purgeUploadsAfter",
  ],
  [
    "a host name with a port",
    { registries: { own: { ...own, hostname: "a.example:5050" } } },
    "registries.own.hostname",
  ],
  [
    "a relative htpasswd",
    { registries: { own: { ...own, htpasswdFile: "htpasswd" } } },
    "registries.own.htpasswdFile",
  ],
  ["a port taken by metrics", cache({ port: 5001 }), "metrics.port"],
  [
    "a port taken twice",
    { registries: { a: base.registries.ghcr, b: base.registries.ghcr } },
    "registries.b.port",
  ],
  ["metrics for everybody", { metrics: { allow: ["0.0.0.0/0"] } }, "metrics.allow[0]"],
  ["metrics for all of IPv6", { metrics: { allow: ["10.0.0.0/8", "::/0"] } }, "metrics.allow[1]"],
  ["metrics for a name", { metrics: { allow: ["prometheus"] } }, "metrics.allow[0]"],
  ["metrics for a block too long", { metrics: { allow: ["10.0.0.0/33"] } }, "metrics.allow[0]"],
  ["metrics for nobody", { metrics: { allow: [] } }, "metrics.allow"],
  ["a page of another host", ui({ registry: "quay" }), "ui.registry"],
  ["a page of a registry called as an object's method", ui({ registry: "toString" }), "ui.registry"],
  ["a page that deletes for anybody", ui({ canDelete: true }), "ui.canDelete"],
  ["a floating page", ui({ image: "joxit/docker-registry-ui:latest" }), "ui.image"],
  ["a page on a registry's port", ui({ port: 5010 }), "ui.port"],
  [
    "a page with a password that is not the registry's",
    { registries: { own }, ui: { registry: "own", port: 8080, htpasswdFile: "/auth/other" } },
    "ui.htpasswdFile",
  ],
])("%s", (_, change, path) => {
  expect(paths(change)).toEqual([path]);
});

test("all problems come together, and none shows a password", () => {
  const options: RegistryHostOptions = {
    root: "x",
    image: "registry",
    registries: {
      ghcr: cacheOf("https://me:hunter2@ghcr.io/?token=hunter2", {
        port: 5010,
        credentials: UpstreamCredentials.envFile("x"),
      }),
    },
  };
  const said = checkHost(options).map(formatProblem).join("\n");
  expect(said.split("\n")).toHaveLength(4);
  expect(said).not.toContain("hunter2");
});
