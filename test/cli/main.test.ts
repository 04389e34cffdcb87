import { join } from "node:path";
import { buildSync } from "esbuild";
import { type CliEnvironment, processEnvironment } from "../../lib/cli/environment";
import { main } from "../../lib/cli/main";
import { runProgram } from "../../lib/cli/run-program";

type CommandLine = (words: readonly string[], environment: CliEnvironment) => Promise<number>;

async function run(commandLine: CommandLine, words: readonly string[], env: Record<string, string> = {}) {
  let stdout = "";
  let stderr = "";
  const code = await commandLine(words, {
    ...processEnvironment(),
    env,
    isTerminal: false,
    write: (text) => {
      stdout += text;
    },
    writeError: (text) => {
      stderr += text;
    },
  });
  return { code, stdout, stderr };
}

const BOTH: [string, CommandLine][] = [
  ["the command", main],
  ["the program in the cluster", runProgram],
];

describe.each(BOTH)("%s", (_, commandLine) => {
  test.each<[string[], string]>([
    [["probe"], "probe needs a registry, as `tallyman probe registry.example.com:5050`"],
    [["probe", "a", "b"], 'probe takes one registry, got also "b"'],
    [["probe", "a/b"], '"a/b" is no registry'],
    [["probe", "a", "--timeout", "soon"], '--timeout must be a duration as 30s, 10m or 1h30m, got "soon"'],
    [["probe", "a", "--deadline", "30d"], '--deadline must be a duration of at most 24d, got "30d"'],
    [["probe", "a", "--interval", "0s"], '--interval must be a duration of at least 1s, got "0s"'],
    [["probe", "a", "--timeout", "0s"], '--timeout must be a duration of at least 1ms, got "0s"'],
    [["probe", "a", "--deadline", "0s"], '--deadline must be a duration of at least 1ms, got "0s"'],
    [["probe", "a", "--ca", __filename], "ca must hold certificates in PEM"],
    [["verify", "a.example/b", "--ca", __filename], "ca must hold certificates in PEM"],
    [["probe", "a", "--concurrency", "0"], '--concurrency must be a whole number from 1 to 256, got "0"'],
    [["probe", "a", "--rate", "many"], '--rate must be requests a second, from 0 to 100000, got "many"'],
    [["probe", "a", "--newest", "0"], '--newest must be a whole number from 1 to 1000000, got "0"'],
    [
      ["probe", "a", "--blobs", "some"],
      '--blobs must be range, head, full or rotate/<n> with n from 1 to 10000, got "some"',
    ],
    [
      ["probe", "a", "--blobs", "rotate/0"],
      '--blobs must be range, head, full or rotate/<n> with n from 1 to 10000, got "rotate/0"; did you mean "rotate/4"?',
    ],
    [
      ["probe", "a", "--blobs", "rotate/10001"],
      '--blobs must be range, head, full or rotate/<n> with n from 1 to 10000, got "rotate/10001"',
    ],
    [
      ["probe", "a", "--blobs", "rotate"],
      '--blobs must be range, head, full or rotate/<n> with n from 1 to 10000, got "rotate"; did you mean "rotate/4"?',
    ],
    [
      ["probe", "a", "--blobs", "heat"],
      '--blobs must be range, head, full or rotate/<n> with n from 1 to 10000, got "heat"; did you mean "head"?',
    ],
    [["probe", "a", "--format", "xml"], '--format must be one of table, json, prometheus, got "xml"'],
    [
      ["probe", "a", "--verify-bytes", "5/4"],
      '--verify-bytes must be all, k/n or auto/n with k from 1 to n, got "5/4"',
    ],
    [["probe", "a", "--address", "b"], '--address must be host:port as 10.0.20.10:5050, got "b"'],
    [["probe", "a", "--push", "b"], '--push must be a URL as http://pushgateway.monitoring:9091, got "b"'],
    [["probe", "a", "--repository", "A"], '--repository must be a repository name as team/app, got "A"'],
    [["probe", "a", "--replace-group", "job=x"], "--replace-group needs --push"],
    [
      ["probe", "a", "--push", "http://b", "--replace-group", "x"],
      '--replace-group must be job=name or job=name,label=value, got "x"',
    ],
    [
      ["probe", "a", "--ca", "/nonexistent/ca.pem"],
      '--ca must name a readable file, got "/nonexistent/ca.pem" (ENOENT)',
    ],
    [
      ["probe", "a", "--accept-file", "/nonexistent"],
      '--accept-file must name a readable file, got "/nonexistent" (ENOENT)',
    ],
    [["probe", "a", "--accept-file", __filename], `the accept file "${__filename}": must be JSON`],
    [["verify"], "verify needs an image, as `tallyman verify registry.example.com/team/app:1.2`"],
    [["verify", "a@b"], '"…@b" is no image: what follows @ must be'],
    [["verify", "a.999/b"], '"a.999/b" is no image: "a.999" is no host or host:port'],
    [["verify", "http://localhost:5000"], '"http://localhost:5000" is no image: a URL must name an image'],
    [
      ["verify", "a", "--expect-digest", "sha256:1"],
      '--expect-digest must be sha256:<64 hex>, got "sha256:1"',
    ],
    [["verify", "a", "--expect-platform", "amd64"], '--expect-platform must be as linux/amd64, got "amd64"'],
    [["verify", "a", "--format", "prometheus"], '--format must be one of table, json, got "prometheus"'],
  ])("%j exits 64 and says what, which value and which form", async (words, message) => {
    const { code, stdout, stderr } = await run(commandLine, words);
    expect({ code, stdout }).toEqual({ code: 64, stdout: "" });
    expect(stderr).toContain(`tallyman: ${message}`);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  });

  test.each([
    [["probe", "https://me:hunter2@a"]],
    [["probe", "me:hunter2/@a"]],
    [["probe", "a", "me:hunter2@b"]],
    [["probe", "a", "--push", "http://me:hunter2@b"]],
    [["probe", "a", "--repository", "me:hunter2@b"]],
    [["verify", "https://me:hunter2@a/b"]],
    [["verify", "me:hunter2@a/b@sha256:1"]],
  ])("%j exits 64 and echoes no credentials", async (words) => {
    const { code, stderr } = await run(commandLine, words);
    expect(code).toBe(64);
    expect(stderr).not.toContain("hunter2");
  });

  test("credentials of one registry are refused for images of several", async () => {
    const env = { TALLYMAN_USERNAME: "me", TALLYMAN_PASSWORD: "hunter2" };
    const { code, stderr } = await run(commandLine, ["verify", "a.example/b", "c.example/d"], env);
    expect(code).toBe(64);
    expect(stderr).toContain("there are 2 (a.example, c.example): give a Docker config by --docker-config");
    expect(stderr).not.toContain("hunter2");
  });

  test("one address is refused for images of several registries", async () => {
    const { code, stderr } = await run(commandLine, [
      "verify",
      "a.example/b",
      "c.example/d",
      "--address",
      "e:1",
    ]);
    expect({ code, stderr }).toEqual({
      code: 64,
      stderr: expect.stringContaining("--address belongs to one registry"),
    });
  });

  test.each(["probe", "verify", "serve"])("%s --help exits 0 and lists the options", async (name) => {
    const { code, stdout, stderr } = await run(commandLine, [name, "--help"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(new RegExp(`^Usage: tallyman ${name} \\[options\\] <`));
    expect(stdout).toContain("--insecure-skip-tls-verify");
  });

  test("--help exits 0 and names the commands", async () => {
    const { code, stdout, stderr } = await run(commandLine, ["--help"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^Usage: tallyman [\s\S]*probe[\s\S]*verify/);
  });

  test.each([[[]], [["prob"]], [["--verbose"]]])(
    "%j exits 64 and writes nothing to standard output",
    async (words) => {
      const { code, stdout, stderr } = await run(commandLine, words);
      expect({ code, stdout }).toEqual({ code: 64, stdout: "" });
      expect(stderr).not.toBe("");
    },
  );
});

test("what the command loads: its own files and commander, never CDKTF", () => {
  const { metafile } = buildSync({
    absWorkingDir: join(__dirname, "../.."),
    entryPoints: ["lib/cli/main.ts"],
    bundle: true,
    platform: "node",
    metafile: true,
    write: false,
    // The build makes it; only commands that have begun to run load it.
    external: ["./mdast-bundle"],
  });
  // A require inside a command's function waits until that command runs.
  const loaded = new Set<string>();
  const visit = (path: string): void => {
    if (loaded.has(path)) return;
    loaded.add(path);
    for (const { path: target, kind, external } of metafile.inputs[path]?.imports ?? []) {
      const isEager = kind === "import-statement" || path.includes("node_modules/");
      if (isEager && external !== true) visit(target);
    }
  };
  visit("lib/cli/main.ts");
  const later = Object.keys(metafile.inputs).filter((path) =>
    /node_modules\/(?:@?cdktf|constructs)\//.test(path),
  );
  expect(later).toEqual([]);
  const inputs = [...loaded];
  const packages = inputs
    .map((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1])
    .filter((name) => name !== undefined);
  expect(new Set(packages)).toEqual(new Set(["commander"]));
  const folders = inputs.filter((path) => path.startsWith("lib/")).map((path) => path.split("/")[1]);
  expect([...new Set(folders)].sort()).toEqual(["cli", "core", "integrity", "oci", "registry-client"]);
});
