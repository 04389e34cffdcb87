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
    const folder = mkdtempSync(join(tmpdir(), "tallyman-memory-"));
    const programFile = join(folder, "tallyman.mjs");
    writeFileSync(programFile, "// a program\n");
    try {
      const stack = new TerraformStack(new App({ outdir: join(folder, "out") }), "test");
      new KubernetesProvider(stack, "kubernetes", {});
      const claim = new TerraformVariable(stack, "claim", {}).stringValue;
      const run = cronJob(Memory.volumeClaim(claim));
      new RegistryIntegrityProbe(stack, "probe", { ...optionsOf(run), run, programFile });
      // biome-ignore lint/suspicious/noTemplateCurlyInString: Terraform's own
      expect(JSON.stringify(snapshot(stack))).toContain('"claim_name":"${var.claim}"');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
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
