/** `tallyman host check`: here, and through a real sshd on loopback, with stand-ins for docker and crontab. */
import { createHash } from "node:crypto";
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { processEnvironment } from "../../../lib/cli/environment";
import { main } from "../../../lib/cli/main";
import { LoopbackSsh } from "../../support/loopback-ssh";

const ID = "0123456789abcdef";
const RUNNING = '{"Service":"registry-private","State":"running","Health":"healthy"}';

let folder = "";
let ssh: LoopbackSsh;

const at = (...path: string[]): string => join(folder, ...path);
const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

function put(path: string, content: string, mode = 0o644): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  chmodSync(path, mode);
}

/** A host as its release says, below the folder. */
function build(): void {
  const root = at("opt/registry");
  const release = {
    schema: "tallyman.release/1",
    id: ID,
    root,
    dataRoot: join(root, "data"),
    keep: [],
    project: "registry",
    unit: "docker-compose-registry.service",
    textfileDirectory: "/var/lib/node_exporter",
    files: [
      { path: "docker-compose.yml", sha256: sha256("services\n"), executable: false },
      { path: "maintenance/maintain.sh", sha256: sha256("#!/bin/sh\n"), executable: true },
    ],
    installed: [{ path: at("etc/systemd/system/one.service"), sha256: sha256("[Unit]\n") }],
    services: ["registry-private"],
    secrets: [at("secrets/htpasswd"), at("secrets/tls")],
  };
  put(at("out/release.json"), JSON.stringify(release));
  put(join(root, "releases", ID, "docker-compose.yml"), "services\n");
  put(join(root, "releases", ID, "maintenance/maintain.sh"), "#!/bin/sh\n", 0o755);
  put(join(root, "releases", ID, "release.json"), "{}");
  symlinkSync(`releases/${ID}`, join(root, "current"));
  put(at("etc/systemd/system/one.service"), "[Unit]\n");
  put(at("secrets/htpasswd"), "user:hash\n", 0o640);
  put(at("secrets/tls/fullchain.pem"), "-----BEGIN CERTIFICATE-----\n");
  put(at("secrets/tls/privkey.pem"), "-----BEGIN PRIVATE KEY-----\n", 0o600);
  put(at("ps.json"), `${RUNNING}\n`);
  put(at("crontab.txt"), "# 25 3 * * 0 registry garbage-collect -m /etc/config.yml\n0 1 * * * backup\n");
  put(at("bin/docker"), `#!/bin/sh\nexec cat '${at("ps.json")}'\n`, 0o755);
  put(at("bin/crontab"), `#!/bin/sh\nexec cat '${at("crontab.txt")}'\n`, 0o755);
  put(at("known_hosts"), `[127.0.0.1]:${ssh.port} ${ssh.hostKey}\n`);
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "tallyman-host-check-"));
  ssh = await LoopbackSsh.start({ env: { PATH: `${at("bin")}:${process.env.PATH ?? ""}` } });
});

afterAll(async () => {
  await ssh.stop();
  rmSync(folder, { recursive: true, force: true });
});

beforeEach(() => {
  for (const part of ["opt", "etc", "secrets"]) rmSync(at(part), { recursive: true, force: true });
  build();
});

async function run(words: readonly string[]) {
  let stdout = "";
  let stderr = "";
  const environment = {
    ...processEnvironment(),
    write: (text: string) => {
      stdout += text;
    },
    writeError: (text: string) => {
      stderr += text;
    },
  };
  return { code: await main(["host", ...words], environment), stdout, stderr };
}

async function check(...more: string[]) {
  const route = ["--ssh", `${ssh.user}@127.0.0.1:${ssh.port}`, "--identity", ssh.privateKeyFile];
  const words = [
    "check",
    at("out"),
    ...route,
    "--known-hosts",
    at("known_hosts"),
    "--format",
    "json",
    ...more,
  ];
  const { code, stdout, stderr } = await run(words);
  const report = JSON.parse(stdout) as { drift: { kind: string; subject: string }[]; undetermined: string[] };
  return { code, stderr, report, kinds: report.drift.map(({ kind }) => kind) };
}

test("a host as its release says: 0, through ssh", async () => {
  const { code, stderr, report } = await check();
  expect({ code, stderr, report }).toMatchObject({
    code: 0,
    stderr: "",
    report: { schema: "tallyman.host/1", release: ID, drift: [], undetermined: [] },
  });
});

