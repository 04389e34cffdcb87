import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { processEnvironment } from "../../../lib/cli/environment";
import { main } from "../../../lib/cli/main";
import { hostFiles } from "../../../lib/registry-host/host-files";
import { hostSpec } from "../../../lib/registry-host/host-spec";
import { ESTATE } from "../../registry-host/fixtures/estate-options";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tallyman-audit-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(path: string, text: string | Buffer): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

async function audit(...words: string[]) {
  let stdout = "";
  let stderr = "";
  const code = await main(["audit", ...words], {
    ...processEnvironment(),
    env: {},
    write: (text) => {
      stdout += text;
    },
    writeError: (text) => {
      stderr += text;
    },
  });
  return { code, stdout, stderr };
}

const GC = "docker exec r registry garbage-collect -m c; docker restart r\n";

it("exits 1 for a setting that damages, with file, line, reason and fix", async () => {
  write("a.sh", `#!/bin/sh\n${GC}`);
  const { code, stdout } = await audit(folder);
  expect(code).toBe(1);
  expect(stdout).toContain("  a.sh:2  gc-deletes-untagged\n");
  expect(stdout).toContain("    fix: Leave out -m");
});

it("exits 0 for warnings and for accepted damage", async () => {
  write("a.sh", `# tallyman: accept gc-deletes-untagged no indexes here\n${GC}`);
  write("b.sh", "docker exec r registry garbage-collect c\n");
  const { code, stdout } = await audit(folder);
  expect(code).toBe(0);
  expect(stdout).toContain("ACCEPTED (1)\n  a.sh:2  gc-deletes-untagged: no indexes here\n");
});

it("gives JSON with every key, and counts what it passes over", async () => {
  write("node_modules/a.sh", GC);
  write(".git/a.sh", GC);
  write("binary.sh", Buffer.from([1, 0, 2]));
  write("large.sh", GC.repeat(20_000));
  symlinkSync("/", join(folder, "link"));
  write("sub/compose.yml", "services:\n  r: { image: registry:latest }\n");
  const { code, stdout } = await audit(folder, "--format", "json");
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toEqual({
    schema: "tallyman.audit/1",
    findings: [
      {
        rule: "floating-tag",
        severity: "warning",
        file: "sub/compose.yml",
        line: 2,
        text: expect.stringContaining("registry:latest"),
        fix: expect.any(String),
      },
    ],
    accepted: [],
    unread: [],
    checked: { files: 1, audited: 1, skipped: { binary: 1, large: 1, symlinks: 1 } },
  });
});

it("gives annotations that no file's name or text can break", async () => {
  write("a,b:c%.sh", `${GC.trim()} "\u001b[31m" 100%\n`);
  const { stdout } = await audit(folder, "--format", "github");
  expect(stdout).toMatch(/^::error file=a%2Cb%3Ac%25\.sh,line=1,title=tallyman gc-deletes-untagged::/);
  expect(stdout.trimEnd().split("\n")).toHaveLength(1);
});

it("lets nothing of a file reach the terminal as it is", async () => {
  write("a.sh", "rm -rf x/_manifests/revisions/\u001b[31m\n");
  const { stdout } = await audit(folder);
  expect(stdout).toContain("\\u001b[31m");
  expect(stdout).not.toContain("\u001b");
});

it("exits 2 with a line for what it could not read, and audits the rest", async () => {
  write("docker-compose.yml", "services:\n  registry: [\n");
  write("b.sh", "docker exec r registry garbage-collect c\n");
  const { code, stdout, stderr } = await audit(folder);
  expect(code).toBe(2);
  expect(stderr).toMatch(/^tallyman: docker-compose\.yml:[23] could not be read: .+\n$/);
  expect(stdout).toContain("b.sh:1  gc-without-restart");
});

it("exits 2 with a line for what it may not open, and audits the rest", async () => {
  write("a.sh", "true\n");
  write("shut/b.sh", "true\n");
  write("c.sh", "docker exec r registry garbage-collect c\n");
  // All modules are loaded once, which another user might not be able to do.
  await audit(folder);
  chmodSync(join(folder, "a.sh"), 0);
  chmodSync(join(folder, "shut"), 0);
  const { code, stdout, stderr } = await withoutPrivileges(() => audit(folder));
  chmodSync(join(folder, "shut"), 0o700);
  expect(code).toBe(2);
  expect(stderr).toBe("tallyman: a.sh could not be read: EACCES\ntallyman: shut could not be read: EACCES\n");
  expect(stdout).toContain("c.sh:1  gc-without-restart");
});

/** Root may open everything, so that the work is done as nobody. */
async function withoutPrivileges<T>(work: () => Promise<T>): Promise<T> {
  const { geteuid, seteuid } = process;
  if (geteuid?.() !== 0 || seteuid === undefined) return work();
  chmodSync(folder, 0o755);
  seteuid(65_534);
  try {
    return await work();
  } finally {
    seteuid(0);
  }
}

it("has nothing to say of the host that this library renders", async () => {
  for (const { path, content } of hostFiles(hostSpec(ESTATE))) write(`registry-host/${path}`, content);
  const { code, stdout, stderr } = await audit(folder);
  expect(`${stdout}${stderr}`).toContain("SOUND: nothing found");
  expect(code).toBe(0);
});

it("finds no damage in this library's own repository", async () => {
  const { code, stderr } = await audit(join(__dirname, "../../.."));
  expect(stderr).toBe("");
  expect(code).toBe(0);
});

it.each([
  [[], "audit needs one folder"],
  [["a", "b"], "audit needs one folder"],
  [["/nowhere-at-all"], 'the folder "/nowhere-at-all" cannot be read: ENOENT'],
  [[__filename], "is no folder"],
  [[".", "--format", "xml"], "--format must be one of table, json, github"],
])("refuses %j", async (words, said) => {
  const { code, stdout, stderr } = await audit(...words);
  expect(code).toBe(64);
  expect(stdout).toBe("");
  expect(stderr).toContain(said);
  expect(stderr.trimEnd().split("\n")).toHaveLength(1);
});
