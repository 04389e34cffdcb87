/**
 * `node scripts/long-tests.js soak|fuzz [--minutes n] [test files]`: the long form of what the tests do for a minute. The minutes are
 * those of the whole run: the soak's files, the fuzzing's targets and the versions of a real registry share them evenly, one after the
 * other. One file alone has them all: `npm run soak -- --minutes 60 test/soak/real-registry.test.ts`.
 */
const { spawnSync } = require("node:child_process");
const { readdirSync, readFileSync } = require("node:fs");
const { dirname, join } = require("node:path");
const { parseArgs } = require("node:util");

const root = dirname(__dirname);
const { values, positionals } = parseArgs({
  options: { minutes: { type: "string", default: "30" } },
  allowPositionals: true,
});
const [name, ...rest] = positionals;
const minutes = Number(values.minutes);
if ((name !== "soak" && name !== "fuzz") || !(minutes > 0)) {
  console.error(
    "Write: npm run soak -- --minutes 60 [test/soak/real-registry.test.ts], or npm run fuzz -- --minutes 30. The files share the minutes",
  );
  process.exit(64);
}

const testFiles = () => readdirSync(join(root, "test", name)).filter((file) => file.endsWith(".test.ts"));

/** Each target's share. */
function secondsOfATarget() {
  const texts = testFiles().map((file) => readFileSync(join(root, "test", name, file), "utf8"));
  const targets = texts.join("\n").match(/^\s*fuzz\(/gm) ?? [];
  return (minutes * 60) / targets.length;
}

/** Each file's share, of those that look at how long they may. */
function minutesOfAFile() {
  const long = testFiles().filter((file) =>
    readFileSync(join(root, "test", name, file), "utf8").includes("TALLYMAN_SOAK_MINUTES"),
  );
  return minutes / (rest.length > 0 ? rest.length : long.length);
}

const env =
  name === "soak"
    ? { TALLYMAN_SOAK_MINUTES: String(minutesOfAFile()) }
    : { TALLYMAN_FUZZ_SECONDS: String(secondsOfATarget()) };
const words = [
  "jest",
  "-i",
  "--selectProjects",
  "cdktf",
  "--",
  ...(rest.length > 0 ? rest : [`test/${name}`]),
];
const { status } = spawnSync("npx", words, { cwd: root, stdio: "inherit", env: { ...process.env, ...env } });
process.exit(status ?? 1);
