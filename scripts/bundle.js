/**
 * Bundles lib/cli/program.ts into dist/lib/cli/tallyman.mjs, the one file that a ConfigMap carries, and
 * lib/cli/host-program.ts into dist/lib/cli/tallyman-host.mjs, which maintains a registry host. The same source gives
 * the same bytes. lib/cli/verify-program.ts becomes dist/lib/cli/tallyman-verify.mjs, which a pipeline's step carries
 * compressed (.zlib beside it). The metafile beside each says what is inside; a test reads both. The Markdown packages, which are ES
 * modules alone, become the one CommonJS file that lib/text/markdown loads; neither program contains it. What earlier
 * builds left of sources that are gone is removed.
 */
const { mkdirSync, renameSync, writeFileSync } = require("node:fs");
const { dirname, join, resolve } = require("node:path");
const { build } = require("esbuild");
const { zlibSync } = require("fflate");
const { pruneBuild } = require("./prune-build");

const root = dirname(__dirname);

/**
 * Finds our own modules by path alone. Where package.json says `"type": "commonjs"`, esbuild would take the TypeScript
 * that tsc makes CommonJS of for that already, wrap every module in a function, and keep what nothing uses.
 */
const ownModules = {
  name: "own-modules",
  setup(build) {
    build.onResolve({ filter: /^\.{1,2}\// }, ({ path, resolveDir }) => {
      const file = resolve(resolveDir, path);
      return { path: file.endsWith(".ts") ? file : `${file}.ts` };
    });
  },
};

/**
 * node:http by require: for an ES module's import Node reads everything that a module of its own exports, and so Node 22
 * loads fetch and WebSocket, megabytes that nobody here uses. Whoever needs another of its exports adds it.
 */
const requiredHttp = {
  name: "required-http",
  setup(build) {
    build.onResolve({ filter: /^node:http$/ }, () => ({ path: "http", namespace: "required" }));
    build.onLoad({ filter: /^http$/, namespace: "required" }, () => ({
      contents:
        `import { createRequire } from "node:module";\n` +
        `export const { createServer, request } = createRequire(import.meta.url)("node:http");\n`,
    }));
  },
};

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
  plugins: [ownModules, requiredHttp],
  outfile: join(root, "dist/lib/cli/tallyman.mjs"),
  logLevel: "warning",
};

const hostBundleOptions = {
  ...bundleOptions,
  entryPoints: ["lib/cli/host-program.ts"],
  outfile: join(root, "dist/lib/cli/tallyman-host.mjs"),
};

const verifyBundleOptions = {
  ...bundleOptions,
  entryPoints: ["lib/cli/verify-program.ts"],
  minify: true,
  outfile: join(root, "dist/lib/cli/tallyman-verify.mjs"),
};

const markdownBundleOptions = {
  ...bundleOptions,
  entryPoints: ["lib/text/markdown/mdast-bundle.entry.mjs"],
  format: "cjs",
  plugins: [],
  outfile: join(root, "dist/lib/text/markdown/mdast-bundle.js"),
};

/** Not by node:zlib, whose output differs from one Node to the next: the same program gives the same bytes. */
function compress(contents) {
  return zlibSync(contents, { level: 9, mem: 12 });
}

async function main() {
  const written = [];
  const write = (path, contents) => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(`${path}.tmp`, contents);
    renameSync(`${path}.tmp`, path);
    written.push(path);
  };
  for (const options of [bundleOptions, hostBundleOptions, verifyBundleOptions, markdownBundleOptions]) {
    const { outfile } = options;
    const result = await build(options);
    write(outfile, result.outputFiles[0].contents);
    write(`${outfile}.meta.json`, JSON.stringify(result.metafile));
    if (options === verifyBundleOptions) write(`${outfile}.zlib`, compress(result.outputFiles[0].contents));
  }
  for (const folder of ["lib", "stacks"]) pruneBuild(join(root, folder), join(root, "dist", folder), written);
}

module.exports = { bundleOptions, compress, hostBundleOptions, markdownBundleOptions, verifyBundleOptions };

if (require.main === module) {
  main().catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
