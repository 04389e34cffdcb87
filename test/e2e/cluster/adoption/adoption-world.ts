import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildImage } from "../../../../lib/testing";
import { Distribution } from "../../../support/distribution";
import { htpasswdLine } from "../../../support/htpasswd";
import { Pushgateway } from "../../../support/pushgateway";
import { rawHttp } from "../../../support/raw-http";
import { writeImage } from "../../../support/write-image";
import { findClusterBinaries } from "../binaries";
import { ControlPlane } from "../control-plane";
import { applyOperatorCrds } from "../crds";
import { listAt, requireText, textAt } from "../json";
import { Kubectl } from "../kubectl";
import { KubeletStandIn } from "../kubelet/kubelet-stand-in";
import { terraformBinaries } from "../preflight";
import type { TerraformWorld } from "../terraform-folder";
import type { Substitution } from "./document";
import { OLD_GROUP, OLD_NAME, oldPush } from "./old-probe";

const PROGRAM = join(__dirname, "../../../../dist/lib/cli/tallyman.mjs");
const READER = { user: "reader", pass: "a-password-of-the-test" };

/** So the old probe, which is root, gets no pod and is never run: what it left behind is made in its stead. */
const RESTRICTED = { "pod-security.kubernetes.io/enforce": "restricted" };

/** A cluster with a node, a private registry and a Pushgateway, where a probe written by hand runs. */
export class AdoptionWorld {
  readonly kubectl: Kubectl;

  private constructor(
    /** For the old configurations. */
    readonly folder: string,
    private readonly kubeconfig: string,
    private readonly gateway: Pushgateway,
    private readonly registry: Distribution,
    private readonly stopAll: () => Promise<void>,
  ) {
    this.kubectl = new Kubectl(kubeconfig);
  }

  static async start(): Promise<AdoptionWorld> {
    if (!existsSync(PROGRAM)) throw new Error("the program must be built: run `npm run build` first");
    const binaries = findClusterBinaries();
    if (typeof binaries === "string") throw new Error(binaries);
    const folder = mkdtempSync(join(tmpdir(), "tallyman-adoption-"));
    const started: { stop(): Promise<void> }[] = [];
    const keep = <T extends { stop(): Promise<void> }>(one: T): T => {
      started.unshift(one);
      return one;
    };
    const stopAll = async () => {
      for (const one of started) await one.stop();
      rmSync(folder, { recursive: true, force: true });
    };
    try {
      const plane = keep(await ControlPlane.start(binaries));
      keep(await KubeletStandIn.start({ api: plane }));
      const gateway = keep(await Pushgateway.start());
      const htpasswdFile = join(folder, "htpasswd");
      writeFileSync(htpasswdFile, `${htpasswdLine(READER.user, READER.pass)}\n`);
      const registry = keep(await Distribution.start({ htpasswdFile }));
      writeImage(registry.root, "app", "1", buildImage({ seed: "adoption" }));
      const world = new AdoptionWorld(folder, plane.kubeconfig, gateway, registry, stopAll);
      await applyOperatorCrds(world.kubectl);
      return world;
    } catch (error) {
      await stopAll();
      throw error;
    }
  }

  get terraform(): TerraformWorld {
    return { binary: terraformBinaries()[0] ?? "", kubeconfig: this.kubeconfig };
  }

  /** The document's names, and this world's. */
  inProgram(namespace: string): readonly Substitution[] {
    return [
      ["http://pushgateway.monitoring:9091", this.gateway.url],
      toNamespace(namespace),
      ["registry.example.com:5050", `http://${this.registry.host}`],
      ["192.0.2.10:5050", this.registry.host],
      // A real run waits up to a minute, so that not all of a cluster start at once.
      [/^ +AlertSink,$/, "  AlertSink,\n  Duration,"],
      ["replaceGroup: ", "startJitter: Duration.seconds(0),\n    replaceGroup: "],
      // By default it is the one beside the compiled library, and here the sources run.
      ["registries: [", `programFile: ${JSON.stringify(PROGRAM)},\n  registries: [`],
    ];
  }

  /** With the Secret that the old probe and the new one sign in with. */
  async createNamespace(namespace: string): Promise<void> {
    const metadata = { name: namespace, labels: RESTRICTED };
    await this.kubectl.apply({ apiVersion: "v1", kind: "Namespace", metadata });
    await this.kubectl.apply({
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "registry-reader", namespace },
      stringData: READER,
    });
  }

  /** A run of the old probe: a Job of the CronJob's, the time of it, and what it pushed to a gateway that knew nothing. */
  async runOldProbe(namespace: string): Promise<void> {
    const inNamespace = ["-n", namespace];
    await this.kubectl.must([...inNamespace, "create", "job", `--from=cronjob/${OLD_NAME}`, "before"]);
    const lastScheduleTime = new Date().toISOString().replace(/\.\d+/, "");
    await this.kubectl.must([
      ...[...inNamespace, "patch", "cronjob", OLD_NAME, "--subresource=status", "--type=merge"],
      ...["-p", JSON.stringify({ status: { lastScheduleTime } })],
    ]);
    await this.gateway.restartEmpty();
    const body = oldPush(this.registry.host);
    const { status } = await rawHttp(`${this.gateway.url}${OLD_GROUP}`, { method: "PUT", body });
    if (status !== 200) throw new Error(`the Pushgateway answered the old probe with ${status}`);
  }

  /** What makes the CronJob the same one: who it is, since when, and which Jobs are its own. */
  async identity(namespace: string) {
    const cronJob = await this.kubectl.json(["-n", namespace, "get", "cronjob", OLD_NAME]);
    const uid = requireText(cronJob, "metadata", "uid");
    const jobs = await this.kubectl.list(["job", "-n", namespace]);
    return {
      uid,
      created: requireText(cronJob, "metadata", "creationTimestamp"),
      hasRun: textAt(cronJob, "status", "lastScheduleTime") !== null,
      history: jobs
        .filter((job) => listAt(job, "metadata", "ownerReferences").some((one) => textAt(one, "uid") === uid))
        .map((job) => requireText(job, "metadata", "name"))
        .filter((name) => name === "before"),
    };
  }

  /** `job failures` of each group at the Pushgateway. */
  async groups(): Promise<readonly string[]> {
    const lines = await this.gateway.samples("registry_manifest_integrity_failures{");
    return lines.map((line) => `${/job="([^"]+)"/.exec(line)?.[1]} ${line.split(" ").at(-1)}`).sort();
  }

  /** Nothing of it is left. */
  stop(): Promise<void> {
    return this.stopAll();
  }
}

/** The namespace where it is one: not in the names of the stack and its state. */
export function toNamespace(namespace: string): Substitution {
  return [/(?<![\w-])monitoring\b/, namespace];
}
