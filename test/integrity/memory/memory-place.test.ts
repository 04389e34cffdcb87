import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MemoryBuilder } from "../../../lib/integrity/memory/memory-builder";
import { fileMemory, type MemoryPlace, processMemory } from "../../../lib/integrity/memory/memory-place";
import { WalkMemory } from "../../../lib/integrity/memory/walk-memory";
import { Digest } from "../../../lib/oci/digest";
import { madeMemory, REGISTRY, WRITTEN_AT_MS } from "./make-memory";

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tallyman-memory-"));
  path = join(folder, "registry.memory");
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const opened = (place: MemoryPlace) => place.open(REGISTRY, WRITTEN_AT_MS);

async function write(place: MemoryPlace, bodies: readonly Buffer[], random = 0.5): Promise<void> {
  const builder = new MemoryBuilder(null, place.sink(WRITTEN_AT_MS, random), {
    registry: REGISTRY,
    bounds: place.bounds,
  });
  for (const body of bodies) await builder.keep(Digest.sha256(body), body, 0, WRITTEN_AT_MS);
  await builder.finish(true, WRITTEN_AT_MS);
}

const bodies = (name: string, count: number): Buffer[] =>
  // Random enough not to be deflated to nothing: several flushes.
  Array.from({ length: count }, (_, i) =>
    Buffer.from(Digest.sha256(Buffer.from(`${name}${i}`)).hex.repeat(40)),
  );

async function contentOf(place: MemoryPlace, expected: readonly Buffer[]): Promise<number> {
  const memory = await opened(place);
  if (!(memory instanceof WalkMemory)) throw new Error(`no memory: ${JSON.stringify(memory)}`);
  let found = 0;
  for (const body of expected) {
    const digest = Digest.sha256(body);
    const at = memory.find(digest);
    if (at >= 0 && (await memory.body(at, digest))?.equals(body) === true) found++;
  }
  await memory.close();
  return found;
}

describe("a file", () => {
  test("that is not there, or has no byte yet, is no memory and no trouble", async () => {
    expect(await opened(fileMemory(path))).toBeNull();
    writeFileSync(path, "");
    expect(await opened(fileMemory(path))).toBeNull();
  });

  test("is written for its owner alone, and nothing is left beside it", async () => {
    await write(fileMemory(path), bodies("a", 5_000));
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(["registry.memory"]);
    expect(await contentOf(fileMemory(path), bodies("a", 5_000))).toBe(5_000);
  });

  test.each([
    [
      "a symbolic link, even to a sound one",
      "is a symbolic link",
      (at: string) => symlinkSync(join(folder, "sound"), at),
    ],
    ["a pipe that nobody writes to", "is no regular file", (at: string) => void execFileSync("mkfifo", [at])],
    ["a folder", "is no regular file", (at: string) => mkdirSync(at)],
  ])("%s is not read, and is left as it is", async (_, problem, make) => {
    writeFileSync(join(folder, "sound"), await madeMemory({}));
    make(path);
    expect(await opened(fileMemory(path))).toEqual({ problem, isForeign: true });
  });

  test("a device without an end is not read", async () => {
    expect(await opened(fileMemory("/dev/zero"))).toEqual({ problem: "is no regular file", isForeign: true });
  });

  test("below what is no folder is told by its code", async () => {
    writeFileSync(path, "");
    expect(await opened(fileMemory(join(path, "deeper")))).toEqual({
      problem: "cannot be opened (ENOTDIR)",
      isForeign: true,
    });
  });

  test("two that are written at once: the last to end stays, and it is whole", async () => {
    const [one, two] = [bodies("one", 4_000), bodies("two", 4_000)];
    await Promise.all([write(fileMemory(path), one, 0.1), write(fileMemory(path), two, 0.2)]);
    const found = [await contentOf(fileMemory(path), one), await contentOf(fileMemory(path), two)];
    expect(found.sort((a, b) => a - b)).toEqual([0, 4_000]);
    expect(readdirSync(folder)).toEqual(["registry.memory"]);
  });

  test("whoever reads an old one reads it to its end, though a new one took its place", async () => {
    await write(fileMemory(path), bodies("old", 10));
    const memory = (await opened(fileMemory(path))) as WalkMemory;
    await write(fileMemory(path), bodies("new", 10));
    const [body] = bodies("old", 1) as [Buffer];
    expect(await memory.body(memory.find(Digest.sha256(body)), Digest.sha256(body))).toEqual(body);
    await memory.close();
  });

  test("cut while it is read, it answers nothing from then on", async () => {
    await write(fileMemory(path), bodies("a", 10));
    const memory = (await opened(fileMemory(path))) as WalkMemory;
    writeFileSync(path, "");
    const [body] = bodies("a", 1) as [Buffer];
    expect(await memory.body(memory.find(Digest.sha256(body)), Digest.sha256(body))).toBeNull();
    await memory.close();
  });

  test.each([
    ["a folder that is not there", (): string => join(folder, "absent", "memory"), "ENOENT"],
    [
      "a folder stands in its place",
      (): string => {
        mkdirSync(join(path, "full"), { recursive: true });
        return path;
      },
      "EISDIR",
    ],
  ])("where it cannot be written (%s), nothing is left", async (_, target, code) => {
    const at = target();
    const before = readdirSync(folder).sort();
    await expect(write(fileMemory(at), bodies("a", 2_000))).rejects.toMatchObject({ code });
    expect(readdirSync(folder).sort()).toEqual(before);
  });

  test("one that a walk had no use for is not made", async () => {
    const sink = fileMemory(path).sink(WRITTEN_AT_MS, 0.5);
    await sink.append(Buffer.alloc(1_000_000));
    await sink.discard();
    expect(existsSync(path)).toBe(false);
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe("in the process", () => {
  test("it is kept from walk to walk, and shared out among registries", async () => {
    const place = processMemory();
    expect(await opened(place)).toBeNull();
    await write(place, bodies("a", 100));
    expect(await contentOf(place, bodies("a", 100))).toBe(100);
    expect(processMemory(4).bounds.maxBytes).toBe(place.bounds.maxBytes / 4);
    expect(place.bounds.maxBytes).toBeLessThanOrEqual(8 * 1024 * 1024);
  });
});
