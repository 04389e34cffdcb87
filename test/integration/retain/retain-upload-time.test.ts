/** When a manifest was uploaded, by the storage on disk: an old image that was pushed just now is young. */
import { mkdtempSync, rmSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildImage } from "../../../lib/testing";
import { Distribution } from "../../support/distribution";
import { inStorage, revisionLinkPath } from "../../support/storage";
import { deleteRevisionLink } from "../../support/storage-damage";
import { writeImage } from "../../support/write-image";
import { actionsOf, reportOfRetain, runRetain } from "./run-retain";

const DAY_MS = 86_400_000;
const madeAt = (daysAgo: number): string => new Date(Date.now() - daysAgo * DAY_MS).toISOString();

let registry: Distribution;

beforeEach(async () => {
  registry = await Distribution.start();
});

afterEach(async () => {
  await registry.stop();
});

test("an old image that was pushed just now stays, and goes when it has been there for long enough", async () => {
  const newest = buildImage({ seed: "newest", platform: "linux/amd64", created: madeAt(200) });
  const mirrored = buildImage({ seed: "mirrored", platform: "linux/amd64", created: madeAt(900) });
  writeImage(registry.root, "nginx", "1.29", newest);
  writeImage(registry.root, "nginx", "1.21", mirrored);
  const words = [registry.url, "--keep-last", "1"];
  const seen = async (...more: string[]) =>
    actionsOf((await reportOfRetain([...words, ...more])).report, "nginx");

  expect(await seen()).toEqual({ "1.29": "keep newest", "1.21": "drop no_rule" });
  expect(await seen("--storage", registry.root)).toEqual({ "1.29": "keep newest", "1.21": "keep young" });
  const twoDaysAgo = new Date(Date.now() - 2 * DAY_MS);
  utimesSync(inStorage(registry.root, revisionLinkPath("nginx", mirrored.digest)), twoDaysAgo, twoDaysAgo);
  expect(await seen("--storage", registry.root)).toEqual({ "1.29": "keep newest", "1.21": "drop no_rule" });
});

test("a storage that does not know the manifest proves nothing, and nothing goes", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tallyman-retain-"));
  try {
    const old = buildImage({ seed: "old", platform: "linux/amd64", created: madeAt(900) });
    const other = buildImage({ seed: "other", platform: "linux/amd64", created: madeAt(800) });
    for (const root of [registry.root, folder]) writeImage(root, "app", "old", old);
    for (const root of [registry.root, folder]) writeImage(root, "app", "new", other);
    deleteRevisionLink(folder, "app", old.digest);
    const { exitCode, report } = await reportOfRetain([
      ...[registry.url, "--keep-last", "1", "--storage", folder, "--apply"],
    ]);
    expect(exitCode).toBe(2);
    expect(report.repositories.flatMap(({ deletions }) => deletions)).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("a folder that is no storage is refused", async () => {
  const { exitCode, stderr } = await runRetain([registry.url, "--keep-last", "1", "--storage", "/nowhere"]);
  expect(exitCode).toBe(64);
  expect(stderr).toMatch(
    /^tallyman: --storage must be the folder that holds docker\/registry\/v2, got "\/nowhere"\n$/,
  );
});
