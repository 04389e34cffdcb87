import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "cdktf";
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
