/**
 * `node bench/run.js [section] [--long] [--rounds n] [arguments]`: bundles the sections into dist/bench and runs them, each a process
 * of its own. Without a section all that are `documented` run, and docs/benchmarks.md is written of what they found.
 */
const { spawnSync } = require("node:child_process");
const { rmSync } = require("node:fs");
const { loadavg } = require("node:os");
const { join, resolve } = require("node:path");

/** One line each. A documented section takes --long and --record <file>, as bench/section.ts has it for all of them. */
const SECTIONS = {
  walk: { entry: "walk/walk.ts", documented: true },
  verdicts: { entry: "verdicts/verdicts.ts", documented: true },
  incremental: { entry: "incremental/incremental.ts", documented: true },
  memory: { entry: "memory/memory.ts", documented: true },
  scan: { entry: "scan/scan.ts", documented: true },
  synthesis: { entry: "synthesis/synthesis.ts", documented: true },
  diff: { entry: "diff/diff.ts", documented: true },
  program: { entry: "program/program.ts", documented: true },
  blobs: { entry: "blobs/small-blobs.ts", documented: false },
  scaling: { entry: "scaling.ts", documented: false },
};
const ERROR = 2;
const USAGE = 64;

const root = resolve(__dirname, "..");
const output = join(root, "dist", "bench");

/**
 * @returns the section, null for all; the words for it; and what is wrong, null where nothing is
 */
function parseWords(words, names = Object.keys(SECTIONS)) {
  const [first] = words;
  if (first === undefined || first.startsWith("-")) {
    const unknown = words.find(
      (word, at) =>
        !["--long", "--rounds"].includes(word) &&
        !(words[at - 1] === "--rounds" && /^[1-9][0-9]?$/.test(word)),
    );
    const problem = `the whole benchmark takes --long and --rounds n alone, got ${unknown}. Write: npm run bench -- --long`;
    return { section: null, words, problem: unknown === undefined ? null : problem };
  }
  const problem = `section must be one of ${names.join(", ")}, got ${first}. Write: npm run bench -- ${names[0]}`;
  return { section: first, words: words.slice(1), problem: names.includes(first) ? null : problem };
}

/** What the rest imports of packages stays outside: CDKTF cannot be bundled. */
function bundle(entry, name) {
  require("esbuild").buildSync({
    entryPoints: [join(__dirname, entry)],
    outfile: join(output, `${name}.js`),
    bundle: true,
    packages: "external",
    platform: "node",
    target: "node20",
    logLevel: "warning",
  });
}

function run(name, words) {
  const child = spawnSync(process.execPath, [join(output, `${name}.js`), ...words], {
    cwd: root,
    stdio: "inherit",
  });
  return child.status ?? ERROR;
}

function runAll(words) {
  const [load] = loadavg();
  const records = join(output, "records");
  rmSync(records, { recursive: true, force: true });
  const names = Object.keys(SECTIONS).filter((name) => SECTIONS[name].documented);
  const exits = names.map((name) => {
    console.log(`\n=== ${name}`);
    bundle(SECTIONS[name].entry, name);
    return run(name, [...words, "--record", join(records, `${name}.json`)]);
  });
  bundle("document.ts", "document");
  return Math.max(...exits, run("document", [...words, "--load", load.toFixed(1), records, ...names]));
}

function main(given) {
  const { section, words, problem } = parseWords(given);
  if (problem !== null) {
    console.error(problem);
    return USAGE;
  }
  if (section === null) return runAll(words);
  bundle(SECTIONS[section].entry, section);
  return run(section, words);
}

module.exports = { parseWords };

if (require.main === module) process.exit(main(process.argv.slice(2)));
