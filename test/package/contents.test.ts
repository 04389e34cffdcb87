import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { ROOT, Tarball } from "./tarball";

const MAX_PACKED_BYTES = 1.5 * 1024 * 1024;

let tarball: Tarball;
let paths: readonly string[];

beforeAll(() => {
  tarball = Tarball.pack();
  paths = readdirSync(tarball.unpacked, { recursive: true, encoding: "utf8" })
    .filter((path) => statSync(join(tarball.unpacked, path)).isFile())
    .sort();
});

afterAll(() => {
  tarball.remove();
});

const read = (path: string) => readFileSync(join(tarball.unpacked, path), "utf8");

test("it is the compiled library, its bundles and what people read", () => {
  const isExpected = /^dist\/lib\/.+\.(?:js|d\.ts)$|^docs\/runbooks\/[a-z-]+\.md$/;
  expect(paths.filter((path) => !isExpected.test(path))).toEqual([
    "CHANGELOG.md",
    "LICENSE",
    "README.md",
    "dist/lib/cli/tallyman-host.mjs",
    "dist/lib/cli/tallyman-verify.mjs",
    "dist/lib/cli/tallyman-verify.mjs.zlib",
    "dist/lib/cli/tallyman.mjs",
    // `tallyman init` copies from it and from the runbooks.
    "docs/pull-requests.md",
    "package.json",
  ]);
  expect(statSync(tarball.file).size).toBeLessThan(MAX_PACKED_BYTES);
});

test("every compiled file has its source: nothing is left over from an older build", () => {
  // Its source is a .mjs, and its declaration is no output.
  const bundled = "lib/text/markdown/mdast-bundle.ts";
  const sourceOf = (path: string) => path.replace(/^dist\//, "").replace(/(?:\.d\.ts|\.js)$/, ".ts");
  const orphans = paths
    .filter((path) => /^dist\/.*(?:\.d\.ts|\.js)$/.test(path))
    .filter((path) => !existsSync(join(ROOT, sourceOf(path))))
    .filter((path) => sourceOf(path) !== bundled);
  const fix = "run `npm run build`";
  expect({ fix, orphans }).toEqual({ fix, orphans: [] });
});

test("no declaration needs a file that is not there", () => {
  const lost = paths
    .filter((path) => path.endsWith(".d.ts"))
    .flatMap((path) =>
      [...read(path).matchAll(/from "(\.[^"]+)"|import\("(\.[^"]+)"\)/g)].map((match) => {
        const target = join(path, "..", match[1] ?? match[2] ?? "");
        return paths.includes(`${target}.d.ts`) || paths.includes(join(target, "index.d.ts"))
          ? null
          : `${path} needs ${target}`;
      }),
    );
  expect(lost.length).toBeGreaterThan(100);
  expect(lost.filter((one) => one !== null)).toEqual([]);
});

test("it holds no path of this machine", () => {
  expect(paths.filter((path) => read(path).includes(ROOT))).toEqual([]);
});

/** Runs one of the checkout's own programs. */
function run(binary: string, args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(join(ROOT, "node_modules/.bin", binary), args, {
    cwd: tarball.folder,
    env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: "0" },
    encoding: "utf8",
    timeout: 60_000,
  });
  return { status, output: stdout + stderr };
}

test("publint has nothing to say, not even a suggestion", () => {
  const { status, output } = run("publint", ["run", tarball.file, "--strict"]);
  expect(output).toContain("All good!");
  expect(status).toBe(0);
});

test("the types of every entry point are right, also for TypeScript's older way of finding them", () => {
  const { status, output } = run("attw", [
    tarball.file,
    ...["--no-definitely-typed", "--no-emoji", "--no-color", "--format", "table-flipped"],
  ]);
  for (const entry of ["tallyman", "tallyman/probe", "tallyman/testing", "tallyman/diff"]) {
    expect(output).toContain(`"${entry}"`);
  }
  expect(output).toContain("No problems found");
  expect(status).toBe(0);
});
