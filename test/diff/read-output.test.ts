// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Terraform's own templates
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { ConfigurationError } from "../../lib/core/problem";
import { readOutput } from "../../lib/diff/read-output";

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tallyman-read-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function write(files: Readonly<Record<string, unknown>>, root = join(folder, "cdktf.out")): string {
  mkdirSync(root, { recursive: true });
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    const isText = typeof content === "string" || Buffer.isBuffer(content);
    writeFileSync(join(root, path), isText ? content : JSON.stringify(content));
  }
  return root;
}

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const stackFile = (name: string) => ({ name, synthesizedStackPath: `stacks/${name}/cdk.tf.json` });
const withValue = (x: unknown) => ({ resource: { a: { b: { x } } } });
const messageOf = (action: () => unknown): string => {
  try {
    action();
  } catch (error) {
    if (error instanceof ConfigurationError) return error.message;
    throw error;
  }
  throw new Error("nothing was thrown");
};

test("the stacks of the manifest and every artifact, by its path", () => {
  const root = write({
    "manifest.json": { stacks: { one: stackFile("one") }, version: "0.21.0" },
    "stacks/one/cdk.tf.json": withValue(1),
    "stacks/left-over/cdk.tf.json": withValue(2),
    "artifacts/monitoring/rules.yml": "groups: []\n",
    "artifacts/README": "text\n",
  });
  const { stacks, artifacts } = readOutput(root);
  expect([...stacks.keys()]).toEqual(["one"]);
  expect(stacks.get("one")?.resources.get("a.b")?.values).toEqual({ x: 1 });
  expect([...artifacts]).toEqual([
    ["README", { kind: "text", text: "text\n" }],
    ["monitoring/rules.yml", { kind: "data", value: { groups: [] } }],
  ]);
});

test("without a manifest every folder with a stack's file", () => {
  const root = write({
    "stacks/one/cdk.tf.json": withValue(1),
    "stacks/two/cdk.tf.json": withValue(2),
    "stacks/other/readme": "",
  });
  expect([...readOutput(root).stacks.keys()]).toEqual(["one", "two"]);
});

test("an asset is shown by itself where no artifact has its bytes, and its hash nowhere", () => {
  const program = "console.log('program');\n";
  const conf = "listen 80;\nserver_name a;\n";
  const all = sha256("of names and texts");
  const root = write({
    "stacks/one/cdk.tf.json": withValue({
      program: '${sensitive(file("assets/p_1A2B3C4D/E20E5579B7A752A0B690051DEBA26C4A/tallyman.mjs"))}',
      "checksum/program": sha256(program),
      "checksum/catalog": all,
      "checksum/foreign": sha256("elsewhere"),
      version: `1.0.0+${sha256(conf).slice(0, 12)}`,
    }),
    "stacks/one/assets/p_1A2B3C4D/E20E5579B7A752A0B690051DEBA26C4A/tallyman.mjs": program,
    [`stacks/one/assets/f_1A2B3C4D/${all.slice(0, 16)}/nginx.conf`]: conf,
    [`stacks/one/assets/f_1A2B3C4D/${all.slice(0, 16)}/same.txt`]: "a\n",
    "stacks/one/assets/g_1A2B3C4D/E20E5579B7A752A0B690051DEBA26C4A/same.txt": "b\n",
    "artifacts/probe/tallyman.mjs": program,
  });
  const { stacks, artifacts } = readOutput(root);
  expect(stacks.get("one")?.resources.get("a.b")?.values).toEqual({
    x: {
      program: '${sensitive(file("assets/<hash>/tallyman.mjs"))}',
      "checksum/program": "<hash>",
      "checksum/catalog": "<hash>",
      "checksum/foreign": sha256("elsewhere"),
      version: "1.0.0+<hash>",
    },
  });
  expect([...artifacts.keys()]).toEqual([
    "probe/tallyman.mjs",
    "stacks/one/assets/nginx.conf",
    "stacks/one/assets/f_1A2B3C4D/same.txt",
    "stacks/one/assets/g_1A2B3C4D/same.txt",
  ]);
});

