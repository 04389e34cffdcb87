import { spawnSync } from "node:child_process";
import fc from "fast-check";
import type { HostFile } from "../../lib/registry-host/host-file";
import { hostFiles } from "../../lib/registry-host/host-files";
import { hostSpec } from "../../lib/registry-host/host-spec";
import { maintenanceFiles } from "../../lib/registry-host/maintenance/maintenance-files";
import { activationSpec, frontMounts, listenersOf } from "../../lib/registry-host/release/activation-spec";
import { buildRelease, HOST_PROGRAM, sha256 } from "../../lib/registry-host/release/release";
import { renderActivation, renderPreparation } from "../../lib/registry-host/release/render-activation";
import { shellList, shellQuote } from "../../lib/registry-host/release/shell-quote";
import { smallHost } from "../support/estate-host";
import { StandInHost } from "../support/stand-in-host";

const host = StandInHost.create();
const spec = hostSpec(smallHost(host));
const files = [...hostFiles(spec), ...maintenanceFiles(spec)];
const PROGRAM = sha256("program");

afterAll(() => {
  host.remove();
});

const file = (path: string, content = "", isExecutable = false): HostFile => ({
  path,
  content,
  isExecutable,
});
const idOf = (some: readonly HostFile[], program: string | null = PROGRAM) =>
  buildRelease(spec, some, program).id;

describe("the id", () => {
  test("is the same for the same files in any order", () => {
    expect(idOf(files)).toMatch(/^[0-9a-f]{16}$/);
    expect(idOf([...files].reverse())).toBe(idOf(files));
  });

  test.each([
    ["a byte", [file("a", "b"), file("c", "e")], PROGRAM],
    ["a path", [file("b", "b"), file("c", "d")], PROGRAM],
    ["a mode", [file("a", "b", true), file("c", "d")], PROGRAM],
    ["bytes that moved to another file", [file("a", "d"), file("c", "b")], PROGRAM],
    ["the program", [file("a", "b"), file("c", "d")], sha256("another")],
    ["no program", [file("a", "b"), file("c", "d")], null],
  ])("follows %s", (_, other, program) => {
    expect(idOf(other, program)).not.toBe(idOf([file("a", "b"), file("c", "d")]));
  });
});

test("release.json tells every file, what is installed, and which secrets have to be there", () => {
  const { manifest, files: uploaded } = buildRelease(
    spec,
    [...files, file("maintenance/more.sh", "x", true)],
    PROGRAM,
  );
  expect(manifest).toMatchObject({
    schema: "tallyman.release/1",
    root: host.root,
    project: "registry",
    unit: spec.unit,
  });
  expect(manifest.files).toContainEqual({
    path: "maintenance/more.sh",
    sha256: sha256("x"),
    executable: true,
  });
  expect(manifest.files).toContainEqual({ path: HOST_PROGRAM, sha256: PROGRAM, executable: false });
  expect(manifest.installed.map(({ path }) => path).sort()).toEqual([
    "/etc/logrotate.d/registry",
    ...[
      spec.unit,
      ...["-recover.service", ".service", ".timer"].map((end) => `registry-maintenance${end}`),
    ].map((unit) => `/etc/systemd/system/${unit}`),
  ]);
  expect(manifest.services).toEqual(["registry-dockerhub", "registry-private", "registry-nginx"]);
  expect(manifest.secrets).toEqual(
    ["dockerhub.env", "tls.crt", "tls.key", "htpasswd", "maintenance"].map(
      (name) => `${host.root}/secrets/${name}`,
    ),
  );
  expect(JSON.parse(uploaded.find(({ path }) => path === "release.json")?.content ?? "")).toEqual(manifest);
});

test.each([
  "/etc/passwd",
  "../x",
  "a/../b",
  "a b",
  "a'b",
  "",
  "a//b",
  "release.json",
  "activate.sh",
  HOST_PROGRAM,
])("a file cannot be called %j", (path) => {
  expect(() => buildRelease(spec, [file(path)], PROGRAM)).toThrow(/files must have/);
});

