import {
  allBlobs,
  allManifests,
  type BuiltManifest,
  buildImage,
  buildIndex,
  EmbeddedRegistry,
} from "../../lib/testing";
import { rawHttp } from "../support/raw-http";
import { RegistryObserver } from "../support/registry-observer";
import { skopeoCopy, skopeoPull } from "../support/skopeo";

const twoPlatforms = (seed: string): BuiltManifest =>
  buildIndex({
    attestations: true,
    children: ["linux/amd64", "linux/arm64/v8"].map((platform) =>
      buildImage({ seed: `${seed}/${platform}`, platform }),
    ),
  });

async function withRegistry(
  use: (registry: EmbeddedRegistry, at: RegistryObserver) => Promise<void>,
): Promise<void> {
  const registry = await EmbeddedRegistry.start();
  try {
    await use(registry, new RegistryObserver(registry.url, "app"));
  } finally {
    await registry.close();
  }
}

/** Pushes as a client does: blobs by upload sessions, then manifests from the leaves to the root. */
async function push(
  registry: EmbeddedRegistry,
  repository: string,
  tag: string,
  image: BuiltManifest,
): Promise<void> {
  for (const [digest, body] of allBlobs(image)) {
    const { headers } = await rawHttp(`${registry.url}/v2/${repository}/blobs/uploads/`, { method: "POST" });
    const put = await rawHttp(`${headers.location}&digest=${digest}`, { method: "PUT", body });
    expect(put.status).toBe(201);
  }
  const at = new RegistryObserver(registry.url, repository);
  for (const manifest of allManifests(image)) {
    const put = await at.put(manifest, manifest === image ? tag : manifest.digest);
    expect(put.headers["docker-content-digest"]).toBe(`${manifest.digest}`);
    expect(put.status).toBe(201);
  }
}

describe("skopeo", () => {
  test.each<[string, BuiltManifest]>([
    ["an OCI index with attestations", twoPlatforms("a")],
    ["a single image", buildImage({ seed: "a" })],
    [
      "a Docker list",
      buildIndex({ mediaTypes: "docker", children: [buildImage({ seed: "a", mediaTypes: "docker" })] }),
    ],
    [
      "an index without mediaType",
      buildIndex({ withMediaType: false, children: [buildImage({ seed: "a" })] }),
    ],
  ])("pulls %s, and pushes it to another registry", async (_, image) => {
    await withRegistry(async (source) => {
      source.put("app", "latest", image);
      expect(await skopeoPull(`${source.host}/app:latest`)).toEqual({ ok: true, stderr: "" });
      await withRegistry(async (target, at) => {
        const copied = await skopeoCopy(
          `docker://${source.host}/app:latest`,
          `docker://${target.host}/app:copy`,
        );
        expect(copied).toEqual({ ok: true, stderr: "" });
        expect((await at.manifest("copy")).body.equals(image.body)).toBe(true);
        expect(await skopeoPull(`${target.host}/app:copy`)).toEqual({ ok: true, stderr: "" });
      });
    });
  });

  test("cannot pull what garbage collection has taken, until the child's bytes and blobs are pushed again", async () => {
    const image = twoPlatforms("a");
    await withRegistry(async (registry, at) => {
      await push(registry, "app", "latest", image);
      registry.storage.garbageCollectDeletingUntagged();
      expect((await at.headManifest("latest")).status).toBe(200);
      expect((await skopeoPull(`${registry.host}/app:latest`)).stderr).toContain("manifest unknown");
      registry.restart();
      await push(registry, "app", "latest", image);
      expect(await skopeoPull(`${registry.host}/app:latest`)).toEqual({ ok: true, stderr: "" });
    });
  });

  test("a push without a restart before it ends with success and cannot be pulled", async () => {
    const image = buildIndex({ children: [buildImage({ seed: "a" })] });
    await withRegistry(async (source) => {
      source.put("app", "latest", image);
      await withRegistry(async (target) => {
        const [from, to] = [`docker://${source.host}/app:latest`, `docker://${target.host}/app:latest`];
        expect((await skopeoCopy(from, to)).ok).toBe(true);
        target.storage.garbageCollectDeletingUntagged();
        expect((await skopeoCopy(from, to)).ok).toBe(true);
        expect((await skopeoPull(`${target.host}/app:latest`)).stderr).toContain("EOF");
      });
    });
  });

  test("one PUT of the same bytes repairs a lost child", async () => {
    const image = buildIndex({ children: [buildImage({ seed: "a" })] });
    const [child] = image.children;
    if (child === undefined) throw new Error("the index has a child");
    await withRegistry(async (registry, at) => {
      registry.put("app", "latest", image);
      await at.delete(child.digest);
      expect((await skopeoPull(`${registry.host}/app:latest`)).ok).toBe(false);
      expect((await at.put(child)).status).toBe(201);
      expect((await skopeoPull(`${registry.host}/app:latest`)).ok).toBe(true);
    });
  });
});
