/**
 * Bundles lib/cli/program.ts into dist/lib/cli/tallyman.mjs, the one file that a ConfigMap carries, and
 * lib/cli/host-program.ts into dist/lib/cli/tallyman-host.mjs, which maintains a registry host. The same source gives
 * the same bytes. The metafile beside each says what is inside; a test reads both. The Markdown packages, which are ES
 * modules alone, become the one CommonJS file that lib/text/markdown loads; neither program contains it.
 */
const { mkdirSync, renameSync, writeFileSync } = require("node:fs");
const { dirname, join } = require("node:path");
const { build } = require("esbuild");

const root = dirname(__dirname);

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
  outfile: join(root, "dist/lib/cli/tallyman.mjs"),
  logLevel: "warning",
};

const hostBundleOptions = {
  ...bundleOptions,
  entryPoints: ["lib/cli/host-program.ts"],
  outfile: join(root, "dist/lib/cli/tallyman-host.mjs"),
};

const markdownBundleOptions = {
  ...bundleOptions,
  entryPoints: ["lib/text/markdown/mdast-bundle.entry.mjs"],
  format: "cjs",
  outfile: join(root, "dist/lib/text/markdown/mdast-bundle.js"),
};

async function main() {
  for (const options of [bundleOptions, hostBundleOptions, markdownBundleOptions]) {
    const { outfile } = options;
    const result = await build(options);
    mkdirSync(dirname(outfile), { recursive: true });
    write(outfile, result.outputFiles[0].contents);
    write(`${outfile}.meta.json`, JSON.stringify(result.metafile));
  }
}

function write(path, contents) {
  writeFileSync(`${path}.tmp`, contents);
  renameSync(`${path}.tmp`, path);
}

module.exports = { bundleOptions, hostBundleOptions, markdownBundleOptions };

if (require.main === module) {
  main().catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
