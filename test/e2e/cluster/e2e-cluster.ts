import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import { ControlPlane } from "./control-plane";
import { applyOperatorCrds } from "./crds";
import { textAt } from "./json";
import { Kubectl } from "./kubectl";
import { ownApi } from "./preflight";
import { ReadyMarker } from "./ready-marker";

const RESTRICTED = {
  "pod-security.kubernetes.io/enforce": "restricted",
  "pod-security.kubernetes.io/warn": "restricted",
};
/** What a cluster itself puts into every namespace. */
const CLUSTERS_OWN = new Set(["ConfigMap kube-root-ca.crt", "ServiceAccount default"]);
/** They tell of objects and are none. */
const TELLING_KINDS = /^(?:events(?:\..*)?|leases\..*)$/;
const GONE_TIMEOUT_MS = 30_000;

/** The API that this run has, and kubectl for it: one of its own, or the one that TALLYMAN_E2E_KUBECONFIG names. */
export class E2eCluster {
  private readonly namespaces: string[] = [];

  private constructor(
    readonly kubectl: Kubectl,
    private readonly plane: ControlPlane | null,
    private readonly marker: ReadyMarker | null,
    private readonly scratch: string,
  ) {}

  /** @throws Error where there is no API */
  static async start(): Promise<E2eCluster> {
    const api = ownApi();
    if (api.kind === "missing") throw new Error(api.lack);
    const scratch = mkdtempSync(join(tmpdir(), "tallyman-e2e-"));
    if (api.kind === "given")
      return new E2eCluster(new Kubectl(api.kubeconfig, scratch), null, null, scratch);
    const plane = await ControlPlane.start(api.binaries);
    const marker = ReadyMarker.start(plane);
    return new E2eCluster(new Kubectl(plane.kubeconfig, scratch), plane, marker, scratch);
  }

  get kubeconfig(): string {
    return this.kubectl.kubeconfig;
  }

  /** A namespace that refuses what is not `restricted` and warns of it; it is deleted at the end. */
  async createNamespace(name: string): Promise<void> {
    await this.kubectl.must(["create", "namespace", name]);
    this.namespaces.push(name);
    const labels = Object.entries(RESTRICTED).map(([key, value]) => `${key}=${value}`);
    await this.kubectl.must(["label", "namespace", name, ...labels]);
    // Made by a controller, and no pod is admitted before.
    const end = performance.now() + GONE_TIMEOUT_MS;
    while ((await this.kubectl.run(["get", "serviceaccount", "default", "-n", name])).code !== 0) {
      if (performance.now() > end) throw new Error(`no service account in ${name}`);
    }
  }

  /** PEM of a certificate authority. */
  get ca(): string {
    return this.plane?.ca ?? rootCertificates[0] ?? "";
  }

  applyCrds(): Promise<void> {
    return applyOperatorCrds(this.kubectl);
  }

  /** `kind name` of what is in the namespace, the cluster's own left out. */
  async objectsIn(namespace: string): Promise<readonly string[]> {
    const kinds = await this.kubectl.must(["api-resources", "--verbs=list", "--namespaced", "-o", "name"]);
    const names = kinds
      .trim()
      .split("\n")
      .filter((kind) => !TELLING_KINDS.test(kind));
    const listed = await this.kubectl.list([names.join(","), "-n", namespace]);
    return listed
      .map((one) => `${textAt(one, "kind")} ${textAt(one, "metadata", "name")}`)
      .filter((line) => !CLUSTERS_OWN.has(line));
  }

  /** What is left when the collector of garbage has done its work. */
  async leftIn(namespace: string): Promise<readonly string[]> {
    const end = performance.now() + GONE_TIMEOUT_MS;
    let left = await this.objectsIn(namespace);
    while (left.length > 0 && performance.now() < end) left = await this.objectsIn(namespace);
    return left;
  }

  async stop(): Promise<void> {
    await this.marker?.stop();
    if (this.plane === null) {
      for (const name of this.namespaces)
        await this.kubectl.run(["delete", "namespace", name, "--wait=false"]);
    }
    await this.plane?.stop();
    rmSync(this.scratch, { recursive: true, force: true });
  }
}
