import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { TerraformStack } from "cdktf";
import type { JsonObject } from "../../../../lib/oci/descriptor";
import { ApiClient } from "../api-client";
import { findClusterBinaries } from "../binaries";
import { ControlPlane } from "../control-plane";
import { applyOperatorCrds } from "../crds";
import { listAt, textAt } from "../json";
import { Kubectl } from "../kubectl";
import { KubeletStandIn, type KubeletStandInOptions } from "../kubelet/kubelet-stand-in";
import type { PlannedChanges } from "../planned-changes";
import { terraformBinaries } from "../preflight";
import { TerraformFolder } from "../terraform-folder";
import { AppliedStack } from "../terraform-stack";
import { ProcessSampler } from "./process-sampler";
import { clusterPlaces, folderPlaces } from "./secret-places";
import { findSecrets, type Place, type SecretValues } from "./secrets-scan";
import { runScript, type ShellRun } from "./shell";

export const NAMESPACE = "monitoring";
/** What the build made of lib/cli/program.ts. */
export const PROGRAM = join(__dirname, "../../../../dist/lib/cli/tallyman.mjs");
const RESTRICTED = { "pod-security.kubernetes.io/enforce": "restricted" };
const POLL_MS = 200;

/**
 * A whole cluster with a node on which pods really run, and a stack that is applied to it by Terraform. Whatever
 * passes is kept, for the look for secrets at the end.
 */
export class ProbeCluster {
  private readonly kept: Place[] = [];
  private isInitialized = false;

  private constructor(
    private readonly plane: ControlPlane,
    readonly api: ApiClient,
    private readonly kubelets: readonly KubeletStandIn[],
    private readonly stack: AppliedStack,
    private readonly sampler: ProcessSampler,
  ) {}

  /**
   * With the namespace `monitoring`, at pod security `restricted`, and the operator's CRDs.
   *
   * @param nodes as the stand-in takes them; one by default
   */
  static async start(nodes: readonly Partial<KubeletStandInOptions>[] = [{}]): Promise<ProbeCluster> {
    if (!existsSync(PROGRAM)) throw new Error("the program must be built: run `npm run build` first");
    const [binary] = terraformBinaries();
    const binaries = findClusterBinaries();
    if (typeof binaries === "string") throw new Error(binaries);
    const sampler = ProcessSampler.start();
    const plane = await ControlPlane.start(binaries).catch((error: unknown) => {
      sampler.stop();
      throw error;
    });
    const kubelets: KubeletStandIn[] = [];
    try {
      for (const node of nodes) kubelets.push(await KubeletStandIn.start({ api: plane, ...node }));
    } catch (error) {
      sampler.stop();
      for (const kubelet of kubelets) await kubelet.stop();
      await plane.stop();
      throw error;
    }
    const stack = AppliedStack.create({ binary: binary ?? "", kubeconfig: plane.kubeconfig });
    const cluster = new ProbeCluster(plane, new ApiClient(plane), kubelets, stack, sampler);
    try {
      await cluster.prepare();
      return cluster;
    } catch (error) {
      await cluster.stop();
      throw error;
    }
  }

  private async prepare(): Promise<void> {
    await applyOperatorCrds(this.kubectl);
    const metadata = { name: NAMESPACE, labels: RESTRICTED };
    await this.kubectl.apply({ apiVersion: "v1", kind: "Namespace", metadata });
    // Made by a controller, and no pod is admitted before.
    await this.until("service account", () =>
      this.api.find(`/api/v1/namespaces/${NAMESPACE}/serviceaccounts/default`),
    );
  }

  get kubectl(): Kubectl {
    return new Kubectl(this.plane.kubeconfig);
  }

  /** Of the last synthesis. */
  get artifacts(): string {
    return join(this.stack.output, "artifacts");
  }

  /** The Secret as its owner makes it: through standard input, as an argument would be seen by everybody. */
  async putSecret(name: string, values: Readonly<Record<string, string>>, type = "Opaque"): Promise<void> {
    const metadata = { name, namespace: NAMESPACE };
    await this.kubectl.apply({ apiVersion: "v1", kind: "Secret", metadata, type, stringData: values });
  }