const release = (...path: string[]): string => at("opt/registry/releases", ID, ...path);
const drifts: readonly [string, () => void][] = [
  ["file_changed", () => appendFileSync(release("docker-compose.yml"), "#\n")],
  ["file_missing", () => unlinkSync(release("docker-compose.yml"))],
  ["file_extra", () => put(release("by-hand.conf"), "x")],
  ["file_not_executable", () => chmodSync(release("maintenance/maintain.sh"), 0o644)],
  ["installed_changed", () => appendFileSync(at("etc/systemd/system/one.service"), "#\n")],
  ["installed_missing", () => unlinkSync(at("etc/systemd/system/one.service"))],
  ["schedule_foreign", () => put(at("crontab.txt"), `0 2 * * * find ${at("opt/registry")}/data -delete\n`)],
  [
    "garbage_collect_untagged",
    () => put(at("crontab.txt"), "25 3 * * 0 registry garbage-collect -m /c.yml\n"),
  ],
  ["service_missing", () => put(at("ps.json"), "\n")],
  ["service_not_running", () => put(at("ps.json"), `${RUNNING.replace('"running"', '"exited"')}\n`)],
  ["service_unhealthy", () => put(at("ps.json"), `[${RUNNING.replace("healthy", "unhealthy")}]\n`)],
  ["registry_read_only", () => put(at("opt/registry/maintenance/private.read-only"), "yes\n")],
  ["secret_missing", () => unlinkSync(at("secrets/htpasswd"))],
  ["secret_exposed", () => chmodSync(at("secrets/tls/privkey.pem"), 0o644)],
  [
    "release_other",
    () => {
      unlinkSync(at("opt/registry/current"));
      symlinkSync("releases/fedcba9876543210", at("opt/registry/current"));
    },
  ],
];

test.each(drifts)("drift: %s, and nothing else", async (kind, change) => {
  change();
  const { code, kinds } = await check();
  expect({ code, kinds }).toEqual({ code: 1, kinds: [kind] });
});

test.each([
  [
    "docker says nothing",
    () => put(at("bin/docker"), "#!/bin/sh\nexit 1\n", 0o755),
    /docker compose ps failed/,
  ],
  ["docker says nonsense", () => put(at("ps.json"), "what\n"), /no JSON/],
  ["another host key", () => put(at("known_hosts"), ""), /ssh ended with 255/],
])("could not tell: %s", async (_what, change, message) => {
  change();
  const { code, report, stderr } = await check();
  expect({ code, drift: report.drift }).toEqual({ code: 2, drift: [] });
  expect(stderr).toMatch(message);
});

test("below a folder, without ssh", async () => {
  const json = JSON.stringify({
    ...{
      schema: "tallyman.release/1",
      id: ID,
      root: "/opt/registry",
      dataRoot: "/opt/registry/data",
      keep: [],
      project: "registry",
      files: [],
    },
    ...{ installed: [{ path: "/etc/systemd/system/one.service", sha256: sha256("[Unit]\n") }] },
    ...{ services: [], secrets: ["/secrets/htpasswd"] },
  });
  put(at("out/release.json"), json);
  put(at("etc/cron.d/gc"), "25 3 * * 0 root docker exec x registry garbage-collect --delete-untagged /c\n");
  const { stdout } = await run(["check", at("out"), "--root-dir", folder, "--format", "json"]);
  const { drift } = JSON.parse(stdout) as { drift: { kind: string; subject: string }[] };
  expect(
    drift.filter(({ kind }) => kind !== "file_extra").map(({ kind, subject }) => [kind, subject]),
  ).toEqual([["garbage_collect_untagged", "/etc/cron.d/gc"]]);
});

test.each([
  ["no verb", [], /knows one verb/],
  ["no host", ["check"], /needs --ssh/],
  ["both", ["check", "--ssh", "a", "--root-dir", "/"], /needs --ssh/],
  ["an option as a host", ["check", "--ssh=-oProxyCommand=x"], /--ssh must be/],
  ["no such folder", ["check", "/nonexistent", "--root-dir", "/"], /must name a readable file/],
])("usage: %s", async (_what, words, message) => {
  if (words.length === 2 && words[1]?.startsWith("--ssh=")) words.splice(1, 0, at("out"));
  const { code, stdout, stderr } = await run(words);
  expect({ code, stdout }).toEqual({ code: 64, stdout: "" });
  expect(stderr).toMatch(message);
});
