import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KubernetesProvider } from "@cdktf/provider-kubernetes/lib/provider";
import { App, TerraformStack, TerraformVariable } from "cdktf";
import { parseCommandLine } from "../../lib/cli/arguments";
import { PROBE_COMMAND, SERVE_COMMAND } from "../../lib/cli/option-table";
import { readProbeOptions } from "../../lib/cli/probe-command";
import { readServeOptions } from "../../lib/cli/serve-command";
import { Memory, ProbeRun, Registry, RegistryIntegrityProbe } from "../../lib/index";
import { FILE_BOUNDS } from "../../lib/integrity/memory/memory-format";
import { checkProbe } from "../../lib/monitoring/checks";
import { renderDeployment } from "../../lib/monitoring/exporter/render-exporter";
import type { CronJobRun } from "../../lib/monitoring/probe-run";
import { type ProbeOptions, resolveProbe } from "../../lib/monitoring/probe-spec";
import { renderCronJob } from "../../lib/monitoring/render-cron-job";
import { snapshot } from "../../lib/testing";

const cronJob = (memory?: Memory) =>
  ProbeRun.cronJob({ pushgateway: "http://gateway:9091", ...(memory === undefined ? {} : { memory }) });
const optionsOf = (run: ProbeOptions["run"], hosts = ["a.example", "b.example:5000"]): ProbeOptions => ({
  namespace: "monitoring",
  registries: hosts.map((host) => Registry.at(host)),
  run,
});

const podOfCronJob = (memory?: Memory) =>
  renderCronJob(resolveProbe(optionsOf(cronJob(memory))), "hash").spec.jobTemplate.spec.template.spec;
const podOfExporter = (memory: Memory) =>
  renderDeployment(resolveProbe(optionsOf(ProbeRun.exporter({ memory }))), "hash").spec.template.spec;

