import { mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { layOutVolume } from "./lay-out-volume";
import type { PodSources } from "./pod-sources";
import { parsePod } from "./pod-spec";
import { collectVolumeFiles, type VolumeFiles } from "./volume-files";

const pod = parsePod({
  metadata: { name: "a", namespace: "n", uid: "u", labels: { app: "x" } },
  spec: { containers: [] },
});

const sources: PodSources = {
  configMap: async (name) => (name === "m" ? { a: Buffer.from("alpha"), b: Buffer.from("beta") } : null),
  secret: async (name) => (name === "s" ? { password: Buffer.from("secret") } : null),
  serviceAccountToken: async (audience) => `token for ${audience}`,
};

async function filesOf(volume: Readonly<Record<string, unknown>>) {
  const files = await collectVolumeFiles({ name: "v", ...volume }, pod, sources);
  return files === null
    ? null
    : Object.fromEntries([...files].map(([path, { mode, bytes }]) => [path, `${mode.toString(8)} ${bytes}`]));
}

describe("the files of a volume", () => {
  test.each([
    ["all keys, by the usual mode", { configMap: { name: "m" } }, { a: "644 alpha", b: "644 beta" }],
    [
      "items alone, with modes of their own",
      { configMap: { name: "m", defaultMode: 0o444, items: [{ key: "b", path: "x/y", mode: 0o400 }] } },
      { "x/y": "400 beta" },
    ],
    ["a Secret", { secret: { secretName: "s", defaultMode: 0o440 } }, { password: "440 secret" }],
    ["what is optional and not there", { secret: { secretName: "none", optional: true } }, {}],
    [
      "a key that is optional and not there",
      { configMap: { name: "m", optional: true, items: [{ key: "z", path: "z" }] } },
      {},
    ],
    [
      "several sources in one",
      {
        projected: {
          defaultMode: 0o400,
          sources: [
            { serviceAccountToken: { path: "token", audience: "x" } },
            { configMap: { name: "m", items: [{ key: "a", path: "ca" }] } },
            { secret: { name: "s" } },
            { downwardAPI: { items: [{ path: "labels", fieldRef: { fieldPath: "metadata.labels" } }] } },
          ],
        },
      },
      { token: "600 token for x", ca: "400 alpha", password: "400 secret", labels: '400 app="x"' },
    ],
    ["none of an emptyDir", { emptyDir: {} }, null],
    ["none of a claim", { persistentVolumeClaim: { claimName: "kept" } }, null],
  ])("%s", async (_, volume, expected) => {
    expect(await filesOf(volume)).toEqual(expected);
  });

  test.each([
    [{ secret: { secretName: "none" } }, 'secret "none" not found'],
    [{ configMap: { name: "m", items: [{ key: "z", path: "z" }] } }, 'configmap "m" has no key "z"'],
  ])("what is missing is named: %j", async (volume, message) => {
    await expect(filesOf(volume)).rejects.toThrow(message);
  });
});

describe("a volume on disk", () => {
  let folder: string;
  beforeEach(() => {
    folder = join(mkdtempSync(join(tmpdir(), "tallyman-volume-")), "v");
    mkdirSync(folder);
  });
  afterEach(() => rmSync(join(folder, ".."), { recursive: true, force: true }));

  const files = (entries: Readonly<Record<string, string>>, mode = 0o640): VolumeFiles =>
    new Map(Object.entries(entries).map(([path, text]) => [path, { mode, bytes: Buffer.from(text) }]));
  const visible = () => readdirSync(folder).filter((name) => !name.startsWith(".."));

  test("changes as a whole, by one link, and forgets what is gone", () => {
    expect(layOutVolume(folder, files({ a: "1", "x/y": "2", "x/z": "3" }), null)).toBe(true);
    const before = readlinkSync(join(folder, "..data"));
    expect(readFileSync(join(folder, "x/y"), "utf8")).toBe("2");
    expect(layOutVolume(folder, files({ a: "1", "x/y": "2", "x/z": "3" }), null)).toBe(false);
    expect(layOutVolume(folder, files({ a: "new", b: "4" }), null)).toBe(true);
    expect(visible().sort()).toEqual(["a", "b"]);
    expect(readlinkSync(join(folder, "a"))).toBe("..data/a");
    expect(readFileSync(join(folder, "a"), "utf8")).toBe("new");
    expect(readdirSync(folder)).not.toContain(before);
  });

  test("has the modes asked for; a group of its own may always read", () => {
    const mode = (path: string) => (statSync(join(folder, path)).mode & 0o7777).toString(8);
    layOutVolume(folder, files({ a: "1" }, 0o400), null);
    expect(mode("a")).toBe("400");
    layOutVolume(folder, files({ b: "1" }, 0o400), process.getgid?.() ?? 0);
    expect(mode("b")).toBe("440");
  });

  test("is laid out with nothing in it too", () => {
    expect(layOutVolume(folder, new Map(), null)).toBe(true);
    expect(visible()).toEqual([]);
  });
});