test("a release is known by its files, not by its id", () => {
  const id = "6d4339cd49d4ff9d";
  const conf = "listen 80;\nserver_name a;\n";
  const foreign = sha256("not here");
  const root = write({
    "stacks/one/cdk.tf.json": withValue("y"),
    "artifacts/registry-host/nginx.conf": conf,
    "artifacts/registry-host/release.json": {
      schema: "tallyman.release/1",
      id,
      files: [
        { path: "nginx.conf", sha256: sha256(conf) },
        { path: "other", sha256: foreign },
      ],
    },
    "artifacts/notes.txt": `release ${id}\n`,
  });
  const { artifacts } = readOutput(root);
  expect(artifacts.get("registry-host/release.json")).toEqual({
    kind: "data",
    value: {
      schema: "tallyman.release/1",
      id: "<hash>",
      files: [
        { path: "nginx.conf", sha256: "<hash>" },
        { path: "other", sha256: foreign },
      ],
    },
  });
  expect(artifacts.get("notes.txt")).toEqual({ kind: "text", text: "release <hash>\n" });
});

test("the checkout's path is no difference, a container's path is one", () => {
  const outputs = ["a/b", "longer/c/d"].map((checkout) => {
    const home = join(folder, checkout);
    return readOutput(
      write(
        {
          "stacks/one/cdk.tf.json": withValue({
            file: `\${file("${home}/values.yml")}`,
            source: `${home}/docs/x.md`,
            mount: "/opt/registry",
          }),
        },
        join(home, "cdktf.out"),
      ),
    );
  });
  expect(outputs[1]).toEqual(outputs[0]);
  expect(outputs[0]?.stacks.get("one")?.resources.get("a.b")?.values).toEqual({
    x: { file: '${file("<folder>/values.yml")}', source: "<folder>/docs/x.md", mount: "/opt/registry" },
  });
});

test("a symbolic link is told and never followed", () => {
  const secret = join(folder, "secret");
  writeFileSync(secret, "hunter2");
  const root = write({ "stacks/one/cdk.tf.json": withValue(1), "artifacts/a": "a\n" });
  symlinkSync(secret, join(root, "artifacts/link"));
  symlinkSync(folder, join(root, "artifacts/folder"));
  const { artifacts } = readOutput(root);
  expect(artifacts.get("link")).toEqual({ kind: "text", text: `symbolic link to ${secret}\n` });
  expect([...artifacts.keys()]).toEqual(["a", "folder", "link"]);

  const linked = join(folder, "linked.out");
  symlinkSync(root, linked);
  expect(readOutput(linked).artifacts.size).toBe(3);

  symlinkSync(join(root, "stacks/one"), join(root, "stacks/two"));
  expect([...readOutput(root).stacks.keys()]).toEqual(["one"]);
  rmSync(join(root, "stacks/one/cdk.tf.json"));
  symlinkSync(secret, join(root, "stacks/one/cdk.tf.json"));
  expect(messageOf(() => readOutput(root))).toMatch(/must be a file of its own, not a symbolic link/);
});

