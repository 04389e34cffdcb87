import { existsSync, readdirSync, readFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import type { JsonObject } from "../../../../lib/oci/descriptor";
import { ApiClient } from "../api-client";
import { findClusterBinaries } from "../binaries";
import { ControlPlane } from "../control-plane";
import { listAt, objectAt, textAt } from "../json";
import { Kubectl } from "../kubectl";
import { KubeletStandIn, type KubeletStandInOptions } from "./kubelet-stand-in";

const IMAGE = "node:22-alpine";
export const NAMESPACE = "kubelet";
export const PODS = `/api/v1/namespaces/${NAMESPACE}/pods`;
const JOBS = `/apis/batch/v1/namespaces/${NAMESPACE}/jobs`;
const WAIT_MS = 30_000;

const RESTRICTED = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ["ALL"] },
  readOnlyRootFilesystem: true,
};

/** A cluster with one node, which is the stand-in, and a namespace. */
export class KubeletWorld {
  private constructor(
    readonly plane: ControlPlane,
    readonly api: ApiClient,
    readonly kubectl: Kubectl,
    readonly kubelet: KubeletStandIn,
    /** What the stand-in said. */
    readonly warnings: readonly string[],
  ) {}

  static async start(options: Omit<KubeletStandInOptions, "api" | "warn"> = {}): Promise<KubeletWorld> {
    const binaries = findClusterBinaries();
    if (typeof binaries === "string") throw new Error(binaries);
    const plane = await ControlPlane.start(binaries);
    try {
      const warnings: string[] = [];
      const warn = (text: string) => warnings.push(text);
      const kubelet = await KubeletStandIn.start({ api: plane, warn, ...options });
      const kubectl = new Kubectl(plane.kubeconfig);
      const world = new KubeletWorld(plane, new ApiClient(plane), kubectl, kubelet, warnings);
      await kubectl.must(["create", "namespace", NAMESPACE]);
      return world;
    } catch (error) {
      await plane.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    await this.kubelet.stop();
    this.api.close();
    await this.plane.stop();
  }

  /** The Job's condition where it is true. */
  async conditionOf(job: string, type: string): Promise<unknown> {
    const conditions = listAt(await this.api.get(`${JOBS}/${job}`), "status", "conditions");
    return conditions.find((one) => textAt(one, "type") === type && textAt(one, "status") === "True") ?? null;
  }

  async podOf(job: string): Promise<JsonObject | null> {
    return (await this.api.list(PODS, { labelSelector: `job-name=${job}` }))[0] ?? null;
  }
}

/** What `node -e` runs. */
export const script = (text: string) => ["node", "-e", text];

/** A pod's spec as the standard `restricted` has it. */
export function podSpec(container: object, more: object = {}) {
  return {
    terminationGracePeriodSeconds: 1,
    securityContext: { runAsUser: 65532, runAsGroup: 65532, runAsNonRoot: true, fsGroup: 65532 },
    ...more,
    containers: [{ name: "main", image: IMAGE, securityContext: RESTRICTED, ...container }],
  };
}

/** A Job that is tried once. */
export function jobOf(name: string, container: object, spec: object = {}, pod: object = {}) {
  const more = { restartPolicy: "Never", automountServiceAccountToken: false, ...pod };
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name, namespace: NAMESPACE },
    spec: { backoffLimit: 0, ...spec, template: { spec: podSpec(container, more) } },
  };
}

export function objectOf(
  kind: "ConfigMap" | "Secret",
  name: string,
  values: Readonly<Record<string, string>>,
) {
  const field = kind === "Secret" ? "stringData" : "data";
  return { apiVersion: "v1", kind, metadata: { name, namespace: NAMESPACE }, [field]: values };
}

/** How the pod's only container ended. */
export function terminated(pod: unknown): JsonObject {
  return objectAt(listAt(pod, "status", "containerStatuses")[0], "state", "terminated");
}

/** Looks until something is there, 30 s at most. */
export async function until<T>(
  what: string,
  look: () => Promise<T | null | false> | T | null | false,
): Promise<T> {
  const end = performance.now() + WAIT_MS;
  for (;;) {
    const found = await look();
    if (found !== null && found !== false) return found;
    if (performance.now() > end) throw new Error(`waited in vain: ${what}`);
    await sleep(100);
  }
}

/** Ids of processes whose command line has the text. */
export function processesWith(text: string): readonly string[] {
  return readdirSync("/proc").filter((name) => {
    if (!/^\d+$/.test(name) || !existsSync(`/proc/${name}/cmdline`)) return false;
    try {
      return readFileSync(`/proc/${name}/cmdline`, "utf8").includes(text);
    } catch {
      return false;
    }
  });
}

/** An address of this host that Endpoints may have; null where there is loopback alone. */
export function hostAddress(): string | null {
  const addresses = Object.values(networkInterfaces()).flatMap((one) => one ?? []);
  return addresses.find(({ family, internal }) => family === "IPv4" && !internal)?.address ?? null;
}
