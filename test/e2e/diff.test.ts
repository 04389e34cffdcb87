import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DiffWorld } from "./diff-world";

let world: DiffWorld;
let base = "";
let head = "";

/** What a synthesis of the small project writes: one resource with that size. */
function stackOf(size: number): unknown {
  return { resource: { terraform_data: { host: { input: { size, name: "registry" } } } } };
}

const STACK = "output/stacks/registry/cdk.tf.json";
const COPY = 'cp -r output/. "$CDKTF_OUTDIR"';

beforeAll(async () => {
  world = await DiffWorld.create();
  base = world.commit({ [STACK]: stackOf(1), "cdktf.json": { app: COPY }, ".gitignore": "node_modules\n" });
  head = world.commit({ [STACK]: stackOf(2) });
  world.git("tag", "v2");
});
afterAll(() => world.remove());
afterEach(() => expect(world.leftovers()).toEqual([]));

describe("what is compared", () => {
  test("two revisions, each by what it synthesizes itself", async () => {
    const { code, stdout, stderr } = await world.diff(["HEAD~1", "v2", "--format", "json"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const { schema, changes } = JSON.parse(stdout);
    expect(schema).toBe("tallyman.diff/1");
    expect(changes).toEqual([
      expect.objectContaining({
        where: expect.stringContaining("registry/terraform_data.host"),
        before: "1",
        after: "2",
      }),
    ]);
  });

  test("a revision and itself: nothing", async () => {
    expect(await world.diff([head, "HEAD", "--fail-on", "info"])).toEqual({
      code: 0,
      stdout: "no change\n",
      stderr: "",
    });
  });

  test("a folder and a revision; the limit decides the exit code", async () => {
    const run = await world.diff(["output", base, "--fail-on", "info"]);
    expect({ code: run.code, stderr: run.stderr }).toEqual({ code: 1, stderr: "" });
    expect((await world.diff(["output", head, "--fail-on", "info"])).code).toBe(0);
  });

  test("two folders need no repository and no git", async () => {
    const output = join(world.root, "output");
    const run = await world.diff([output, output], { cwd: "..", env: { PATH: "/nonexistent" } });
    expect(run).toEqual({ code: 0, stdout: "no change\n", stderr: "" });
  });

  test("of a word that is both, the folder where it is an output, else the revision", async () => {
    world.git("branch", "output", base);
    world.git("branch", "empty", base);
    mkdirSync(join(world.root, "empty"));
    try {
      expect((await world.diff(["output", "HEAD", "--fail-on", "info"])).code).toBe(0);
      expect((await world.diff(["empty", "HEAD", "--fail-on", "info"])).code).toBe(1);
    } finally {
      rmSync(join(world.root, "empty"), { recursive: true });
      world.git("branch", "--delete", "--force", "output", "empty");
    }
  });

  test("what stands uncommitted in the checkout is not in a revision", async () => {
    world.write(STACK, stackOf(3));
    const { stdout } = await world.diff(["HEAD", "HEAD"]);
    expect(stdout).toBe("no change\n");
    expect((await world.diff(["HEAD", "output", "--fail-on", "info"])).code).toBe(1);
    world.git("checkout", "--quiet", "--", ".");
  });

  test("the project of the folder that the command is run in", async () => {
    const inner = { "inner/output/stacks/a/cdk.tf.json": stackOf(7), "inner/cdktf.json": { app: COPY } };
    world.commit(inner);
    const { code, stdout } = await world.diff(["HEAD", "output"], { cwd: "inner" });
    expect({ code, stdout }).toEqual({ code: 0, stdout: "no change\n" });
    const before = await world.diff([base, "output"], { cwd: "inner" });
    expect(before.code).toBe(2);
    expect(before.stderr).toContain('could not be synthesized: it has no folder "inner"');
    world.git("reset", "--quiet", "--hard", head);
  });
});

describe("words that name nothing", () => {
  test.each([["nothing"], ["--", "--upload-pack=x"], [".git"]])(
    "%s exits 64 in one line",
    async (...words) => {
      const { code, stdout, stderr } = await world.diff([...words, "HEAD"]);
      expect({ code, stdout }).toEqual({ code: 64, stdout: "" });
      expect(stderr).toMatch(/^tallyman: "[^"]+" is neither a synthesized output .*nor a revision.*\n$/);
    },
  );

  test("outside of a repository", async () => {
    const { code, stderr } = await world.diff(["main", "HEAD"], { cwd: "..", env: { GIT_DIR: "x" } });
    expect(code).toBe(64);
    expect(stderr).toMatch(
      /^tallyman: "main" is no synthesized output .*needs a repository here: git rev-parse.*\n$/,
    );
  });
});

describe("the surroundings of a synthesis", () => {
  test("are PATH, a home of its own, a fixed locale and zone: no token", async () => {
    const seen = join(world.folder, "seen");
    const env = {
      GITHUB_TOKEN: "hunter2",
      TF_VAR_x: "hunter2",
      TZ: "Asia/Tokyo",
      LANG: "de_DE.UTF-8",
      NODE_OPTIONS: "",
    };
    const words = ["HEAD", "HEAD", "--synth", `env >${seen}; pwd >>${seen}; ${COPY}`];
    expect(await world.diff(words, { env })).toMatchObject({ code: 0, stderr: "" });
    const lines = readFileSync(seen, "utf8").trim().split("\n");
    const names = lines
      .flatMap((line) => /^(\w+)=/.exec(line)?.[1] ?? [])
      .filter((name) => !/^(?:PWD|OLDPWD|SHLVL|_)$/.test(name));
    expect(names.sort()).toEqual(["CDKTF_OUTDIR", "HOME", "LANG", "PATH", "TZ"]);
    expect(lines).toEqual(expect.arrayContaining(["LANG=C", "TZ=UTC"]));
    const home = lines.find((line) => line.startsWith("HOME="))?.slice(5) ?? "";
    expect(home.startsWith(join(world.folder, "tmp"))).toBe(true);
    expect(lines.at(-1)).toContain(join(world.folder, "tmp"));
  });

  test("the context of cdktf.json is handed over, as the framework's own command line does", async () => {
    const seen = join(world.folder, "context");
    const app = `printf %s "$CDKTF_CONTEXT_JSON" >${seen}; ${COPY}`;
    world.commit({ "cdktf.json": { app, context: { zone: "a" } } });
    await world.diff(["HEAD", "output"]);
    expect(readFileSync(seen, "utf8")).toBe('{"zone":"a"}');
    world.git("reset", "--quiet", "--hard", head);
  });

  test("no hook, file system monitor or filter of the repository runs", async () => {
    const trace = join(world.folder, "ran");
    for (const hook of ["post-checkout", "post-index-change", "reference-transaction"]) {
      world.write(`.git/hooks/${hook}`, `#!/bin/sh\ntouch ${trace}\n`);
      chmodSync(join(world.root, ".git/hooks", hook), 0o755);
    }
    world.git("config", "core.fsmonitor", `touch ${trace}; false`);
    for (const kind of ["smudge", "process"])
      world.git("config", `filter.a.b.${kind}`, `touch ${trace}; cat`);
    world.git("config", "filter.a.b.required", "true");
    world.write(".git/info/attributes", "* filter=a.b\n");
    try {
      expect(await world.diff(["HEAD~1", "HEAD"])).toMatchObject({ code: 0, stderr: "" });
      expect(existsSync(trace)).toBe(false);
    } finally {
      rmSync(join(world.root, ".git/hooks"), { recursive: true });
      rmSync(join(world.root, ".git/info/attributes"));
      world.git("config", "--unset", "core.fsmonitor");
      world.git("config", "--remove-section", "filter.a.b");
    }
  });

  test("the checkout's dependencies are lent, and stay; a lock that differs is told", async () => {
    world.write("node_modules/a/index.js", "module.exports = 1;");
    const app = `node -e 'if (require("a") !== 1) process.exit(9)' && ${COPY}`;
    const locked = world.commit({ "cdktf.json": { app }, "package.json": {}, "package-lock.json": { a: 1 } });
    world.commit({ "package-lock.json": { a: 2 } });
    const run = await world.diff([locked, "HEAD"]);
    expect(run).toMatchObject({ code: 0 });
    expect(run.stderr).toBe(
      `tallyman: note on "${locked}": its package-lock.json differs from this checkout's, whose node_modules it was synthesized with\n`,
    );
    expect(readdirSync(join(world.root, "node_modules/a"))).toEqual(["index.js"]);
    rmSync(join(world.root, "node_modules"), { recursive: true });
    const without = await world.diff(["HEAD", "output"]);
    expect(without.code).toBe(2);
    expect(without.stderr).toContain(
      'note on "HEAD": this checkout has no node_modules that it could be synthesized with\n',
    );
    world.git("reset", "--quiet", "--hard", head);
  });
});