/** Of a stack with that probe. */
function snapshotOf(runIn: (stack: TerraformStack) => CronJobRun) {
  const folder = mkdtempSync(join(tmpdir(), "tallyman-memory-"));
  const programFile = join(folder, "tallyman.mjs");
  writeFileSync(programFile, "// a program\n");
  try {
    const stack = new TerraformStack(new App({ outdir: join(folder, "out") }), "test");
    new KubernetesProvider(stack, "kubernetes", {});
    const run = runIn(stack);
    new RegistryIntegrityProbe(stack, "probe", { ...optionsOf(run), run, programFile });
    return snapshot(stack);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe("a claim", () => {
  test("is mounted to be written to, in a pod that can write nowhere else, with a file for each registry", () => {
    const pod = podOfCronJob(Memory.volumeClaim("tallyman"));
    expect(pod.volume).toContainEqual({ name: "memory", persistentVolumeClaim: { claimName: "tallyman" } });
    // The volume belongs to the group that the pod runs as.
    expect(pod.securityContext).toMatchObject({ fsGroup: "65532", runAsGroup: "65532" });
    for (const container of pod.container) {
      expect(container.securityContext).toMatchObject({ readOnlyRootFilesystem: true });
      const writable = container.volumeMount.filter(({ readOnly }) => !readOnly);
      expect(writable).toEqual([{ name: "memory", mountPath: "/var/lib/tallyman", readOnly: false }]);
    }
    const files = pod.container.map(({ args }) => args[args.indexOf("--memory") + 1]);
    expect(files).toEqual(["/var/lib/tallyman/a-example.memory", "/var/lib/tallyman/b-example-5000.memory"]);
  });

  test("may be named by a token", () => {
    const snap = snapshotOf((stack) =>
      cronJob(Memory.volumeClaim(new TerraformVariable(stack, "claim", {}).stringValue)),
    );
    // biome-ignore lint/suspicious/noTemplateCurlyInString: Terraform's own
    expect(JSON.stringify(snap)).toContain('"claim_name":"${var.claim}"');
  });
});

describe("of shards", () => {
  const run = (shards: number, memory: Memory = Memory.volumeClaim("tallyman")) =>
    ProbeRun.cronJob({ pushgateway: "http://gateway:9091", shards, memory });
  const podOf = (shards: number) =>
    renderCronJob(resolveProbe(optionsOf(run(shards))), "hash").spec.jobTemplate.spec.template.spec;
  const filesOf = (shards: number) =>
    podOf(shards).container.map(({ args }) => args[args.indexOf("--memory") + 1]);

  test("each has a file in the one volume, by the index that Kubernetes puts in", () => {
    expect(filesOf(4)).toEqual([
      "/var/lib/tallyman/a-example.$(JOB_COMPLETION_INDEX).memory",
      "/var/lib/tallyman/b-example-5000.$(JOB_COMPLETION_INDEX).memory",
    ]);
    const [volume, ...others] = podOf(4).volume.filter(({ name }) => name === "memory");
    expect([volume, others]).toEqual([
      { name: "memory", persistentVolumeClaim: { claimName: "tallyman" } },
      [],
    ]);
    expect(checkProbe(optionsOf(run(4)), () => false)).toEqual([]);
  });

  test("its name says nothing of their number, so that most of what is known stays so", () => {
    expect(filesOf(5)).toEqual(filesOf(4));
    expect(filesOf(1)).toEqual([
      "/var/lib/tallyman/a-example.memory",
      "/var/lib/tallyman/b-example-5000.memory",
    ]);
  });

  test("a shard's pod understands its words", () => {
    const [{ args = [] } = {}] = podOf(4).container;
    const words = args.map((word) => word.replace("$(JOB_COMPLETION_INDEX)", "3")).slice(1);
    const env = { JOB_COMPLETION_INDEX: "3" };
    expect(readProbeOptions(parseCommandLine(PROBE_COMMAND, words), 0, env)).toMatchObject({
      memory: { kind: "file", path: "/var/lib/tallyman/a-example.3.memory" },
      shard: { i: 4, n: 4 },
    });
  });

  test("Terraform leaves the index to Kubernetes", () => {
    const words = JSON.stringify(snapshotOf(() => run(4)));
    expect(words).toContain('"--memory","/var/lib/tallyman/a-example.$(JOB_COMPLETION_INDEX).memory"');
  });

  test("a folder of the pod is refused as of one", () => {
    const problems = checkProbe(optionsOf(run(4, Memory.emptyDir())), () => false);
    expect(problems).toMatchObject([{ path: "run.memory", rule: "outlive the pod" }]);
  });
});

test("an exporter may keep it in a folder of its pod, with room for two files a registry", () => {
  const pod = podOfExporter(Memory.emptyDir());
  const [volume] = pod.volume.filter(({ name }) => name === "memory");
  expect(volume).toEqual({ name: "memory", emptyDir: { sizeLimit: "288Mi" } });
  expect(288 * 1024 * 1024).toBeGreaterThan(2 * 2 * FILE_BOUNDS.maxBytes);
  expect(podOfExporter(Memory.volumeClaim("kept")).volume).toContainEqual({
    name: "memory",
    persistentVolumeClaim: { claimName: "kept" },
  });
});

test.each([Memory.emptyDir(), Memory.volumeClaim("shared")])(
  "an exporter's replicas have the one file's name, each in what it mounts: %j",
  (memory) => {
    const run = ProbeRun.exporter({ replicas: 2, memory });
    expect(checkProbe(optionsOf(run), () => false)).toEqual([]);
    const pod = renderDeployment(resolveProbe(optionsOf(run, ["a.example"])), "hash").spec.template.spec;
    const [{ args = [], volumeMount = [] } = {}] = pod.container;
    expect(args.slice(-4)).toEqual([
      ...["--memory", "/var/lib/tallyman/a-example.memory"],
      ...["--lease", "registry-integrity-probe-a-example"],
    ]);
    expect(pod.volume.map(({ name }) => name)).toEqual(["program", "memory", "account"]);
    const writable = volumeMount.filter(({ readOnly }) => !readOnly);
    expect(writable.map(({ name }) => name)).toEqual(["memory"]);
  },
);

test("without it nothing is mounted and nothing is said", () => {
  const pod = podOfCronJob();
  expect(pod.volume.map(({ name }) => name)).toEqual(["program"]);
  expect(pod.container[0]?.args).not.toContain("--memory");
});

test("the program takes the arguments", () => {
  const file = { kind: "file", path: "/var/lib/tallyman/a-example.memory" };
  const [probe] = podOfCronJob(Memory.volumeClaim("kept")).container;
  expect(readProbeOptions(parseCommandLine(PROBE_COMMAND, probe?.args.slice(1) ?? []), 0).memory).toEqual(
    file,
  );
  const [serve] = podOfExporter(Memory.emptyDir()).container;
  const { registries } = readServeOptions(parseCommandLine(SERVE_COMMAND, serve?.args.slice(1) ?? []), 0);
  expect(registries[0]?.memory).toEqual(file);
});

test.each([
  [cronJob(Memory.emptyDir()), "run.memory must outlive the pod, got emptyDir"],
  [cronJob(Memory.volumeClaim("Not a name")), "run.memory.claimName must be an RFC 1123 subdomain"],
  [
    ProbeRun.exporter({ memory: Memory.volumeClaim("") }),
    "run.memory.claimName must be an RFC 1123 subdomain",
  ],
])("%j is refused", (run, problem) => {
  const problems = checkProbe(optionsOf(run), () => false).map(
    ({ path, rule, value }) => `${path} must ${rule}, got ${value}`,
  );
  expect(problems).toEqual([expect.stringContaining(problem)]);
});
