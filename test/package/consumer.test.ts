import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ConsumerProject, type Setup } from "./consumer-project";
import { ROOT, Tarball } from "./tarball";

jest.setTimeout(180_000);

const COMMONJS: Setup = { type: "commonjs", module: "node16", moduleResolution: "node16" };
const STACK = "cdktf.out/stacks/monitoring/cdk.tf.json";

/** The first TypeScript under that heading. */
function exampleOf(path: string, heading: string): string {
  const text = readFileSync(join(ROOT, path), "utf8");
  const section = text.slice(text.indexOf(`\n${heading}\n`));
  const block = /```ts\n([\s\S]*?)```/.exec(section)?.[1];
  if (!text.includes(`\n${heading}\n`) || block === undefined) throw new Error(`${path} has no ${heading}`);
  return block;
}

/** The example of a docstring. */
function docstringExample(path: string): string {
  const block = / \* ```ts\n([\s\S]*?) \* ```/.exec(readFileSync(join(ROOT, path), "utf8"))?.[1];
  if (block === undefined) throw new Error(`${path} has no example`);
  return block.replace(/^ \* ?/gm, "");
}

/** Uses the three other entry points, and says in JSON what came of it. */
const OTHERS = `
import { diffOutputs, type OutputDiff } from "tallyman/diff";
import { exitCode, type Finding, probeRegistry, programFile, verifyImages } from "tallyman/probe";
import { buildImage, buildIndex, EmbeddedRegistry } from "tallyman/testing";
import { existsSync } from "node:fs";

async function main(): Promise<void> {
  const registry = await EmbeddedRegistry.start();
  try {
    const child = buildImage({ seed: "one", platform: "linux/arm64" });
    registry.put("team/app", "1.0", buildIndex({ children: [child] }));
    const surroundings = { now: Date.now, random: Math.random, warn: console.warn, requestsPerSecond: 0 };
    const whole = await probeRegistry(new URL(registry.url), surroundings);
    registry.storage.deleteManifest("team/app", child.digest);
    const [broken] = await verifyImages([\`\${registry.url}/team/app:1.0\`], surroundings);
    const findings: readonly Finding[] = broken?.assessment.report.findings ?? [];
    const empty = { stacks: new Map(), artifacts: new Map() };
    const diff: OutputDiff = diffOutputs(empty, empty);
    console.log(JSON.stringify({
      whole: exitCode(whole.assessment),
      tags: whole.assessment.report.checked.tags,
      findings: findings.map(({ kind, tags }) => [kind, ...tags]),
      grade: diff.grade,
      program: existsSync(programFile),
    }));
  } finally {
    await registry.close();
  }
}
void main();
`;

const EXAMPLE = exampleOf("README.md", "## In a cluster, by CDKTF");

let tarball: Tarball;
let project: ConsumerProject;

beforeAll(() => {
  tarball = Tarball.pack();
  project = consumer("cdktf");
});

afterAll(() => {
  project.remove();
  tarball.remove();
});

function consumer(engine: "cdktf" | "cdktn"): ConsumerProject {
  const made = new ConsumerProject(tarball, engine);
  made.write("main.ts", EXAMPLE);
  made.write("others.ts", OTHERS);
  made.write("docstring.ts", docstringExample("lib/integrity/probe-registry.ts"));
  return made;
}

const fine = { status: 0, stderr: "" };

