/** `node bench/run.js [walk|memory|scan|incremental] [arguments]`: bundles the benchmark into dist/bench and runs it. */
const { spawnSync } = require("node:child_process");
const { join, resolve } = require("node:path");
const { buildSync } = require("esbuild");

const BENCHMARKS = ["walk", "memory", "scan", "incremental"];
const root = resolve(__dirname, "..");
const words = process.argv.slice(2);
const name = words[0] === undefined || words[0].startsWith("-") ? "walk" : words.shift();

if (!BENCHMARKS.includes(name)) {
  console.error(
    `benchmark must be one of ${BENCHMARKS.join(", ")}, got ${name}. Write: npm run bench -- memory`,
  );
  process.exit(64);
}
const bundle = join(root, "dist", "bench", `${name}.js`);
buildSync({
  entryPoints: [join(__dirname, `${name}.ts`)],
  outfile: bundle,
  bundle: true,
  platform: "node",
  target: "node20",
  logLevel: "warning",
});
process.exit(spawnSync(process.execPath, [bundle, ...words], { cwd: root, stdio: "inherit" }).status ?? 1);
