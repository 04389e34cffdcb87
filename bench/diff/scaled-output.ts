import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Of the resources, one in so many is changed in each of three ways. */
export const ONE_IN = 100;

/** A stack of more is a slow one to plan. */
const RESOURCES_IN_A_STACK = 1_000;

/**
 * A synthesized output of that many resources, CronJobs and ConfigMaps in turn, a thousand a stack. The `head` differs from
 * the `base` in schedules, in values of YAML inside a ConfigMap, and in logical ids of what is otherwise the same.
 */
export function writeOutput(folder: string, resources: number, side: "base" | "head"): void {
  const stacks: Record<string, object> = {};
  for (let first = 0; first < resources; first += RESOURCES_IN_A_STACK) {
    const name = `scaled-${first / RESOURCES_IN_A_STACK}`;
    const path = `stacks/${name}`;
    stacks[name] = {
      annotations: [],
      constructPath: name,
      dependencies: [],
      name,
      stackMetadataPath: `${path}/metadata.json`,
      synthesizedStackPath: `${path}/cdk.tf.json`,
      workingDirectory: path,
    };
    const stack = stackOf(name, first, Math.min(resources, first + RESOURCES_IN_A_STACK), side);
    mkdirSync(join(folder, path), { recursive: true });
    writeFileSync(join(folder, path, "cdk.tf.json"), JSON.stringify(stack, null, 2));
  }
  writeFileSync(join(folder, "manifest.json"), JSON.stringify({ stacks, version: "0.21.0" }, null, 2));
}

function stackOf(stackName: string, first: number, end: number, side: "base" | "head"): object {
  const cronJobs: Record<string, object> = {};
  const configMaps: Record<string, object> = {};
  for (let i = first; i < end; i++) {
    const change = side === "head" ? i % ONE_IN : -1;
    const name = `app-${i}`;
    if (i % 2 === 0) {
      const id = `${name}_cron-job_${change === 2 ? "0A1B2C3D" : "9F8E7D6C"}`;
      const spec = cronJobSpec(name, change === 0 ? "*/30" : "*/15");
      cronJobs[id] = { ...metadata(stackName, id, name), spec };
    } else {
      const id = `${name}_config-map_5A6B7C8D`;
      const data = { "config.yml": configYaml(name, change === 1 ? 60 : 30) };
      configMaps[id] = { ...metadata(stackName, id, name), data };
    }
  }
  return {
    "//": { metadata: { backend: "local", stackName, version: "0.21.0" } },
    resource: { kubernetes_config_map_v1: configMaps, kubernetes_cron_job_v1: cronJobs },
    terraform: { backend: { local: { path: "terraform.tfstate" } } },
  };
}

/** How many resources are changed in each way. */
export function changedResources(resources: number): number {
  return Math.ceil(resources / ONE_IN);
}

function metadata(stack: string, id: string, name: string) {
  return {
    "//": { metadata: { path: `${stack}/${id}`, uniqueId: id } },
    metadata: { name, namespace: "apps", labels: { "app.kubernetes.io/name": name } },
  };
}

function cronJobSpec(name: string, minutes: string) {
  const container = {
    name: "main",
    image: `registry.example.com/${name}:1.4.2`,
    command: ["node", "/opt/app/main.mjs"],
    env: [{ name: "LEVEL", value: "info" }],
    resources: { limits: { memory: "96Mi" }, requests: { cpu: "10m", memory: "48Mi" } },
    volume_mount: [{ mount_path: "/etc/app", name: "config", read_only: true }],
  };
  const volume = [{ name: "config", config_map: { name: `${name}-config` } }];
  return {
    schedule: `${minutes} * * * *`,
    concurrency_policy: "Forbid",
    job_template: {
      spec: { template: { spec: { container: [container], volume, restart_policy: "Never" } } },
    },
  };
}

function configYaml(name: string, seconds: number): string {
  return `name: ${name}\nlisten: 0.0.0.0:8080\ntimeouts:\n  read: ${seconds}s\n  write: 30s\nfeatures: [metrics, tracing]\n`;
}
