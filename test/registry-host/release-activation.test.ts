import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { RegistryHostOptions } from "../../lib/registry-host/host-spec";
import { activate as activateOn, cutConnection, startActivation } from "../support/activate";
import { prepareSmallHost, smallHost, type UploadOptions, upload } from "../support/estate-host";
import { StandInHost } from "../support/stand-in-host";

let host: StandInHost;

beforeEach(() => {
  host = StandInHost.create();
  prepareSmallHost(host);
});

afterEach(() => {
  host.remove();
});

const start = (folder: string) => startActivation(host, folder);
const activate = (options: RegistryHostOptions = smallHost(host), how: UploadOptions = {}) =>
  activateOn(host, options, how);

const changed = () => ({ ...smallHost(host), metrics: { port: 5002 } });

function releases(): string[] {
  return readdirSync(join(host.root, "releases"))
    .filter((name) => /^[0-9a-f]+$/.test(name))
    .sort();
}

test("a fresh host runs the release, in the order that keeps a mistake from ever running", async () => {
  const { code, output, id } = await activate();
  expect({ code, output }).toEqual({ code: 0, output: expect.stringContaining(`release ${id} runs`) });
  expect(host.current()).toBe(`releases/${id}`);
  expect(host.running()).toBe(id);
  const steps = host.calls().map((call) => call.replaceAll(host.folder, ""));
  const at = (pattern: RegExp) => steps.findIndex((step) => pattern.test(step));
  const order = [
    at(/^docker pull -q registry:2\.8\.3$/),
    at(/^docker compose -p registry -f \/registry\/incoming\/.* config -q$/),
    at(/^docker run --rm --network none --entrypoint nginx .*nginx\.conf:\/etc\/nginx\/nginx\.conf:ro.* -t$/),
    at(/^systemctl enable docker-compose-registry\.service$/),
    at(/ up -d --wait --remove-orphans$/),
    at(/^docker run --rm --network host .*https:\/\/registry\.example\.com:5050\/v2\/$/),
  ];
  expect(order).not.toContain(-1);
  expect(order).toEqual([...order].sort((a, b) => a - b));
  expect(readFileSync(join(host.etc, "systemd/system/docker-compose-registry.service"), "utf8")).toContain(
    "/current/docker-compose.yml up -d",
  );
});

test("the same release again changes nothing", async () => {
  const first = await activate();
  host.forgetCalls();
  const second = await activate();
  expect(second.code).toBe(0);
  expect(second.id).toBe(first.id);
  expect(host.calls().filter((call) => /daemon-reload|force-recreate/.test(call))).toEqual([]);
  expect(releases()).toEqual([first.id]);
});

test("a spoilt file of the running release is mended, and its container made anew", async () => {
  const { id } = await activate();
  host.write(`registry/releases/${id}/nginx.conf`, "spoilt");
  const again = await activate();
  expect(again.code).toBe(0);
  expect(host.read(`registry/releases/${id}/nginx.conf`)).not.toBe("spoilt");
  expect(host.calls().some((call) => call.endsWith("--force-recreate"))).toBe(true);
});

describe("what is refused before anything changes", () => {
  const nothingChanged = () => {
    expect(host.running()).toBeNull();
    expect(host.current()).toBeNull();
    expect(existsSync(join(host.etc, "systemd"))).toBe(false);
  };

  test("an upload that is not what was sent", async () => {
    const { folder } = upload(host, smallHost(host));
    host.write(`${folder.slice(host.folder.length)}/nginx.conf`, "cut");
    const run = await start(folder).ended;
    expect(run).toEqual({ code: 1, output: expect.stringContaining("nginx.conf: FAILED") });
    nothingChanged();
  });

  test("a secret that is not there", async () => {
    const options = smallHost(host);
    const { dockerhub, private: own } = options.registries;
    const registries = { dockerhub, private: { ...own, htpasswdFile: `${host.root}/secrets/it's missing` } };
    const run = await activate({ ...options, registries } as typeof options);
    expect(run.code).toBe(1);
    expect(run.output).toContain(`these are not on the host:\n  ${host.root}/secrets/it's missing\n`);
    nothingChanged();
  });

  test.each([
    ["compose config", " config -q$"],
    ["nginx -t", "--entrypoint nginx"],
    ["a pull", "^docker pull -q nginx"],
  ])("%s that fails, with its own words", async (_, pattern) => {
    host.failAt(pattern);
    const run = await activate();
    expect(run.code).toBe(1);
    expect(run.output).toContain("Error response from daemon: told to fail at docker");
    nothingChanged();
  });

  test("a container of that name in another project", async () => {
    host.setContainers(["registry-private|opt-registry|registry-private|False"]);
    const run = await activate();
    expect(run.code).toBe(1);
    expect(run.output).toContain(
      'belongs to the Compose project opt-registry, not registry. Set project: "opt-registry"',
    );
    nothingChanged();
  });
});

