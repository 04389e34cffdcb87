import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConfigMapV1 } from "@cdktf/provider-kubernetes/lib/config-map-v1";
import { KubernetesProvider } from "@cdktf/provider-kubernetes/lib/provider";
import { SecretV1 } from "@cdktf/provider-kubernetes/lib/secret-v1";
import {
  App,
  Aspects,
  AssetType,
  Fn,
  LocalBackend,
  TerraformAsset,
  TerraformStack,
  TerraformVariable,
} from "cdktf";
import { build } from "esbuild";
import { SnapshotError, snapshot } from "../../lib/testing";

const ROOT = join(__dirname, "../..");

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tallyman-snapshot-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function stackIn(outdir: string, program = "1"): TerraformStack {
  const stack = new TerraformStack(new App({ outdir }), "one");
  new KubernetesProvider(stack, "kubernetes");
  const file = join(folder, "program.mjs");
  writeFileSync(file, program);
  const asset = new TerraformAsset(stack, "program", { path: file, type: AssetType.FILE });
  const variable = new TerraformVariable(stack, "user", { type: "string" });
  new SecretV1(stack, "secret", {
    metadata: { name: "reader" },
    data: { user: variable.stringValue, password: "hunter2" },
  });
  new ConfigMapV1(stack, "config", {
    metadata: {
      name: "config",
      annotations: { "checksum/program": asset.assetHash.padEnd(64, "0").toLowerCase() },
    },
    data: {
      "program.mjs": Fn.file(asset.path),
      "other.mjs": Fn.file(join(outdir, "other.mjs")),
      "rules.yml": "groups:\n  - name: a\n    rules: []\n",
    },
  });
  return stack;
}

test("a stack as plain data: documents read, secrets masked, no hash and no path of the machine", () => {
  const taken = snapshot(stackIn(join(folder, "out")));
  expect(taken).toEqual(JSON.parse(JSON.stringify(taken)));
  expect(Object.keys(taken.resources)).toEqual([
    "kubernetes_config_map_v1.config",
    "kubernetes_secret_v1.secret",
  ]);
  expect(taken.resources["kubernetes_config_map_v1.config"]).toEqual({
    constructPath: "one/config",
    values: {
      metadata: { name: "config", annotations: { "checksum/program": "<hash>" } },
      data: {
        "program.mjs": `\${file("assets/<hash>/program.mjs")}`,
        "other.mjs": `\${file("<folder>/other.mjs")}`,
        "rules.yml": { "(document)": { groups: [{ name: "a", rules: [] }] } },
      },
    },
  });
  expect(taken.resources["kubernetes_secret_v1.secret"]?.values).toEqual({
    metadata: { name: "reader" },
    data: { user: `\${var.user}`, password: "(secret, not shown)" },
  });
  expect(taken.settings).toMatchObject({
    terraform: { backend: { local: { path: "<folder>/terraform.one.tfstate" } } },
    variable: { user: { type: "string" } },
  });
});

test("the same stack is the same elsewhere, and with another build of the program", () => {
  const one = JSON.stringify(snapshot(stackIn(join(folder, "out"))));
  expect(JSON.stringify(snapshot(stackIn(join(folder, "elsewhere"), "2")))).toBe(one);
  expect(one).not.toContain(folder);
});

test("nothing is written", () => {
  const stack = stackIn(join(folder, "out"));
  // The engine itself makes the folder, with the App.
  const files = () => readdirSync(folder, { recursive: true, encoding: "utf8" }).sort();
  const before = files();
  snapshot(stack);
  expect(files()).toEqual(before);
});

test("what any validation says is thrown, all of it together", () => {
  const stack = stackIn(join(folder, "out"));
  stack.node.addValidation({ validate: () => ["the stack is wrong"] });
  stack.node
    .findChild("config")
    .node.addValidation({ validate: () => ["name is taken", "so is the namespace"] });
  expect(() => snapshot(stack)).toThrow(SnapshotError);
  expect(() => snapshot(stack)).toThrow(
    "the stack is not valid:\none: the stack is wrong\none/config: name is taken\none/config: so is the namespace",
  );
});

test("a stack without the provider that it needs is no valid one", () => {
  const stack = new TerraformStack(new App({ outdir: join(folder, "out") }), "one");
  new ConfigMapV1(stack, "config", { metadata: { name: "config" } });
  expect(() => snapshot(stack)).toThrow(/kubernetes/);
});

test("aspects run, each once for a construct, however often a snapshot is taken", () => {
  const stack = stackIn(join(folder, "out"));
  new LocalBackend(stack, { path: "x.tfstate" });
  const visited: string[] = [];
  Aspects.of(stack).add({
    visit: (construct) => {
      visited.push(construct.node.path);
      if (construct instanceof ConfigMapV1) construct.addOverride("metadata.labels", { team: "a" });
    },
  });
  const taken = snapshot(stack);
  expect(taken.resources["kubernetes_config_map_v1.config"]?.values).toMatchObject({
    metadata: { labels: { team: "a" } },
  });
  expect(snapshot(stack)).toEqual(taken);
  expect(visited).toEqual([...new Set(visited)]);
  expect(visited).toEqual(stack.node.findAll().map(({ node }) => node.path));
});

/** Run by node itself, on either engine: no jest, and no engine loaded but the one of the test. */
const NODE_TEST = `
const test = require("node:test");
const assert = require("node:assert/strict");
const { App, Aspects, TerraformStack, TerraformVariable, TerraformOutput, LocalBackend } = require(process.env.ENGINE);
const { snapshot } = require("./snapshot.js");

test("a snapshot", () => {
  const stack = new TerraformStack(new App({ outdir: __dirname + "/out" }), "one");
  new LocalBackend(stack, { path: "/somewhere/one.tfstate" });
  const variable = new TerraformVariable(stack, "db_password", { type: "string", default: "hunter2" });
  new TerraformOutput(stack, "text", { value: "a\\nb: " + variable.stringValue });
  Aspects.of(stack).add({ visit: (one) => { if (one instanceof TerraformOutput) one.addOverride("description", "seen"); } });
  assert.deepEqual(snapshot(stack), {
    resources: {},
    settings: {
      output: { text: { description: "seen", value: "a\\nb: \${terraform:var.db_password}" } },
      terraform: { backend: { local: { path: "<folder>/one.tfstate" } } },
      variable: { db_password: { default: "(secret, not shown)", type: "string" } },
    },
  });
  const other = process.env.ENGINE === "cdktf" ? "cdktn" : "cdktf";
  assert.deepEqual(Object.keys(require.cache).filter((path) => path.includes("/node_modules/" + other + "/")), []);
});
`;

test.each(["cdktf", "cdktn"])("by node --test, on %s", async (engine) => {
  await build({
    entryPoints: [join(ROOT, "lib/diff/snapshot.ts")],
    outfile: join(folder, "snapshot.js"),
    bundle: true,
    platform: "node",
    format: "cjs",
    logLevel: "silent",
  });
  writeFileSync(join(folder, "one.test.js"), NODE_TEST);
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--test", join(folder, "one.test.js")], {
    cwd: folder,
    env: { ENGINE: engine, NODE_PATH: join(ROOT, "node_modules") },
    encoding: "utf8",
    timeout: 60_000,
  });
  expect({ status, said: status === 0 ? "" : stdout + stderr }).toEqual({ status: 0, said: "" });
  expect(stdout).toMatch(/^# pass 1$|pass 1/m);
  expect(readdirSync(join(folder, "out"), { recursive: true })).toEqual(["stacks"]);
});