/** Node resolves no folder for an ES module, and the prebuilt providers have no `exports`. */
const byFile = (text: string) => text.replace(/(@cdktf\/provider-[a-z]+\/lib\/[a-z0-9-]+)"/g, '$1/index.js"');
const asIs = (text: string) => text;
const BUNDLED: Setup = { type: "module", module: "esnext", moduleResolution: "bundler" };

interface Kind {
  readonly name: string;
  readonly setup: Setup;
  readonly write: (example: string) => string;
  /** Of what is run. */
  readonly extension: string;
}

describe.each<Kind>([
  { name: "a CommonJS project", setup: COMMONJS, write: asIs, extension: "js" },
  { name: "an ES module project", setup: { ...COMMONJS, type: "module" }, write: byFile, extension: "js" },
  { name: "a bundled project", setup: BUNDLED, write: asIs, extension: "cjs" },
  {
    name: "a project set up as cdktf's own template",
    setup: { type: "commonjs", module: "commonjs", moduleResolution: "node10" },
    write: asIs,
    extension: "js",
  },
])("$name", ({ setup, write, extension }) => {
  beforeAll(() => {
    project.write("main.ts", write(EXAMPLE));
    expect(project.compile(setup)).toMatchObject({ status: 0, stdout: "" });
    if (setup === BUNDLED) project.bundle(["main", "others"]);
  });

  test("synthesizes the README's stack, with the program that the package carries", () => {
    expect(project.node(`out/main.${extension}`)).toMatchObject(fine);
    const stack = project.read(STACK);
    const there = expect.anything();
    expect(JSON.parse(stack)).toMatchObject({
      resource: {
        kubernetes_config_map_v1: there,
        kubernetes_cron_job_v1: there,
        kubernetes_manifest: there,
      },
    });
    const carried = /assets\/[A-Za-z0-9_]+\/[0-9A-F]+\/tallyman\.mjs/.exec(stack)?.[0] ?? "none";
    expect(project.read(`cdktf.out/stacks/monitoring/${carried}`)).toBe(
      project.read("node_modules/tallyman/dist/lib/cli/tallyman.mjs"),
    );
  });

  test("reaches the verdict engine, the registry for tests and the diff", () => {
    const { status, stdout, stderr } = project.node(`out/others.${extension}`);
    expect({ status, stderr }).toEqual(fine);
    expect(JSON.parse(stdout)).toEqual({
      whole: 0,
      tags: 1,
      findings: [["index_child_missing", "1.0"]],
      grade: "none",
      program: true,
    });
  });
});

test("what is no entry point is not reached", () => {
  const { status, stderr } = project.node("--eval", 'require("tallyman/dist/lib/core/duration")');
  expect(status).not.toBe(0);
  expect(stderr).toContain("ERR_PACKAGE_PATH_NOT_EXPORTED");
});

test("the command of the package runs", () => {
  const help = project.node("node_modules/tallyman/dist/lib/cli/main.js", "--help");
  expect(help).toMatchObject({ ...fine, stdout: expect.stringContaining("probe") });
  expect(project.read("node_modules/tallyman/dist/lib/cli/main.js")).toMatch(/^#!\/usr\/bin\/env node\n/);
  // It needs the catalogue's Markdown bundle and everything else that is loaded late.
  for (const command of ["catalog", "audit", "pin", "host", "demo", "scan", "retain", "repair"]) {
    expect(project.node("node_modules/tallyman/dist/lib/cli/main.js", command, "--help").status).toBe(0);
  }
});

test("on cdktn, by the override: the same stack, but for the version stamp", () => {
  project.write("main.ts", EXAMPLE);
  expect(project.compile(COMMONJS)).toMatchObject({ status: 0 });
  expect(project.node("out/main.js")).toMatchObject(fine);
  const before = project.read(STACK);
  const moved = consumer("cdktn");
  try {
    expect(moved.compile(COMMONJS)).toMatchObject({ status: 0, stdout: "" });
    expect(moved.node("out/main.js")).toMatchObject(fine);
    const after = moved.read(STACK);
    expect(after).toContain('"version": "0.24.0"');
    // Without a backend of its own, a stack has an absolute path.
    const unmoved = after.replaceAll(moved.folder, project.folder).replace('"0.24.0"', '"0.21.0"');
    expect(JSON.parse(unmoved)).toEqual(JSON.parse(before));
  } finally {
    moved.remove();
  }
});
