/**
 * A `docker` that does on this machine what the maintenance asks of it: a container of the registry is a real
 * registry process with the rendered configuration, and a container of Node is Node. It records every call.
 */
import { chmodSync, writeFileSync } from "node:fs";

/** What the program is told, as state/stand-in.json. */
export interface StandInSettings {
  readonly binary: string;
  readonly host: string;
  /** Of the registry's process, by mode. */
  readonly configs: { readonly serving: string; readonly "read-only": string };
  readonly state: string;
}

/** Does the call, or what state/fault.json says of the call with that number: `fail`, `hang`, or `kill` after it. */
const PROGRAM = String.raw`
const { spawn, spawnSync } = require("node:child_process");
const fs = require("node:fs");
const http = require("node:http");
const { state, binary, host, configs } = JSON.parse(fs.readFileSync(process.env.STAND_IN_DOCKER, "utf8"));
const args = process.argv.slice(2);
const at = (name) => state + "/" + name;
const text = (name) => (fs.existsSync(at(name)) ? fs.readFileSync(at(name), "utf8") : "");
const line = args.join(" ");
fs.appendFileSync(at("calls"), line + "\n");
const fault = JSON.parse(text("fault.json") || "{}");
const hit = fault.pattern !== undefined && new RegExp(fault.pattern).test(line) || fault.call === text("calls").split("\n").length - 1;
const env = { PATH: process.env.PATH, OTEL_TRACES_EXPORTER: "none" };

const alive = (pid) => { try { process.kill(pid, 0); return true; } catch { return false; } };
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function answers() {
  return new Promise((resolve) => {
    http.get("http://" + host + "/v2/", (answer) => { answer.resume(); resolve(true); }).on("error", () => resolve(false));
  });
}

async function up() {
  const mode = line.includes("docker-compose.read-only.yml") ? "read-only" : "serving";
  const pid = Number(text("registry.pid"));
  if (pid > 0 && alive(pid)) {
    if (text("mode") === mode && !args.includes("--force-recreate")) return 0;
    process.kill(pid, "SIGKILL");
    while (alive(pid)) await sleep(5);
  }
  const log = fs.openSync(at("registry.log"), "a");
  const child = spawn(binary, ["serve", configs[mode]], { env, detached: true, stdio: ["ignore", log, log] });
  child.unref();
  fs.writeFileSync(at("registry.pid"), String(child.pid));
  fs.writeFileSync(at("mode"), mode);
  for (let i = 0; i < 400 && !(await answers()); i++) await sleep(10);
  return 0;
}

function run() {
  let rest = args.slice(1);
  const mounts = [];
  const own = {};
  while (rest[0].startsWith("-")) {
    const name = rest.shift();
    if (["--rm", "--init", "--read-only"].includes(name)) continue;
    const value = rest.shift();
    if (name === "-v") mounts.push(value.split(":"));
    if (name === "-e") own[value.split("=")[0]] = value.split("=")[1];
  }
  const here = (word) => {
    const mount = mounts.find(([, target]) => word === target);
    if (mount !== undefined) return mount[0];
    return word.replace(/^http:\/\/registry-private:5000/, "http://" + host);
  };
  rest = rest.slice(2).map((word) => (word === "/data" ? fs.realpathSync(process.env.STAND_IN_DATA) : here(word)));
  // The politeness towards a registry in use is not what is tested.
  if (["probe", "retain"].includes(rest[1])) rest.push("--rate", "0");
  if (own.TALLYMAN_CREDENTIALS_DIR) own.TALLYMAN_CREDENTIALS_DIR = here(own.TALLYMAN_CREDENTIALS_DIR);
  return spawnSync(process.execPath, rest, { env: { ...env, ...own }, stdio: "inherit" }).status ?? 1;
}

async function perform() {
  if (args[0] === "run") return run();
  if (args.includes("up")) return up();
  if (args.includes("exec")) {
    const words = args.slice(args.lastIndexOf("registry") + 1);
    words[words.length - 1] = configs[text("mode")];
    return spawnSync(binary, words, { env, stdio: "inherit" }).status ?? 1;
  }
  return 0;
}

(async () => {
  if (hit && fault.kind === "fail") {
    console.error("Error response from daemon: told to fail");
    process.exit(17);
  }
  if (hit && fault.kind === "hang") return sleep(60_000);
  const code = await perform();
  if (hit && fault.kind === "kill") {
    process.kill(Number(text("script.pid")), "SIGKILL");
    process.kill(process.ppid, "SIGKILL");
  }
  process.exitCode = code;
})();
`;

/** Writes it as `<folder>/docker`; it reads its settings where STAND_IN_DOCKER says. */
export function writeStandInDocker(folder: string, settings: StandInSettings): void {
  writeFileSync(`${folder}/docker.cjs`, PROGRAM);
  writeFileSync(`${folder}/docker`, `#!/bin/sh\nexec ${process.execPath} ${folder}/docker.cjs "$@"\n`);
  chmodSync(`${folder}/docker`, 0o755);
  writeFileSync(`${settings.state}/stand-in.json`, JSON.stringify(settings));
}