  /** Synthesizes the stack anew, plans it and applies that plan. @param variables `TF_VAR_<name>` by name */
  async applyStack(
    build: (stack: TerraformStack) => void,
    variables: Readonly<Record<string, string>> = {},
  ): Promise<PlannedChanges> {
    this.stack.synthesize(build);
    const env = Object.fromEntries(
      Object.entries(variables).map(([name, value]) => [`TF_VAR_${name}`, value]),
    );
    const [binary] = terraformBinaries();
    if (binary === undefined) throw new Error("terraform is missing");
    const world = { binary, kubeconfig: this.plane.kubeconfig, env };
    const terraform = new TerraformFolder(this.stack.terraform.path, world, this.stack.folder);
    if (!this.isInitialized) await terraform.init();
    this.isInitialized = true;
    const planned = await terraform.plan();
    if (planned.changes === null) throw new Error(planned.output);
    this.keep("terraform plan", planned.output);
    this.keep("terraform show of the plan", JSON.stringify(await terraform.showPlan()));
    const applied = await terraform.applyPlan();
    this.keep("terraform apply", applied.output);
    if (applied.code !== 0) throw new Error(applied.output);
    this.keep("terraform show of the state", JSON.stringify(await terraform.showState()));
    return planned.changes;
  }

  /** What somebody pastes into a terminal. */
  async paste(script: string): Promise<ShellRun> {
    const run = await runScript(script, this.plane.kubeconfig, this.stack.folder);
    this.keep("a terminal", run.output);
    return run;
  }

  /** The Job once it has ended well. @throws Error with its log where it failed */
  async finishedJob(name: string, timeoutMs = 60_000): Promise<JsonObject> {
    const path = `/apis/batch/v1/namespaces/${NAMESPACE}/jobs/${name}`;
    return this.until(
      `the end of ${name}`,
      async () => {
        const job = await this.api.get(path);
        if (hasCondition(job, "Failed")) throw new Error(`${name} failed: ${await this.logOf(name)}`);
        return hasCondition(job, "Complete") ? job : null;
      },
      timeoutMs,
    );
  }

  /** Where the files of a claim are, on the first node. */
  claimFolder(claim: string): string {
    const [kubelet] = this.kubelets;
    if (kubelet === undefined) throw new Error("there is no node");
    return kubelet.claimFolder(NAMESPACE, claim);
  }

  /** Another run of the CronJob, to its end. @returns its log */
  async runNow(cronJob: string, job: string): Promise<string> {
    await this.kubectl.must(["-n", NAMESPACE, "create", "job", `--from=cronjob/${cronJob}`, job]);
    await this.finishedJob(job);
    return this.logOf(job);
  }

  private async logOf(job: string): Promise<string> {
    const words = ["-n", NAMESPACE, "logs", `job/${job}`, "--all-containers", "--prefix"];
    const { stdout, stderr } = await this.kubectl.run(words);
    return stdout + stderr;
  }

  /** What `look` gives once that is not null. */
  async until<T>(what: string, look: () => Promise<T | null>, timeoutMs = 30_000): Promise<T> {
    const end = performance.now() + timeoutMs;
    for (;;) {
      const found = await look();
      if (found !== null) return found;
      if (performance.now() > end) throw new Error(`no ${what} in ${timeoutMs} ms`);
      await sleep(POLL_MS);
    }
  }

  /** Something that passed; nothing is kept of an empty text. */
  keep(name: string, text: string): void {
    if (text !== "") this.kept.push({ name, content: text });
  }

  /**
   * Where a secret stands outside of Secrets: in all that was kept, the cluster's objects, events and logs, the
   * synthesized output, state and plan, and the processes that ran.
   */
  async leaks(secrets: SecretValues): Promise<readonly string[]> {
    return findSecrets(secrets, [
      ...this.kept,
      ...(await clusterPlaces(this.kubectl)),
      ...folderPlaces(this.stack.folder),
      ...this.sampler.places(),
    ]);
  }

  async stop(): Promise<void> {
    this.sampler.stop();
    this.api.close();
    for (const kubelet of this.kubelets) await kubelet.stop();
    await this.plane.stop();
    this.stack.remove();
  }
}

function hasCondition(job: JsonObject, type: string): boolean {
  return listAt(job, "status", "conditions").some(
    (one) => textAt(one, "type") === type && textAt(one, "status") === "True",
  );
}
