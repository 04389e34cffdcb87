/** `npm start`: synthesizes the reference estate, then replays the incident with the program that it carries. */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { App } from "cdktf";
import { startDemoRegistry } from "../lib/cli/demo/demo-registry";
import { headManifest, pull } from "../lib/cli/demo/distribution-client";
import { buildFleet, pushFleet } from "../lib/cli/demo/fleet";
import { type ProgramRun, runProgramFile } from "../lib/cli/demo/run-probe";
import { runbookUrl } from "../lib/core/references";
import type { PageTime } from "../lib/monitoring/alerts/rule-set";
import { monitoringEstate } from "./estate/monitoring";
import { main } from "./main";
import { MonitoringStack } from "./monitoring";

const OUTDIR = "cdktf.out";
const PROGRAM = join(OUTDIR, "artifacts/probe/tallyman.mjs");
const ALERT = "RegistryManifestIntegrityFailure";

const say = (text = ""): void => {
  process.stdout.write(`${text}\n`);
};

async function start(): Promise<number> {
  say("1. Synthesize the stacks (no cluster, no Terraform, no network)");
  const code = main({ env: process.env, writeError: console.error, outdir: OUTDIR });
  if (code !== 0) return code;
  for (const { path, bytes } of filesOf(OUTDIR)) say(`   ${size(bytes)}  ${path}`);
  say();
  return replay();
}

async function replay(): Promise<number> {
  const registry = await startDemoRegistry();
  const untold: string[] = [];
  const expect = (isAsTold: boolean, what: string): void => {
    if (!isAsTold) untold.push(what);
  };
  try {
    const { url } = registry;
    const fleet = buildFleet();
    await pushFleet(url, fleet);
    say(`2. Replay the incident on ${registry.name}`);
    const before = await probe(url, "table");
    say(`   ${fleet.length} tags pushed. The probe says: ${lastLine(before.stdout)}`);
    expect(before.exitCode === 0, "the probe finds the fresh registry whole");
    await registry.collectGarbageDeletingUntagged();
    say("   Sunday, 03:25: garbage-collect --delete-untagged");
    const status = await headManifest(url, "infra-ci", "latest");
    const error = await pull(url, "infra-ci", "latest", "linux/amd64");
    say(`   HEAD infra-ci:latest  ${status}`);
    say(`   pull infra-ci:latest  ${error ?? "pulled"}`);
    expect(status === 200 && error !== null, "the index answers 200 and the pull fails");
    say();
    say("3. What the probe sees: the file that the ConfigMap carries, run as the CronJob runs it");
    const after = await probe(url, "table");
    say(after.stdout.trimEnd().replace(/^(?=.)/gm, "   "));
    expect(after.exitCode === 1, "the probe exits 1");
    say();
    const failures = await failuresOf(url);
    expect(failures > 0, "the metric counts the damage");
    say("4. Who is told, and when");
    for (const line of alertLines(failures)) say(`   ${line}`);
    if (untold.length === 0) return 0;
    say(`\nNOT AS TOLD: ${untold.join("; ")}`);
    return 1;
  } finally {
    await registry.close();
  }
}

function probe(url: string, format: string): Promise<ProgramRun> {
  return runProgramFile(PROGRAM, ["probe", url, "--rate", "0", "--format", format]);
}

/** What Prometheus would read. */
async function failuresOf(url: string): Promise<number> {
  const { stdout } = await probe(url, "prometheus");
  return Number(/^registry_manifest_integrity_failures\{[^}]*\} (\d+)$/m.exec(stdout)?.[1] ?? 0);
}

function alertLines(failures: number): string[] {
  const { runbookBaseUrl, maxTimeToPage } = monitoringEstate;
  const { pages } = new MonitoringStack(new App({ outdir: OUTDIR }), "monitoring", monitoringEstate).alerts;
  const critical = pages.filter(({ severity }) => severity === "critical");
  const names = [...new Set(critical.map(({ alert }) => alert))];
  const width = Math.max(...names.map((name) => name.length));
  return [
    `registry_manifest_integrity_failures = ${failures}: ${ALERT} fires`,
    `From what goes wrong to the page, at worst (budget ${maxTimeToPage.toPrometheus()}):`,
    ...names.map(
      (name) => `  ${name.padEnd(width)}  ${longest(critical.filter(({ alert }) => alert === name))}`,
    ),
    "runbook  docs/runbooks/registry-manifest-integrity-failure.md",
    `         ${runbookUrl(runbookBaseUrl, ALERT)}`,
  ];
}

function longest(pages: readonly PageTime[]): string {
  const [slowest] = [...pages].sort((a, b) => b.time.total.toSeconds() - a.time.total.toSeconds());
  if (slowest === undefined) return "";
  const parts = slowest.time.parts.filter(({ seconds }) => seconds > 0);
  const sum = parts.map(({ name, seconds }) => `${name} ${minutes(seconds)}`).join(" + ");
  return `${minutes(slowest.time.total.toSeconds())} = ${sum}`;
}

function minutes(seconds: number): string {
  return seconds % 60 === 0 || seconds >= 600
    ? `${Math.round((seconds / 60) * 10) / 10} min`
    : `${seconds} s`;
}

function filesOf(folder: string): { path: string; bytes: number }[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => ({ path: join(folder, name), stat: statSync(join(folder, name)) }))
    .filter(({ stat }) => stat.isFile())
    .map(({ path, stat }) => ({ path, bytes: stat.size }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

function size(bytes: number): string {
  return `${(bytes / 1024).toFixed(1)} KiB`.padStart(10);
}

function lastLine(text: string): string {
  return text.trimEnd().split("\n").at(-1) ?? "";
}

if (require.main === module) {
  void start().then((code) => {
    process.exitCode = code;
  });
}
