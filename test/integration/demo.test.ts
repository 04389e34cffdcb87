/** What newcomers run first, as built: `tallyman demo` and `npm start`'s replay, each on both registries. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { requireTool } from "../support/require-tool";

const DIST = join(__dirname, "../../dist");
const REAL = /docker-registry \d[\w.+]* at http:\/\/127\.0\.0\.1:\d+|docker-registry \d[\w.+]*$/m;
const EMBEDDED = /the embedded registry \(docker-registry is not installed\)/;

let folder: string;
let cwd: string;
let temporary: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tallyman-demo-test-"));
  cwd = join(folder, "cwd");
  temporary = join(folder, "tmp");
  for (const path of [cwd, temporary, join(folder, "no-tools")]) mkdirSync(path);
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function start(script: string, args: readonly string[], path: string): ChildProcess {
  const file = join(DIST, script);
  if (!existsSync(file)) throw new Error(`${script} is not built. Run \`npm run build\` first.`);
  return spawn(process.execPath, [file, ...args], {
    cwd,
    env: { PATH: path, TMPDIR: temporary },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 60_000,
    killSignal: "SIGKILL",
  });
}

async function run(script: string, args: readonly string[], path: string) {
  const child = start(script, args, path);
  let stdout = "";
  let stderr = "";
  child.stdout?.on("data", (chunk: Buffer) => (stdout += chunk.toString("utf8")));
  child.stderr?.on("data", (chunk: Buffer) => (stderr += chunk.toString("utf8")));
  await once(child, "close");
  return { exitCode: child.exitCode, stdout, stderr };
}

/** Command lines of processes that were started in this test's folder, or for it. */
function leftProcesses(): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(join("/proc", pid, "cmdline"), "utf8").replaceAll("\0", " ");
      } catch {
        return "";
      }
    })
    .filter((line) => line.includes(folder));
}

/** Each pattern is found behind the one before it. */
function expectInOrder(text: string, patterns: readonly RegExp[]): void {
  let from = 0;
  for (const pattern of patterns) {
    const at = text.slice(from).search(pattern);
    if (at < 0) throw new Error(`${pattern} is not there, or too early, in:\n${text}`);
    from += at + 1;
  }
}

const registries: [name: string, said: RegExp, path: () => string][] = [
  ["docker-registry", REAL, () => [dirname(requireTool("docker-registry")), "/bin"].join(delimiter)],
  ["the embedded registry", EMBEDDED, () => join(folder, "no-tools")],
];

describe.each(registries)("on %s", (_name, said, path) => {
  test("tallyman demo tells its story, and leaves nothing behind", async () => {
    const { exitCode, stdout, stderr } = await run("lib/cli/main.js", ["demo"], path());
    expect([exitCode, stderr]).toEqual([0, ""]);
    expectInOrder(stdout, [
      said,
      /pull infra-ci:latest +pulled \(linux\/amd64\)/,
      /DELETE sha256:[0-9a-f]{12}… +202/,
      /HEAD infra-ci:latest +200/,
      /pull infra-ci:latest +ERROR: manifest unknown: sha256:/,
      /\$ tallyman probe http:\/\/127\.0\.0\.1:\d+/,
      /index_child_missing {2}infra-ci {2}linux\/amd64/,
      /tags +8f3c21d0, latest/,
      /DAMAGED: 1 broken reference;/,
      /PUT sha256:[0-9a-f]{12}… +201/,
      /pull infra-ci:latest +pulled/,
      /WHOLE: all that was walked is there/,
    ]);
    expect([readdirSync(temporary), readdirSync(cwd), leftProcesses()]).toEqual([[], [], []]);
  });

  test("the replay names the 8 broken references and who is told, and leaves the stacks alone behind", async () => {
    const { exitCode, stdout, stderr } = await run("stacks/start.js", [], path());
    expect([exitCode, stderr]).toEqual([
      0,
      expect.stringMatching(
        /^registry: \d+ of the images have no digest [^\n]+\ncatalog: \d+ warnings, [^\n]+ lists them\n$/,
      ),
    ]);
    expectInOrder(stdout, [
      /1\. Synthesize the stacks/,
      /KiB {2}cdktf\.out\/artifacts\/probe\/tallyman\.mjs/,
      /KiB {2}cdktf\.out\/stacks\/monitoring\/cdk\.tf\.json/,
      said,
      /6 tags pushed\. The probe says: WHOLE/,
      /garbage-collect --delete-untagged/,
      /HEAD infra-ci:latest +200/,
      /pull infra-ci:latest +manifest unknown: sha256:/,
      /DAMAGE \(8\)/,
      /DAMAGED: 8 broken references;/,
      /registry_manifest_integrity_failures = 8/,
      /RegistryManifestIntegrityFailure fires/,
      /docs\/runbooks\/registry-manifest-integrity-failure\.md/,
    ]);
    expect(
      stdout.match(/index_child_missing {2}(?:infra-ci|team\/web) {2}linux\/(?:amd64|arm64)/g),
    ).toHaveLength(8);
    expect([readdirSync(temporary), readdirSync(cwd), leftProcesses()]).toEqual([[], ["cdktf.out"], []]);
  });
});

test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
  "%s in the middle leaves nothing behind either",
  async (signal) => {
    const child = start("lib/cli/main.js", ["demo"], registries[0]?.[2]() ?? "");
    const closed = once(child, "close");
    await once(child.stdout as NonNullable<typeof child.stdout>, "data");
    expect(leftProcesses().some((line) => line.includes("docker-registry"))).toBe(true);
    child.kill(signal);
    await closed;
    for (let i = 0; i < 50 && leftProcesses().length > 0; i++) await sleep(20);
    expect([child.exitCode === 0, readdirSync(temporary), leftProcesses()]).toEqual([false, [], []]);
  },
);
