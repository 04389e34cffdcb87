/**
 * Bundles lib/cli/program.ts into dist/lib/cli/tallyman.mjs: the one file that a ConfigMap carries. The same
 * source gives the same bytes. The metafile beside it says what is inside; a test reads one.
 */
const { mkdirSync, renameSync, writeFileSync } = require("node:fs");
const { dirname, join } = require("node:path");
const { build } = require("esbuild");

const root = dirname(__dirname);
const outfile = join(root, "dist/lib/cli/tallyman.mjs");

/** All that settles the bytes. Nothing is written: the caller has them in `outputFiles`. */
const bundleOptions = {
  absWorkingDir: root,
  entryPoints: ["lib/cli/program.ts"],
  bundle: true,
  platform: "node",
  target: "node20.9",
  format: "esm",
  charset: "utf8",
  legalComments: "none",
  tsconfig: "tsconfig.json",
  metafile: true,
  write: false,
  outfile,
  logLevel: "warning",
};

async function main() {
  const result = await build(bundleOptions);
  mkdirSync(dirname(outfile), { recursive: true });
  write(outfile, result.outputFiles[0].contents);
  write(`${outfile}.meta.json`, JSON.stringify(result.metafile));
}

function write(path, contents) {
  writeFileSync(`${path}.tmp`, contents);
  renameSync(`${path}.tmp`, path);
}

module.exports = { bundleOptions };

if (require.main === module) {
  main().catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
