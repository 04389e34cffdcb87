import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "cdktf";
import { ImageLock } from "../../lib/core/image-lock";
import { registryEstate } from "../../stacks/estate/registry";
import { registryProbe } from "../../stacks/estate/registry-probe";
import { RegistryStack } from "../../stacks/registry";

let folder = "";
let stack: RegistryStack;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tallyman-registry-stack-"));
  writeFileSync(join(folder, "program.mjs"), "program");
  const app = new App({ outdir: join(folder, "out") });
  stack = new RegistryStack(app, "registry", registryEstate, { programFile: join(folder, "program.mjs") });
  app.synth();
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

test("the six registries on their ports, and what the host is probed by", () => {
  const { spec, registries } = stack.host;
  const ports = Object.entries(spec.registries).map(([name, { port }]) => [name, port]);
  expect(Object.fromEntries(ports)).toEqual({
    dockerhub: 5000,
    ghcr: 5010,
    quay: 5020,
    k8s: 5030,
    kyverno: 5040,
    private: 5050,
  });
  const { host, address } = registryProbe.registry;
  expect(registries.private).toEqual({ host, address });
});

test("the front has a server for each, and the page deletes nothing", () => {
  const artifact = (name: string) => readFileSync(join(folder, "out/artifacts/registry-host", name), "utf8");
  for (const port of [5000, 5010, 5020, 5030, 5040, 5050, 8080]) {
    expect(artifact("nginx.conf")).toMatch(new RegExp(`listen ${port}\\b`));
  }
  expect(artifact("docker-compose.yml")).toMatch(/DELETE_IMAGES: "false"/);
});

test("the host key is asked for, with no default that anybody could be fooled by", () => {
  const parsed: unknown = JSON.parse(readFileSync(join(folder, "out/stacks/registry/cdk.tf.json"), "utf8"));
  const text = JSON.stringify(parsed);
  expect(text).toContain(`"host_key":"\${var.registry_host_key}"`);
  expect(text).toMatch(/"registry_host_key":\{"description":"[^"]*","type":"string"\}/);
});

test("a digest in the lock is what runs, and an image without one is a warning", () => {
  const digest = `sha256:${"a".repeat(64)}`;
  const lock = ImageLock.EMPTY.with("registry:2.8.3", {
    status: "resolved",
    digest,
    mediaType: "application/vnd.oci.image.index.v1+json",
    resolvedAt: "2026-04-19T03:25:00.000Z",
    reason: null,
  }).with("nginx:1.28.0-alpine", {
    status: "unresolved",
    digest: null,
    mediaType: null,
    resolvedAt: null,
    reason: "unreachable",
  });
  const options = { programFile: join(folder, "program.mjs"), lock };
  const app = new App({ outdir: join(folder, "locked") });
  const { host } = new RegistryStack(app, "registry", registryEstate, options);
  app.synth();
  const artifact = (name: string) =>
    readFileSync(join(folder, "locked/artifacts/registry-host", name), "utf8");
  expect(artifact("docker-compose.yml").match(/image: registry:.*/g)).toEqual(
    Array.from({ length: 6 }, () => `image: registry:2.8.3@${digest}`),
  );
  expect(artifact("images.json")).toContain('"registry:2.8.3"');
  expect(artifact("images.json")).not.toContain(digest);
  expect(host.node.metadata.map(({ data }) => String(data))).toEqual([
    expect.stringContaining("nginx:1.28.0-alpine has no digest"),
  ]);
});
