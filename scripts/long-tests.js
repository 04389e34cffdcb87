/** `node scripts/long-tests.js soak|fuzz [--minutes n] [jest's arguments]`: the long form of what the tests do for a minute. */
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
  console.error("Write: npm run soak -- --minutes 60, or npm run fuzz -- --minutes 30");
  process.exit(64);
}

/** Each target's share. */
function secondsOfATarget() {
  const folder = join(root, "test", "fuzz");
  const texts = readdirSync(folder)
    .filter((file) => file.endsWith(".test.ts"))
    .map((file) => readFileSync(join(folder, file), "utf8"));
  const targets = texts.join("\n").match(/^\s*fuzz\(/gm) ?? [];
  return (minutes * 60) / targets.length;
}

const env =
  name === "soak"
    ? { TALLYMAN_SOAK_MINUTES: String(minutes) }
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
