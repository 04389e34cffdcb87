import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { DiffWorld, finish } from "./diff-world";

let world: DiffWorld;
let head = "";

/** What a synthesis of the small project writes: one resource with that size. */
function stackOf(size: number): unknown {
  return { resource: { terraform_data: { host: { input: { size, name: "registry" } } } } };
}

const STACK = "output/stacks/registry/cdk.tf.json";
const COPY = 'cp -r output/. "$CDKTF_OUTDIR"';

beforeAll(async () => {
  world = await DiffWorld.create();
  world.commit({ [STACK]: stackOf(1), "cdktf.json": { app: COPY }, ".gitignore": "node_modules\n" });
  head = world.commit({ [STACK]: stackOf(2) });
});
afterAll(() => world.remove());
afterEach(() => expect(world.leftovers()).toEqual([]));

describe("a revision without output exits 2 and says why", () => {
  test.each([
    ["exit 3", /`?"exit 3": exit 3\n$/],
    ["true", /"true" wrote no stacks to the folder \$CDKTF_OUTDIR\n$/],
    ["echo TOKEN=hunter2 >&2; exit 1", /"echo TOKEN=… >&2; exit 1": exit 1\n {2}TOKEN=…\n$/],
    ["echo out; exit 1", /: exit 1\n {2}out\n$/],
    ["kill -9 $$", /: SIGKILL\n$/],
    [
      "mkdir -p $CDKTF_OUTDIR/stacks/a; echo { >$CDKTF_OUTDIR/stacks/a/cdk.tf.json",
      /^tallyman: the output of "HEAD" \([0-9a-f]{12}\) cannot be read: .+\n$/,
    ],
  ])("%s", async (synth, message) => {
    const { code, stdout, stderr } = await world.diff(["HEAD", "output", "--synth", synth]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(message);
    expect(stderr).not.toContain("hunter2");
    expect(stderr).toMatch(/^tallyman: (?:the output of )?"HEAD" \([0-9a-f]{12}\) /);
  });

  test("without a command to run", async () => {
    const none = world.commit({ "cdktf.json": {} });
    expect((await world.diff([none, "output"])).stderr).toContain(
      "no cdktf.json that names its app. Give the command by --synth",
    );
    world.git("reset", "--quiet", "--hard", head);
  });

  test("after --timeout, with all that it started", async () => {
    const pids = join(world.folder, "pids");
    const synth = `sleep 300 & echo $! $$ >${pids}; wait`;
    const { code, stderr } = await world.diff(["HEAD", "output", "--synth", synth, "--timeout", "1s"]);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(": no end within 1s\n") });
    await expectGone(pids);
  });

  test("what a synthesis leaves running ends with it", async () => {
    const pids = join(world.folder, "pids");
    const synth = `sleep 300 & echo $! >${pids}; ${COPY}`;
    expect(await world.diff(["HEAD", "output", "--synth", synth])).toMatchObject({ code: 0 });
    await expectGone(pids);
  });

  test("a worktree that the synthesis has broken is removed all the same, and nothing else", async () => {
    const kept = join(world.folder, "kept");
    mkdirSync(kept, { recursive: true });
    const synth = `${COPY}; echo "gitdir: ${kept}" >.git; mkdir a; ln -s ${kept} b; chmod 500 a`;
    expect(await world.diff(["HEAD", "output", "--synth", synth])).toMatchObject({ code: 0 });
    expect(existsSync(kept)).toBe(true);
  });
});

describe.each(["SIGINT", "SIGTERM"] as const)("%s", (signal) => {
  test("ends the synthesis and leaves nothing", async () => {
    const pids = join(world.folder, `pids-${signal}`);
    const child = world.start(["HEAD", "output", "--synth", `sleep 300 & echo $! $$ >${pids}; wait`]);
    const ended = finish(child);
    while (!existsSync(pids) || readFileSync(pids, "utf8") === "") await sleep(10);
    child.kill(signal);
    expect(await ended).toEqual({
      code: 2,
      stdout: "",
      stderr: "tallyman: asked to end: nothing was compared\n",
    });
    await expectGone(pids);
  });

  test("while git checks out leaves nothing either", async () => {
    const child = world.start(["HEAD", "output", "--synth", "true"]);
    const ended = finish(child);
    while (world.leftovers().length === 0 && child.exitCode === null) await sleep(2);
    child.kill(signal);
    expect(await ended).toMatchObject({ code: 2, stdout: "" });
  });
});

async function expectGone(pids: string): Promise<void> {
  for (const pid of readFileSync(pids, "utf8").trim().split(/\s+/)) {
    const isAlive = (): boolean => {
      // A zombie that nobody has waited for yet is dead too.
      const stat = existsSync(`/proc/${pid}/stat`) ? readFileSync(`/proc/${pid}/stat`, "utf8") : "";
      return stat !== "" && !/\) Z /.test(stat);
    };
    for (let i = 0; i < 200 && isAlive(); i++) await sleep(10);
    expect(isAlive()).toBe(false);
  }
}