describe("what is not an output is refused, with its path and what to do", () => {
  test.each<[string, Record<string, unknown>, RegExp]>([
    [
      "an empty folder",
      {},
      /cdktf\.out.*have manifest\.json or a folder stacks|have manifest\.json or a folder stacks.*cdktf\.out/,
    ],
    [
      "a manifest that is no JSON",
      { "manifest.json": "{" },
      /must be JSON, got ".*manifest\.json"\. Synthesize/,
    ],
    [
      "a manifest without stacks",
      { "manifest.json": [] },
      /must have the object stacks, got ".*manifest\.json"/,
    ],
    [
      "a manifest that leads out of the folder",
      { "manifest.json": { stacks: { x: { synthesizedStackPath: "stacks/../cdk.tf.json" } } } },
      /name stacks\/<folder>\/cdk\.tf\.json for the stack x and not "stacks\/\.\.\/cdk\.tf\.json"/,
    ],
    [
      "a stack in HCL",
      { "manifest.json": { stacks: { x: { synthesizedStackPath: "stacks/x/cdk.tf" } } } },
      /and not "stacks\/x\/cdk\.tf"/,
    ],
    [
      "a stack that is not there",
      { "manifest.json": { stacks: { x: stackFile("x") } } },
      /must be there, as manifest\.json lists it, got ".*stacks\/x\/cdk\.tf\.json"/,
    ],
    [
      "a stack cut short",
      { "stacks/x/cdk.tf.json": '{"resource":{' },
      /must be JSON, got ".*stacks\/x\/cdk\.tf\.json"/,
    ],
    ["a stack that is a list", { "stacks/x/cdk.tf.json": [] }, /stacks\/x\/cdk\.tf\.json must be an object/],
    ["a stack that is not UTF-8", { "stacks/x/cdk.tf.json": Buffer.from([0xff]) }, /must be UTF-8/],
    [
      "a stack nested without end",
      { "stacks/x/cdk.tf.json": `${'{"a":'.repeat(5000)}1${"}".repeat(5000)}` },
      /must be JSON/,
    ],
    ["a file in the place of a folder", { stacks: "x" }, /have manifest\.json or a folder stacks/],
    [
      "artifacts that are a file",
      { "stacks/x/cdk.tf.json": {}, artifacts: "x" },
      /must be a folder of its own/,
    ],
  ])("%s", (_what, files, message) => {
    const root = write(files);
    expect(messageOf(() => readOutput(root))).toMatch(message);
  });

  test("a folder that is not there", () => {
    expect(messageOf(() => readOutput(join(folder, "none")))).toMatch(/got ".*none/);
  });

  test("more than the limits allow", () => {
    const root = write({
      "stacks/x/cdk.tf.json": {},
      "artifacts/a/b/c/d": "12345",
      "artifacts/e": "1",
    });
    expect(readOutput(root, { maxFiles: 2, maxDepth: 3, maxFileBytes: 5 }).artifacts.size).toBe(2);
    expect(messageOf(() => readOutput(root, { maxFiles: 1 }))).toMatch(/be one of at most 1 in an output/);
    expect(messageOf(() => readOutput(root, { maxDepth: 2 }))).toMatch(
      /be at most 2 folders deep, got ".*a\/b\/c"/,
    );
    expect(messageOf(() => readOutput(root, { maxFileBytes: 4 }))).toMatch(/be at most 4 bytes/);
  });
});

describe("a large stack", () => {
  const stackOf = (value: unknown) =>
    write({ "stacks/x/cdk.tf.json": { resource: { a: { b: { value } } } } });

  const valueIn = (root: string) =>
    Object(readOutput(root).stacks.get("x")?.resources.get("a.b")?.values).value;

  test("of more than the 4 MiB of an artifact is read", () => {
    const text = "x".repeat(5 * 1024 * 1024);
    expect(valueIn(stackOf(text)) === text).toBe(true);
  });

  test("is read up to 32 MiB", () => {
    expect(messageOf(() => readOutput(stackOf("x".repeat(32 * 1024 * 1024))))).toMatch(
      /be at most 33554432 bytes \(it has 335.*Divide the stack in several\.$/,
    );
  });

  test("is read up to two million values, whatever their bytes", () => {
    expect(messageOf(() => readOutput(stackOf(Array(2_000_000).fill(0))))).toMatch(
      /hold at most 2000000 values, got .*Divide the stack in several\.$/,
    );
  });

  test("has documents of up to 4 MiB in its texts, beyond which a text is a text", () => {
    const yaml = (bytes: number) => `a: ${"x".repeat(bytes)}\nb: 1\n`;
    const read = (bytes: number) => typeof valueIn(stackOf(yaml(bytes)));
    expect([read(1_000), read(4 * 1024 * 1024)]).toEqual(["object", "string"]);
  });
});

test("a file beyond what is shown is known by its hash", () => {
  const content = "x".repeat(5 * 1024 * 1024);
  const root = write({ "stacks/x/cdk.tf.json": {}, "artifacts/page.html": content });
  expect(readOutput(root).artifacts.get("page.html")).toEqual({
    kind: "bytes",
    sha256: sha256(content),
    size: content.length,
  });
});
