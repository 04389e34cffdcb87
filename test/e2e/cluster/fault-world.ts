import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { recordMissingTool } from "../../support/require-terraform";
import { ApiProxy, type ApiProxyHooks } from "./api-proxy";
import { findClusterBinaries } from "./binaries";
import { ControlPlane } from "./control-plane";
import { textAt } from "./json";
import { Kubectl } from "./kubectl";
import { type MonitoredOptions, monitored } from "./monitored";
import { describeWith } from "./needs";
import { terraformBinaries } from "./preflight";
import { TerraformFolder, type TerraformWorld } from "./terraform-folder";
import { AppliedStack } from "./terraform-stack";

const NAMESPACE = "monitoring";
export const PROBE = "registry-integrity-probe";
const TIMEOUT_MS = 60_000;
/** Else a slow machine writes the state in the middle of an apply, a fast one at its end. */
const PERSIST_ONCE = { TF_STATE_PERSIST_INTERVAL: "3600" };

/** `describeWith` for what ends servers: an API that somebody named is never ended, one of our own is needed. */
export function describeWithOwnPlane(name: string, body: () => void): void {
  const found = findClusterBinaries();
  if (typeof found !== "string") {
    describeWith(["kubectl", "terraform", "providers", "crds", "controllers"], name, body);
    return;
  }
  recordMissingTool("a control plane of its own", name);
  describe.skip(name, body);
}

/** A control plane that may be ended, and a stack in its namespace `monitoring`, as the document has it. */
export class FaultWorld {
  private constructor(
    readonly plane: ControlPlane,
    readonly kubectl: Kubectl,
    readonly stack: AppliedStack,
    private readonly programFile: string,
  ) {}

  static async start(): Promise<FaultWorld> {
    const binaries = findClusterBinaries();
    if (typeof binaries === "string") throw new Error(binaries);
    const plane = await ControlPlane.start(binaries);
    const stack = AppliedStack.create(terraformWorld(plane.kubeconfig));
    const programFile = join(stack.folder, "tallyman.mjs");
    writeFileSync(programFile, "console.log('the program');\n");
    return new FaultWorld(plane, new Kubectl(plane.kubeconfig, stack.folder), stack, programFile);
  }

  /** @param change of what was built, before it is written */
  synthesize(
    options: Partial<MonitoredOptions> = {},
    change: (built: ReturnType<typeof monitored>) => void = () => undefined,
  ): void {
    const { programFile } = this;
    this.stack.synthesize((scope) =>
      change(monitored(scope, { namespace: NAMESPACE, programFile, ...options })),
    );
  }

  /** What `synthesize` throws; null where it does not. */
  synthesisError(options: Partial<MonitoredOptions>): unknown {
    try {
      this.synthesize(options);
      return null;
    } catch (error) {
      return error;
    }
  }

  /** What the API server says to a PrometheusRule, whose groups are given as JSON; "" where it takes it. */
  async dryRun(labels: Readonly<Record<string, string>>, groups: readonly string[]): Promise<string> {
    const metadata = JSON.stringify({ name: "dry-run", namespace: NAMESPACE, labels });
    const head = `"apiVersion":"monitoring.coreos.com/v1","kind":"PrometheusRule","metadata":${metadata}`;
    const object = `{${head},"spec":{"groups":[${groups.join(",")}]}}`;
    const { code, stderr } = await this.kubectl.run(["create", "--dry-run=server", "-f", "-"], object);
    return code === 0 ? "" : stderr;
  }

  /** In the stack's folder, where Terraform reads it after the rest; gone with the next synthesis or `{}`. */
  override(configuration: object): void {
    writeFileSync(join(this.stack.terraform.path, "test_override.tf.json"), JSON.stringify(configuration));
  }

  /** The same folder, by way of another kubeconfig. */
  terraform(kubeconfig: string): TerraformFolder {
    return new TerraformFolder(this.stack.terraform.path, terraformWorld(kubeconfig), this.stack.folder);
  }

  /** The same folder, with a proxy in between as long as the work takes. */
  async throughProxy<T>(hooks: ApiProxyHooks, work: (terraform: TerraformFolder) => Promise<T>): Promise<T> {
    const proxy = await ApiProxy.start(this.plane, hooks);
    try {
      return await work(this.terraform(proxy.kubeconfig));
    } finally {
      await proxy.stop();
    }
  }

  /** Resolves with what the Job's events say of pods that were refused, or with "" when it has a pod. */
  async podsOf(job: string): Promise<string> {
    const { kubectl } = this;
    await kubectl.must(["create", "job", job, `--from=cronjob/${PROBE}`, "-n", NAMESPACE]);
    const end = performance.now() + TIMEOUT_MS;
    while (performance.now() < end) {
      if ((await kubectl.list(["pods", "-n", NAMESPACE, "-l", `job-name=${job}`])).length > 0) return "";
      const events = await kubectl.list(["events", "-n", NAMESPACE]);
      const refused = events.find(
        (one) => textAt(one, "reason") === "FailedCreate" && textAt(one, "involvedObject", "name") === job,
      );
      if (refused !== undefined) return textAt(refused, "message") ?? "";
    }
    throw new Error(`neither pods nor events of the Job ${job}`);
  }

  /** Resolves when the API has the PrometheusRule. */
  async ruleIsThere(): Promise<void> {
    const end = performance.now() + TIMEOUT_MS;
    while (performance.now() < end) {
      if ((await this.kubectl.run(["get", "prometheusrule", PROBE, "-n", NAMESPACE])).code === 0) return;
    }
    throw new Error("there is no PrometheusRule");
  }

  async stop(): Promise<void> {
    await this.plane.stop();
    this.stack.remove();
  }
}

function terraformWorld(kubeconfig: string): TerraformWorld {
  return { binary: terraformBinaries()[0] ?? "", kubeconfig, env: PERSIST_ONCE };
}

/** Ends Terraform as a power cut would, and with it the providers that it started, which would outlive it. */
export function killTerraform(pid: number): void {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
  process.kill(pid, "SIGKILL");
  for (const child of children === "" ? [] : children.split(" ")) {
    try {
      process.kill(Number(child), "SIGKILL");
    } catch {
      // It has ended by itself.
    }
  }
}
