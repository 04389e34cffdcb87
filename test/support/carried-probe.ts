/** The program and its command line, as the synthesized stack carries them into a cluster. */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { isObject } from "../../lib/oci/descriptor";

/** What the kubelet would start. */
export interface CarriedProbe {
  /** Of the ConfigMap. */
  readonly programFile: string;
  /** Before the program's path. */
  readonly nodeFlags: readonly string[];
  readonly args: readonly string[];
  /** Names alone. */
  readonly variables: readonly string[];
}

export interface CarriedRun {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** @param stackFile a cdk.tf.json with one probe that runs as a CronJob with one container */
export function readCarriedProbe(stackFile: string): CarriedProbe {
  const stack: unknown = JSON.parse(readFileSync(stackFile, "utf8"));
  const jobs = Object.values(object(stack, "resource", "kubernetes_cron_job_v1"));
  const template = object(jobs[0], "spec", "job_template", "spec", "template", "spec");
  const container = object(template, "container");
  const [node, ...command] = strings(container.command);
  const mounted = command.at(-1);
  const [name] = /[^/]+\.mjs$/.exec(mounted ?? "") ?? [];
  if (node !== "node" || name === undefined) throw new Error(`no program of ours: ${command.join(" ")}`);
  const maps = Object.values(object(stack, "resource", "kubernetes_config_map_v1"));
  const carried = maps.map((map) => object(map, "data")[name]).find((text) => text !== undefined);
  const [, asset] = /file\("([^"]+)"\)/.exec(String(carried)) ?? [];
  if (asset === undefined) throw new Error(`no ConfigMap carries ${name}`);
  const { env } = container;
  return {
    programFile: join(dirname(stackFile), asset),
    nodeFlags: command.slice(0, -1),
    args: strings(container.args),
    variables: Array.isArray(env) ? env.map((entry: unknown) => String(object(entry).name)) : [],
  };
}

/** The same command line with other values: each option must be there, as nothing is added to what is carried. */
export function withValues(
  args: readonly string[],
  registry: string,
  values: Readonly<Record<string, string>>,
): readonly string[] {
  const words = [...args];
  words[1] = registry;
  for (const [option, value] of Object.entries(values)) {
    const at = words.indexOf(option);
    if (at < 0) throw new Error(`the stack's command line has no ${option}: ${args.join(" ")}`);
    words[at + 1] = value;
  }
  return words;
}

/** One run to its end, with nothing in its environment but `env`. */
export async function runCarriedProbe(
  { programFile, nodeFlags }: CarriedProbe,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<CarriedRun> {
  const child = spawn(process.execPath, [...nodeFlags, programFile, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env,
    signal,
    killSignal: "SIGKILL",
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString("utf8")));
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString("utf8")));
  // An abort comes as an error before the process has ended: `once` would take that for the end.
  child.on("error", () => undefined);
  await new Promise((resolve) => child.on("close", resolve));
  return { exitCode: child.exitCode, stdout, stderr };
}

/** The object at a path, where a list of one counts as its entry, as Terraform writes blocks. */
function object(value: unknown, ...path: readonly string[]): Readonly<Record<string, unknown>> {
  let at = Array.isArray(value) ? value[0] : value;
  for (const key of path) {
    const next: unknown = isObject(at) ? at[key] : undefined;
    at = Array.isArray(next) ? next[0] : next;
  }
  if (!isObject(at)) throw new Error(`no object at ${path.join(".")}`);
  return at;
}

function strings(value: unknown): readonly string[] {
  if (!Array.isArray(value)) throw new Error(`no list of texts: ${JSON.stringify(value)}`);
  return value.map(String);
}
