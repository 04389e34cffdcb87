import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Duration } from "../../lib/core/duration";
import { checkHost } from "../../lib/registry-host/checks";
import {
  distributionConfig,
  renderDistributionConfig,
} from "../../lib/registry-host/distribution/render-distribution-config";
import { cacheOf } from "../../lib/registry-host/host-registry";
import { hostSpec } from "../../lib/registry-host/host-spec";
import { allBlobs, buildImage, EmbeddedRegistry } from "../../lib/testing";
import { parseYaml } from "../../lib/text/yaml";
import { distributionVersions } from "../support/distribution";
import { htpasswdLine } from "../support/htpasswd";
import { rawHttp } from "../support/raw-http";
import { startRendered } from "../support/rendered-registry";
import { skopeoPull } from "../support/skopeo";
import { writeImage } from "../support/write-image";
import { ESTATE } from "./fixtures/estate-options";

const IMAGE = { 2: "registry:2.8.3", 3: "registry:3.1.2" } as const;
const majors = distributionVersions("rendered configurations").map((one) => (one === "2.8" ? 2 : 3));

const specOf = (major: 2 | 3) => hostSpec({ ...ESTATE, image: IMAGE[major] });
const basic = `Basic ${Buffer.from("ci:secret").toString("base64")}`;

describe.each(majors)("distribution %s", (major) => {
  let folder: string;
  let htpasswdFile: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "tallyman-config-"));
    htpasswdFile = join(folder, "htpasswd");
    writeFileSync(htpasswdFile, `${htpasswdLine("ci", "secret")}\n`);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test("a private registry demands credentials, takes uploads, and shows its metrics on the other listener", async () => {
    const config = distributionConfig(specOf(major), "private");
    const registry = await startRendered({ major, config, htpasswdFile });
    try {
      const url = `http://${registry.host}/v2/`;
      expect((await rawHttp(url)).status).toBe(401);
      expect((await rawHttp(url, { headers: { authorization: basic } })).status).toBe(200);
      expect((await startUpload(registry.host)).status).toBe(202);
      const metrics = await rawHttp(`http://${registry.debugHost}/metrics`);
      expect(metrics.body.toString()).toContain("registry_http_requests_total");
      expect((await rawHttp(`http://${registry.host}/metrics`)).status).toBe(404);
    } finally {
      await registry.stop();
    }
  });

  test("read-only, it is served and nothing can be written", async () => {
    const config = distributionConfig(specOf(major), "private", "read-only");
    const root = join(folder, "read-only");
    writeImage(root, "app", "1", buildImage({ seed: "app" }));
    const registry = await startRendered({ major, config, htpasswdFile, root });
    try {
      expect((await startUpload(registry.host)).status).toBe(405);
      const credentials = { username: "ci", password: "secret" };
      expect(await skopeoPull(`${registry.host}/app:1`, { credentials })).toMatchObject({ ok: true });
    } finally {
      await registry.stop();
    }
  });

  test("a cache fetches from its upstream, by the credentials of its environment, and keeps what it fetched", async () => {
    const users = { username: "reader", password: "of upstream" };
    const upstream = await EmbeddedRegistry.start({ auth: { bearer: { credentials: users } } });
    const image = buildImage({ seed: "app" });
    upstream.put("app", "1", image);
    const config = distributionConfig(specOf(major), "dockerhub");
    expect(config.proxy).toEqual({ remoteurl: "https://registry-1.docker.io" });
    const cache = await startRendered({
      major,
      config,
      upstream: upstream.url,
      environment: {
        REGISTRY_PROXY_USERNAME: users.username,
        REGISTRY_PROXY_PASSWORD: users.password,
      },
    });
    try {
      expect(await skopeoPull(`${cache.host}/app:1`)).toMatchObject({ ok: true });
      upstream.forgetRequests();
      const [blob] = [...allBlobs(image).keys()];
      expect((await rawHttp(`http://${cache.host}/v2/app/blobs/${blob}`)).status).toBe(200);
      expect(upstream.requests.filter(({ url }) => url.includes("/blobs/"))).toEqual([]);
      expect((await startUpload(cache.host)).status).toBe(405);
    } finally {
      await cache.stop();
      await upstream.close();
    }
  });

  test("what is written is what was meant", () => {
    const spec = specOf(major);
    for (const name of Object.keys(spec.registries)) {
      for (const mode of ["serving", "read-only"] as const) {
        const text = renderDistributionConfig(spec, name, mode);
        expect(parseYaml(text)).toEqual(distributionConfig(spec, name, mode));
      }
    }
  });
});

test("a time to live is refused where the registry would ignore it, and written where it would not", () => {
  const registries = { ghcr: cacheOf("https://ghcr.io", { port: 5010, ttl: Duration.days(7) }) };
  const two = { root: "/opt/registry", image: IMAGE[2], registries };
  expect(checkHost(two)).toMatchObject([
    { path: "registries.ghcr.ttl", rule: expect.stringContaining("2.8") },
  ]);
  const three = { ...two, image: IMAGE[3] };
  expect(checkHost(three)).toEqual([]);
  expect(distributionConfig(hostSpec(three), "ghcr").proxy).toEqual({
    remoteurl: "https://ghcr.io",
    ttl: "168h",
  });
});

function startUpload(host: string) {
  return rawHttp(`http://${host}/v2/app/blobs/uploads/`, {
    method: "POST",
    headers: { authorization: basic },
  });
}