describe("a release that does not work", () => {
  const failures = [
    ["the link's unit cannot be enabled", () => host.failAt("^systemctl enable")],
    ["up", () => host.failAt(" up -d")],
    ["the unit does not start", () => host.failAt("^systemctl start")],
    ["a listener answers something else", () => host.setStatus(5000, 502)],
    ["the private registry is open", () => host.setStatus(5050, 200)],
  ] as const;

  test.each(failures)("%s: the one before is back", async (_, arrange) => {
    const good = await activate();
    const unit = "etc/systemd/system/docker-compose-registry.service";
    const before = host.read(unit);
    arrange();
    const bad = await activate(changed());
    expect(bad.code).toBe(1);
    expect(bad.output).toContain(`release ${good.id} runs again`);
    expect(host.current()).toBe(`releases/${good.id}`);
    expect(host.running()).toBe(good.id);
    expect(host.read(unit)).toBe(before);
    // And what failed then works now.
    host.stopFailing();
    host.setStatus(5000, 200);
    host.setStatus(5050, 401);
    const again = await activate(changed());
    expect(again).toMatchObject({ code: 0, id: bad.id });
    expect(host.running()).toBe(bad.id);
  });

  test("on a fresh host nothing is left running, and the words of the containers are told", async () => {
    host.failAt(" up -d");
    const run = await activate();
    expect(run.code).toBe(1);
    expect(run.output).toContain("panic: the configuration is not to its taste");
    expect(host.calls()).toContainEqual(expect.stringMatching(/ down --remove-orphans$/));
    expect(host.current()).toBeNull();
    expect(host.running()).toBeNull();
    expect(host.read("etc/systemd/system/docker-compose-registry.service")).toBeNull();
  });

  test("when the one before does not come up either, that is said", async () => {
    await activate();
    host.failAt(" up -d", "always");
    const run = await activate(changed());
    expect(run).toEqual(
      expect.objectContaining({ code: 1, output: expect.stringContaining("did not come up either") }),
    );
  });
});

describe("cut off", () => {
  const steps = [
    " config -q$",
    "--entrypoint nginx",
    "^systemctl daemon-reload",
    "^systemctl enable",
    " up -d",
    "--entrypoint curl",
  ];

  // A new unit, so that every step is taken.
  const more = [
    { path: "systemd/registry-more.service", content: "[Unit]\n[Install]\n", isExecutable: false },
  ];

  test.each(steps)("the connection, at %s: the activation ends by itself", async (step) => {
    const { id: old } = await activate();
    host.pauseAt(step);
    const { release, folder } = upload(host, changed(), { more });
    const { child, ended } = start(folder);
    await host.untilPaused();
    cutConnection(child);
    await ended;
    expect([old, release.id]).toContain(host.running());
    host.resume();
    await host.untilQuiet();
    expect(host.running()).toBe(release.id);
  });

  test.each(steps)("the power, at %s: the next activation finishes", async (step) => {
    const { id: old } = await activate();
    host.pauseAt(step);
    const { release, folder } = upload(host, changed(), { more });
    const { child, ended } = start(folder);
    await host.untilPaused();
    child.kill("SIGKILL");
    host.killProcesses();
    host.resume();
    await ended;
    expect([`releases/${old}`, `releases/${release.id}`]).toContain(host.current());
    expect(existsSync(join(host.root, "current/docker-compose.yml"))).toBe(true);
    const again = await activate(changed(), { more });
    expect(again).toMatchObject({ code: 0, id: release.id });
    expect(host.running()).toBe(release.id);
  });

  test("a worker that is killed is told to whoever follows it", async () => {
    host.pauseAt(" config -q$");
    const { folder } = upload(host, smallHost(host));
    const { child, ended } = start(folder);
    await host.untilPaused();
    host.killProcesses(child.pid);
    host.resume();
    expect(await ended).toEqual({ code: 1, output: expect.stringContaining("the activation was killed") });
  });

  test("two at once: one waits for the other", async () => {
    host.pauseAt(" up -d");
    const first = upload(host, smallHost(host));
    const one = start(first.folder);
    await host.untilPaused();
    const second = upload(host, changed());
    const two = start(second.folder);
    host.resume();
    expect((await one.ended).code).toBe(0);
    expect((await two.ended).code).toBe(0);
    expect(host.running()).toBe(second.release.id);
  });

  test("one that waited too long does not undo a later one", async () => {
    host.pauseAt(" up -d");
    const first = start(upload(host, smallHost(host)).folder);
    await host.untilPaused();
    const second = start(upload(host, { ...smallHost(host), metrics: { port: 5101 } }).folder);
    await host.until(() => host.read("registry/activation/wanted") !== null, "never wanted");
    const before = host.read("registry/activation/wanted");
    const third = upload(host, { ...smallHost(host), metrics: { port: 5102 } });
    await host.until(() => second.output().includes("waiting"), "the second does not wait");
    const last = start(third.folder);
    await host.until(() => host.read("registry/activation/wanted") !== before, "never superseded");
    host.resume();
    expect((await first.ended).code).toBe(0);
    const superseded = await second.ended;
    expect((await last.ended).code).toBe(0);
    expect(host.running()).toBe(third.release.id);
    expect(superseded).toMatchObject({ code: 1, output: expect.stringContaining("a later activation") });
  });
});

test("old releases go, the newest and the running one stay", async () => {
  const ids: string[] = [];
  for (const port of [5101, 5102, 5103, 5104]) {
    const run = await activate({ ...smallHost(host), metrics: { port } });
    expect(run.code).toBe(0);
    ids.push(run.id);
  }
  expect(releases()).toEqual(ids.slice(1).sort());
  expect(host.current()).toBe(`releases/${ids[3]}`);
});

test("by hand, an older release's own script goes back to it", async () => {
  const { id } = await activate();
  await activate(changed());
  const back = await start(join(host.root, "releases", id)).ended;
  expect(back.code).toBe(0);
  expect(host.running()).toBe(id);
});
