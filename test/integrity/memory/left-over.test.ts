import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { removeLeftOver } from "../../../lib/integrity/memory/left-over";
import { fileMemory } from "../../../lib/integrity/memory/memory-place";
import { madeMemory, WRITTEN_AT_MS } from "./make-memory";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

let folder: string;
let memory: Buffer;

beforeAll(async () => {
  memory = await madeMemory({});
});

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tallyman-left-over-"));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function put(name: string, content: Buffer | string, ageMs: number): void {
  writeFileSync(join(folder, name), content);
  const then = new Date(WRITTEN_AT_MS - ageMs);
  utimesSync(join(folder, name), then, then);
}

/** What is left of the file. */
async function leftOf(name: string, content: Buffer | string, ageMs: number): Promise<readonly string[]> {
  put(name, content, ageMs);
  await removeLeftOver(join(folder, "registry.memory"), WRITTEN_AT_MS);
  return readdirSync(folder);
}

const OLD_MS = 7 * DAY_MS + HOUR_MS;

test.each<[string, string, () => Buffer | string, number]>([
  ["a shard's memory of more than a week", "registry.7.memory", () => memory, OLD_MS],
  ["another registry's, which is of no use either", "other.memory", () => memory, OLD_MS],
  ["one of another version", "registry.7.memory", () => "tallymem of old", OLD_MS],
  ["what a killed run left of this one", "registry.memory.0abc.tmp", () => "x", 25 * HOUR_MS],
  ["what one left of another", "registry.7.memory.0abc.tmp", () => memory.subarray(0, 20), 25 * HOUR_MS],
  ["what one left before its first byte", "registry.7.memory.0abc.tmp", () => "", 25 * HOUR_MS],
])("%s is removed", async (_, name, content, ageMs) => {
  expect(await leftOf(name, content(), ageMs)).toEqual([]);
});

test.each<[string, string, () => Buffer | string, number]>([
  ["a memory of less than a week", "registry.7.memory", () => memory, 6 * DAY_MS],
  ["this one, which is to be written over", "registry.memory", () => memory, OLD_MS],
  ["a memory of another name", "registry.kept", () => memory, OLD_MS],
  ["somebody's file of such a name", "precious.memory", () => "precious", OLD_MS],
  ["an empty file of such a name", "empty.memory", () => "", OLD_MS],
  ["what may still be written, of this one", "registry.memory.0abc.tmp", () => "x", 23 * HOUR_MS],
  ["what may still be written, of another", "registry.7.memory.0abc.tmp", () => memory, 23 * HOUR_MS],
  ["somebody's own file beside this one", "registry.memory.A.tmp", () => "x", OLD_MS],
  ["somebody's file beside another", "other.memory.0abc.tmp", () => "precious", OLD_MS],
  ["what was written by a clock that is ahead", "registry.7.memory", () => memory, -OLD_MS],
])("%s stays", async (_, name, content, ageMs) => {
  expect(await leftOf(name, content(), ageMs)).toEqual([name]);
});

test("neither a link nor what it leads to, nor a folder", async () => {
  put("target", memory, OLD_MS);
  symlinkSync(join(folder, "target"), join(folder, "link.memory"));
  mkdirSync(join(folder, "folder.memory"));
  await removeLeftOver(join(folder, "registry.memory"), WRITTEN_AT_MS + 400 * DAY_MS);
  expect(readdirSync(folder).sort()).toEqual(["folder.memory", "link.memory", "target"]);
});

test("it is done whenever a memory is written, and not when one is read", async () => {
  put("registry.7.memory", memory, OLD_MS);
  const place = fileMemory(join(folder, "registry.0.memory"));
  expect(await place.open("registry.example.com:5050", WRITTEN_AT_MS)).toBeNull();
  expect(readdirSync(folder)).toEqual(["registry.7.memory"]);
  const sink = place.sink(WRITTEN_AT_MS, 0.5);
  await sink.append(memory);
  await sink.finish();
  expect(readdirSync(folder)).toEqual(["registry.0.memory"]);
  expect(readFileSync(join(folder, "registry.0.memory"))).toEqual(memory);
});