test("a value that only Terraform knows is refused: nothing could be hashed", () => {
  expect(() => buildRelease(spec, [file("a", `x \${TfToken[TOKEN.0]}`)], PROGRAM)).toThrow("be literal");
});

test("two files of one path are refused", () => {
  expect(() => buildRelease(spec, [file("a", "1"), file("a", "2")], PROGRAM)).toThrow("paths of their own");
});

test("the front's configuration is tried with every file that its container mounts", () => {
  const mounts = frontMounts(spec, files);
  expect(mounts).toContainEqual({ source: "nginx.conf", target: "/etc/nginx/nginx.conf" });
  expect(mounts.map(({ source }) => source)).toEqual(
    expect.arrayContaining([`${host.root}/secrets/tls.crt`, `${host.root}/secrets/tls.key`]),
  );
  expect(mounts.map(({ source }) => source).filter((source) => source.includes("cache"))).toEqual([]);
});

test("every port that the front publishes must answer; the private one, and a page with a password, by 401", () => {
  const ui = { registry: "dockerhub", port: 8080, htpasswdFile: "/s" };
  const statuses = (options: Parameters<typeof hostSpec>[0]) =>
    Object.fromEntries(listenersOf(hostSpec(options)).map(({ name, statuses: some }) => [name, some]));
  expect(statuses({ ...smallHost(host), ui })).toEqual({
    dockerhub: [200],
    private: [401],
    "metrics-of-dockerhub": [200, 403],
    "metrics-of-private": [200, 403],
    ui: [401],
  });
  expect(statuses({ ...smallHost(host), ui: { registry: "dockerhub", port: 8080 } })).toMatchObject({
    ui: [200],
  });
});

describe("the shell", () => {
  const text = fc
    .string({
      unit: fc.oneof(
        fc.constantFrom(..."'\"\\$`!{}%;&|<>*?~ \n\t-"),
        fc.string({ unit: "grapheme", minLength: 1, maxLength: 1 }),
      ),
    })
    .filter((value) => !value.includes("\0"));

  test("gets every value as it is", () => {
    fc.assert(
      fc.property(fc.array(text, { maxLength: 8 }), (values) => {
        const script = `printf '%s\\0' ${values.map(shellQuote).join(" ")}`;
        const { stdout } = spawnSync("sh", ["-c", script], { encoding: "utf8" });
        expect(stdout).toBe(values.length === 0 ? "\0" : values.map((value) => `${value}\0`).join(""));
      }),
      { numRuns: 40 },
    );
  });

  test("a list has a line for each, and none for none", () => {
    const values = ["a b", "it's", "$HOME", "%s"];
    const run = (list: readonly string[]) =>
      spawnSync("sh", ["-eu", "-c", `${shellList("all", list)}\nall`], { encoding: "utf8" }).stdout;
    expect(run(values)).toBe("a b\nit's\n$HOME\n%s\n");
    expect(run([])).toBe("");
  });

  test("reads the whole script, whatever its values are", () => {
    const release = buildRelease(spec, files, PROGRAM);
    fc.assert(
      fc.property(fc.array(text, { maxLength: 4 }), (values) => {
        const known = activationSpec(spec, release, { remove: values, keep: values, keepReleases: 3 });
        const script = renderActivation({ ...known, secrets: values, root: values.join("/") });
        expect(spawnSync("sh", ["-n"], { input: script, encoding: "utf8" })).toMatchObject({
          status: 0,
          stderr: "",
        });
        const preparation = renderPreparation(`/x/${values.join("")}`);
        expect(spawnSync("sh", ["-n"], { input: preparation, encoding: "utf8" })).toMatchObject({
          status: 0,
          stderr: "",
        });
      }),
      { numRuns: 15 },
    );
  });
});
