const { existsSync, readdirSync, rmdirSync, rmSync } = require("node:fs");
const { join } = require("node:path");

const COMPILED = /(?:\.d\.ts|\.js)$/;

/**
 * Removes from a build what its sources no longer give: the compiler leaves the output of a file that went or moved,
 * and `npm pack` would take it. Nothing that belongs to a source is touched, so that who loads it meanwhile finds it.
 *
 * @param {string} source folder of the sources
 * @param {string} output folder of what is compiled from it
 * @param {readonly string[]} kept other files that belong there
 */
function pruneBuild(source, output, kept) {
  if (!existsSync(output)) return;
  for (const entry of readdirSync(output, { withFileTypes: true })) {
    const path = join(output, entry.name);
    if (entry.isDirectory()) {
      pruneBuild(join(source, entry.name), path, kept);
      if (readdirSync(path).length === 0) rmdirSync(path);
    } else if (!kept.includes(path) && !isCompiled(join(source, entry.name))) rmSync(path, { force: true });
  }
}

/** @param {string} path that the file would have beside its source */
function isCompiled(path) {
  return COMPILED.test(path) && existsSync(path.replace(COMPILED, ".ts"));
}

module.exports = { pruneBuild };
