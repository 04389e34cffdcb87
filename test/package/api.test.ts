import { readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { apiRecords } from "./api-record";
import { ROOT } from "./tarball";

jest.setTimeout(120_000);

/** Every export with its signature, one file an entry point: a change of the API shows in review. */
const ENTRIES = [
  ["index", "index.d.ts"],
  ["probe", "integrity/index.d.ts"],
  ["testing", "testing/index.d.ts"],
  ["diff", "diff/index.d.ts"],
] as const;

const isWriting = process.env.TALLYMAN_WRITE_API === "1";

const pathOf = (name: string) => join(__dirname, "api", `${name}.txt`);

let records: ReadonlyMap<string, string>;

beforeAll(() => {
  const texts = apiRecords(ENTRIES.map(([, entry]) => entry));
  records = new Map(ENTRIES.map(([name], i) => [name, texts[i] ?? ""]));
});

test.each(ENTRIES)("the API of %s is the one that is recorded", (name) => {
  const now = records.get(name) ?? "";
  if (isWriting) writeFileSync(pathOf(name), now);
  const recorded = readFileSync(pathOf(name), "utf8");
  if (now === recorded) return;
  const blocks = (text: string) => text.split("\n\n");
  const gone = blocks(recorded).filter((block) => !blocks(now).includes(block));
  const added = blocks(now).filter((block) => !blocks(recorded).includes(block));
  throw new Error(
    `The API is not the one in ${relative(ROOT, pathOf(name))}. If it is meant to change, run \`npm run api\`, ` +
      `look at the difference, and tell it in CHANGELOG.md.\n\nGone:\n${gone.join("\n\n")}\n\nNew:\n${added.join("\n\n")}`,
  );
});

test("CI never writes the record", () => {
  expect(isWriting && process.env.CI === "true").toBe(false);
});

test("a record tells signatures, not only names", () => {
  const text = records.get("probe");
  expect(text).toContain(
    "function probeRegistry(registry: URL, options: ProbeRegistryOptions): Promise<RunFacts>;",
  );
  expect(text).toContain("readonly newest?: number;");
  expect(text).not.toContain("/**");
});
