/** `tallyman host check` below a folder: accounts without rights, a maintenance under way, scripts that cron calls. */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { processEnvironment } from "../../../lib/cli/environment";
import { main } from "../../../lib/cli/main";
import { RELEASE_OWN_FILES } from "../../../lib/registry-host/release/release";
import { activate } from "../../support/activate";
import { prepareSmallHost, smallHost } from "../../support/estate-host";
import { StandInHost } from "../../support/stand-in-host";

const ID = "0123456789abcdef";
const UNIT = "[Unit]\n";
/** Root reads whatever its mode: the look is made as somebody else. */
const AS_NOBODY =
  process.getuid?.() === 0 ? "setpriv --reuid=65534 --regid=65534 --clear-groups /bin/sh" : "/bin/sh";

let folder = "";
const at = (...path: string[]): string => join(folder, ...path);

function put(path: string, content: string, mode = 0o644): void {
  mkdirSync(dirname(at(path)), { recursive: true });
  writeFileSync(at(path), content);
  chmodSync(at(path), mode);
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tallyman-host-schedules-"));
  chmodSync(folder, 0o755);
  const release = {
    ...{
      schema: "tallyman.release/1",
      id: ID,
      root: "/opt/registry",
      dataRoot: "/opt/registry/data",
      keep: [],
      project: "registry",
      files: [],
    },
    installed: [
      { path: "/etc/systemd/system/one.service", sha256: createHash("sha256").update(UNIT).digest("hex") },
    ],
    ...{ services: ["registry-private"], secrets: ["/opt/secrets/htpasswd"] },
  };
  put("out/release.json", JSON.stringify(release));
  for (const own of RELEASE_OWN_FILES) put(`opt/registry/releases/${ID}/${own}`, "");
  symlinkSync(`releases/${ID}`, at("opt/registry/current"));
  put("opt/registry/maintenance/note.txt", "");
  put("opt/secrets/htpasswd", "user:hash\n", 0o600);
  put("opt/scripts/clean.sh", "#!/bin/sh\necho nothing to see\n", 0o755);
  put("etc/systemd/system/one.service", UNIT);
  put("etc/systemd/system/other.service", UNIT);
  put("etc/cron.d/nightly", "0 2 * * * root /opt/scripts/clean.sh\n");
  put("var/spool/cron/crontabs/backup", "0 1 * * * backup\n");
  put("bin/sh", `#!/bin/sh\nexec ${AS_NOBODY} "$@"\n`, 0o755);
  const running = `{"Service":"registry-private","State":"running","Health":""}`;
  put("bin/docker", `#!/bin/sh\necho '${running}'\n`, 0o755);
  put("bin/crontab", "#!/bin/sh\nexit 1\n", 0o755);
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

interface Report {
  readonly drift: readonly { readonly kind: string; readonly subject: string; readonly detail: string }[];
  readonly undetermined: readonly string[];
  readonly notes: readonly string[];
}

async function check(out = at("out"), rootDir = folder) {
  let stdout = "";
  let stderr = "";
  const environment = {
    ...processEnvironment(),
    env: { ...process.env, PATH: `${at("bin")}:${process.env.PATH ?? ""}` },
    write: (text: string) => {
      stdout += text;
    },
    writeError: (text: string) => {
      stderr += text;
    },
  };
  const words = ["host", "check", out, "--root-dir", rootDir, "--format", "json"];
  const code = await main(words, environment);
  return { code, stderr, report: JSON.parse(stdout) as Report };
}

test("an account that may read all that counts: 0, and what a release has beside its files is no drift", async () => {
  expect(await check()).toMatchObject({
    code: 0,
    stderr: "",
    report: { drift: [], undetermined: [], notes: [] },
  });
});

test.each([
  ["a file of cron", "etc/cron.d/nightly", "/etc/cron.d/nightly cannot be read"],
  ["a unit", "etc/systemd/system/other.service", "/etc/systemd/system/other.service cannot be read"],
  ["everybody's crontabs", "var/spool/cron/crontabs", "/var/spool/cron/crontabs cannot be read"],
  ["one crontab", "var/spool/cron/crontabs/backup", "/var/spool/cron/crontabs/backup cannot be read"],
  ["a script that cron calls", "opt/scripts/clean.sh", "/opt/scripts/clean.sh cannot be read"],
  ["the folder of such a script", "opt/scripts", "/opt/scripts/clean.sh cannot be read"],
  ["the maintenance's notes", "opt/registry/maintenance", "/opt/registry/maintenance cannot be read"],
  ["the folder of a secret", "opt/secrets", "/opt/secrets/htpasswd cannot be read"],
  ["an installed file", "etc/systemd/system/one.service", "/etc/systemd/system/one.service cannot be read"],
])("could not tell, as its rights hide it: %s", async (_what, path, expected) => {
  chmodSync(at(path), 0o000);
  try {
    const { code, stderr, report } = await check();
    expect({ code, report }).toMatchObject({ code: 2, report: { drift: [], undetermined: [expected] } });
    expect(stderr).toBe(`tallyman: could not tell: ${expected}\n`);
  } finally {
    chmodSync(at(path), 0o755);
  }
});

test("could not tell, as its rights hide it: the whole root", async () => {
  chmodSync(at("opt/registry"), 0o000);
  try {
    const { code, report } = await check();
    expect({ code, drift: report.drift }).toEqual({ code: 2, drift: [] });
    expect(report.undetermined).toContain("the release that runs: its link cannot be read");
  } finally {
    chmodSync(at("opt/registry"), 0o755);
  }
});

test("read-only while the lock is held is a note; once it is free, drift; nothing makes the lock", async () => {
  const lock = at("opt/registry/activation/lock");
  put("opt/registry/maintenance/private.read-only", "yes\n");
  const drift = [{ kind: "registry_read_only", subject: "private" }];
  expect(await check()).toMatchObject({ code: 1, report: { drift, notes: [] } });
  expect(existsSync(lock)).toBe(false);

  put("opt/registry/activation/lock", "");
  const holder = spawn("flock", ["-x", lock, "-c", "echo held; cat"], { stdio: ["pipe", "pipe", "inherit"] });
  const closed = once(holder, "close");
  try {
    await once(holder.stdout, "data");
    const note = "private is read-only: maintenance or activation under way";
    const { code, stderr, report } = await check();
    expect({ code, stderr, report }).toMatchObject({
      ...{ code: 0, stderr: `tallyman: note: ${note}\n` },
      report: { drift: [], undetermined: [], notes: [note] },
    });
  } finally {
    holder.stdin.end();
    await closed;
  }
  expect(await check()).toMatchObject({ code: 1, report: { drift, notes: [] } });

  chmodSync(lock, 0o000);
  const { code, report } = await check();
  expect({ code, report }).toMatchObject({ code: 2, report: { drift: [], notes: [] } });
  expect(report.undetermined).toEqual([expect.stringMatching(/^whether private was left read-only/)]);
});

test.each([
  ["collects", "docker exec x registry garbage-collect -m /c.yml", "garbage_collect_untagged"],
  ["deletes", "find /opt/registry/data -mtime +9 -delete", "schedule_foreign"],
  ["works in the root", "cd /opt/registry && docker compose up -d", "schedule_foreign"],
  ["restarts the project", "docker compose -p registry up -d", "schedule_foreign"],
  ["enters a container", "docker exec registry-private rm -rf /var/lib/registry", "schedule_foreign"],
])("a script that a script that cron calls calls %s", async (_what, line, kind) => {
  put("opt/scripts/clean.sh", "#!/bin/sh\n/opt/scripts/more.sh\n");
  put("opt/scripts/more.sh", `#!/bin/sh\n# ${line}\n${line}\n`);
  const { code, report } = await check();
  expect({ code, report }).toMatchObject({
    code: 1,
    report: { drift: [{ kind, subject: "/etc/cron.d/nightly" }], undetermined: [] },
  });
  expect(report.drift[0]?.detail).toContain(`calls /opt/scripts/more.sh:3: ${line}`);
});

test("a script that a line of the account's crontab calls", async () => {
  put("opt/scripts/weekly.sh", "registry garbage-collect --delete-untagged /c.yml\n");
  put("bin/crontab", "#!/bin/sh\necho '0 5 * * 0 /opt/scripts/weekly.sh'\n", 0o755);
  const { report } = await check();
  expect(report.drift).toMatchObject([{ kind: "garbage_collect_untagged", subject: "crontab" }]);
});

test("lines of others' crontabs and of anacrontab, of which adopt.keep names one", async () => {
  const line = "0 4 * * * cd /opt/registry && docker compose up -d";
  for (const path of ["crontabs/deploy", "ops"]) put(`var/spool/cron/${path}`, `${line}\n`);
  put("etc/anacrontab", `1 5 up ${line.slice(10)}\n`);
  const release: unknown = JSON.parse(readFileSync(at("out/release.json"), "utf8"));
  put("out/release.json", JSON.stringify({ ...Object(release), keep: [`crontab deploy: ${line}`] }));
  const subjects = (await check()).report.drift.map(({ subject }) => subject);
  expect(subjects).toEqual(["/etc/anacrontab", "/var/spool/cron/ops"]);
});

test("a release as its activation leaves it has no file too many, none too few, none changed", async () => {
  const host = StandInHost.create();
  try {
    chmodSync(host.folder, 0o755);
    prepareSmallHost(host);
    const { code, id } = await activate(host, smallHost(host));
    expect(code).toBe(0);
    const { report } = await check(join(host.root, "releases", id), "/");
    const ofRelease = report.drift.filter(({ kind }) => /^(?:file|release)_/.test(kind));
    expect(ofRelease).toEqual([]);
    expect(report.undetermined.filter((what) => what.includes("release"))).toEqual([]);
    await host.untilQuiet();
  } finally {
    host.remove();
  }
});

test("what adopt.keep names is no drift, unless it deletes what indexes need; the data may lie elsewhere", async () => {
  const release: unknown = JSON.parse(readFileSync(at("out/release.json"), "utf8"));
  const copy = "rsync -a /srv/images/ nas:/";
  const keep = ["/etc/cron.d/backup", `/etc/crontab: 0 5 * * * root ${copy}`];
  put("etc/cron.d/backup", `0 4 * * * root ${copy}\n`);
  put("etc/cron.d/other", `0 3 * * * root ${copy}\n`);
  put("etc/crontab", `0 5 * * * root ${copy}\n0 6 * * * root ${copy}\n`);
  const write = (changes: object) =>
    put("out/release.json", JSON.stringify({ ...Object(release), dataRoot: "/srv/images", ...changes }));
  write({ keep });
  const { code, report } = await check();
  expect(code).toBe(1);
  expect(report.drift.map(({ subject, detail }) => [subject, /[0-9]+: ?0 [0-9]/.exec(detail)?.[0]])).toEqual([
    ["/etc/crontab", "2: 0 6"],
    ["/etc/cron.d/other", "1: 0 3"],
  ]);
  put(
    "etc/cron.d/backup",
    "0 4 * * * root docker exec registry registry garbage-collect -m /srv/images/c.yml\n",
  );
  const kinds = (await check()).report.drift.map(({ kind }) => kind);
  expect(kinds).toContain("garbage_collect_untagged");
});
