import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseCommandLine } from "../../../lib/cli/arguments";
import { processEnvironment } from "../../../lib/cli/environment";
import { guarded } from "../../../lib/cli/guarded";
import { init } from "../../../lib/cli/init/init-command";
import { INIT_COMMAND } from "../../../lib/cli/init/init-spec";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tallyman-init-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function run(...words: string[]) {
  let stdout = "";
  let stderr = "";
  const environment = {
    ...processEnvironment(),
    env: {},
    write: (text: string) => {
      stdout += text;
    },
    writeError: (text: string) => {
      stderr += text;
    },
  };
  const code = await guarded(environment, async () =>
    init(parseCommandLine(INIT_COMMAND, words), environment),
  );
  return { code, stdout, stderr };
}

const filesIn = (root: string) =>
  readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map(({ parentPath, name }) => join(parentPath, name).slice(root.length + 1))
    .sort();

test("writes what it lists, and nothing else", async () => {
  const target = join(folder, "My Infra");
  const { code, stdout, stderr } = await run(
    target,
    "--registry",
    "r.acme.test:5050",
    "--namespace",
    "watch",
  );
  expect(code).toBe(0);
  expect(
    stdout
      .trim()
      .split("\n")
      .map((line) => line.slice(target.length + 1))
      .sort(),
  ).toEqual(filesIn(target));
  expect(stderr).toContain(`cd '${target}' && npm install && npm test && npm run synth`);
  const read = (path: string) => readFileSync(join(target, path), "utf8");
  expect(JSON.parse(read("package.json"))).toMatchObject({ name: "my-infra", private: true });
  expect(read("stacks/monitoring.ts")).toContain('Registry.at("r.acme.test:5050"');
  expect(read("stacks/monitoring.ts")).toContain('namespace: "watch"');
});

test("no runbook names the reference estate, and each link leads to a file", async () => {
  await run(folder, "--registry", "r.acme.test:5050");
  const runbooks = join(folder, "docs/runbooks");
  const names = readdirSync(runbooks);
  expect(names).toContain("registry-manifest-integrity-failure.md");
  for (const name of names) {
    const text = readFileSync(join(runbooks, name), "utf8");
    expect(text).not.toMatch(/viktorbarzin|10\.0\.20\.|stacks\/estate/);
    // What names that estate's images and paths says so, and an alert's own runbook names none.
    expect([name, /infra-ci|\/opt\/registry\/data/.test(text)]).toEqual([
      name,
      text.includes("\n> Its paths, ports"),
    ]);
    for (const [, link = ""] of text.matchAll(/\]\((?!https?:)([^)#]+)/g)) {
      expect([name, link, existsSync(join(runbooks, link))]).toEqual([name, link, true]);
    }
  }
});

test("a file that is there is not touched, and then nothing is written", async () => {
  writeFileSync(join(folder, "package.json"), "mine");
  const { code, stdout, stderr } = await run(folder);
  expect({ code, stdout }).toEqual({ code: 64, stdout: "" });
  expect(stderr).toBe(
    `tallyman: init writes over nothing: ${JSON.stringify(join(folder, "package.json"))} is there already. Give a new folder\n`,
  );
  expect(filesIn(folder)).toEqual(["package.json"]);
});

test("a link that leads nowhere is not written through", async () => {
  symlinkSync(join(folder, "elsewhere"), join(folder, "README.md"));
  expect((await run(folder)).code).toBe(64);
  expect(existsSync(join(folder, "elsewhere"))).toBe(false);
});

test("where a folder cannot be made nothing stays behind", async () => {
  mkdirSync(join(folder, "test"));
  writeFileSync(join(folder, "stacks"), "a file where a folder has to be");
  const { code, stderr } = await run(folder);
  expect(code).toBe(2);
  expect(stderr).toContain("cannot be written (");
  expect(readdirSync(folder, { recursive: true }).sort()).toEqual(["stacks", "test"]);
});

test.each<[string[], string]>([
  [["a", "b"], 'init takes one folder, got also "b"'],
  [["--registry", "a/b"], '--registry must be host or host:port as registry.example.com:5050, got "a/b"'],
  [["--namespace", "A"], '--namespace must be a name as monitoring, got "A"'],
  [["--pushgateway", "http://me:hunter2@a"], "--pushgateway must not carry credentials"],
  [["--repository", "a"], "--repository must be a URL as"],
  [["--ci", "githb"], '--ci must be one of github, woodpecker, none, got "githb"; did you mean "github"?'],
  [["--library", "a b"], '--library must be a version as 0.1.0, or file:<path>, got "a b"'],
])("%j is refused", async (words, message) => {
  const { code, stderr } = await run(...words);
  expect(code).toBe(64);
  expect(stderr).toContain(message);
  expect(stderr).not.toContain("hunter2");
});
