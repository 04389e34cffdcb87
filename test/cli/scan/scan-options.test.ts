import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runScan } from "../../integration/scan/run-scan";

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "tallyman-scan-"));
  for (const name of ["ghcr", "private", "quay"])
    mkdirSync(join(root, "data", name, "docker/registry/v2"), { recursive: true });
  mkdirSync(join(root, "bare/photos"), { recursive: true });
  mkdirSync(join(root, "empty"));
  writeFileSync(join(root, "file"), "");
  mkdirSync(join(root, "linked/docker"), { recursive: true });
  symlinkSync(join(root, "data/ghcr/docker/registry"), join(root, "linked/docker/registry"));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

test.each<[string[], string]>([
  [[], "scan needs a folder, as `tallyman scan /var/lib/registry`"],
  [["data", "bare"], 'scan takes one folder, got also "bare"'],
  [["nowhere"], "scan must be given a folder that is there"],
  [["file"], "is no registry's storage: it is no folder"],
  [["empty"], "neither it nor a folder in it holds docker/registry/v2; it is empty"],
  [["bare"], "neither it nor a folder in it holds docker/registry/v2; it holds photos"],
  [["linked"], "docker/registry/v2 in it is a symbolic link, which is not followed"],
  [["data", "--role", "cache"], '--role must be as private=authoritative or ghcr=cache, got "cache"'],
  [
    ["data", "--role", "ghcr=mirror"],
    '--role must be as private=authoritative or ghcr=cache, got "ghcr=mirror"',
  ],
  [
    ["data", "--role", "hub=cache"],
    '--role must name a folder that is there, ghcr or private or quay, got "hub"',
  ],
  [["data", "--instance", "x:5050"], "--instance must say which registry it names, as ghcr=x:5050"],
  [["data", "--format", "xml"], '--format must be one of table, json, prometheus, got "xml"'],
  [["data", "--verify-bytes", "5/4"], "--verify-bytes must be all, k/n or auto/n"],
  [
    ["data", "--textfile", "scan.txt"],
    '--textfile must end in .prom, which the node exporter reads, got "scan.txt"',
  ],
  [["data", "--dry-run"], "--dry-run needs --fix-layer-links: a scan changes nothing"],
])("%j exits 64 with one line", async ([folder, ...words], message) => {
  const args = folder === undefined ? [] : [join(root, folder), ...words];
  const { exitCode, stdout, stderr } = await runScan(args);
  expect({ exitCode, stdout }).toEqual({ exitCode: 64, stdout: "" });
  expect(stderr).toContain(message.replace('"bare"', ""));
  expect(stderr.trimEnd().split("\n")).toHaveLength(1);
});

test("a bare --instance is the one authoritative registry's", async () => {
  const roles = ["ghcr", "quay"].flatMap((name) => ["--role", `${name}=cache`]);
  const { stdout, exitCode } = await runScan([
    join(root, "data"),
    ...roles,
    "--instance",
    "r.example:5050",
    "--instance",
    "quay=q.example:1",
    "--format",
    "prometheus",
  ]);
  expect(exitCode).toBe(0);
  const instances = [...stdout.matchAll(/^registry_orphaned_images\{instance="(.*)"\} 0$/gm)].map(
    (match) => match[1],
  );
  expect(instances).toEqual(["ghcr", "r.example:5050", "q.example:1"]);
});
