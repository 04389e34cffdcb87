/** https://kubernetes.io/docs/reference/node/node-status/ */
import { hostname } from "node:os";
import type { JsonObject } from "../../../../lib/oci/descriptor";
import { type ApiClient, ApiError } from "../api-client";
import { KUBERNETES_VERSION } from "../binaries";
import { timestamp } from "./container-runner";
import { POD_IP } from "./pod-fields";

const LEASE_SECONDS = 40;

/** The node's object and its heartbeat. */
export class NodeRegistration {
  constructor(
    private readonly api: ApiClient,
    private readonly name: string,
    private readonly kubeletPort: number,
  ) {}

  async register(): Promise<void> {
    try {
      await this.api.create("/api/v1/nodes", {
        apiVersion: "v1",
        kind: "Node",
        metadata: {
          name: this.name,
          labels: { "kubernetes.io/hostname": this.name, "kubernetes.io/os": "linux" },
        },
        spec: {},
      });
    } catch (error) {
      if (!(error instanceof ApiError && error.reason === "AlreadyExists")) throw error;
    }
    await this.api.patch(`/api/v1/nodes/${this.name}/status`, "merge", { status: this.status() });
    await this.beat();
  }

  /** Within 40 s of the one before, or the node is taken for lost. */
  async beat(): Promise<void> {
    const path = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases";
    await this.api.patch(`${path}/${this.name}`, "apply", {
      apiVersion: "coordination.k8s.io/v1",
      kind: "Lease",
      metadata: { name: this.name, namespace: "kube-node-lease" },
      spec: {
        holderIdentity: this.name,
        leaseDurationSeconds: LEASE_SECONDS,
        renewTime: new Date().toISOString().replace("Z", "000Z"),
      },
    });
  }

  async remove(): Promise<void> {
    await this.api.delete(`/api/v1/nodes/${this.name}`);
    await this.api.delete(`/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/${this.name}`);
  }

  private status(): JsonObject {
    const capacity = { cpu: "8", memory: "16Gi", pods: "110", "ephemeral-storage": "64Gi" };
    const now = timestamp();
    const condition = (type: string, status: string, reason: string) => ({
      ...{ type, status, reason, message: "" },
      ...{ lastHeartbeatTime: now, lastTransitionTime: now },
    });
    return {
      capacity,
      allocatable: capacity,
      addresses: [
        { type: "InternalIP", address: POD_IP },
        { type: "Hostname", address: hostname() },
      ],
      conditions: [
        condition("Ready", "True", "KubeletReady"),
        condition("MemoryPressure", "False", "KubeletHasSufficientMemory"),
        condition("DiskPressure", "False", "KubeletHasNoDiskPressure"),
        condition("PIDPressure", "False", "KubeletHasSufficientPID"),
      ],
      daemonEndpoints: { kubeletEndpoint: { Port: this.kubeletPort } },
      nodeInfo: {
        architecture: process.arch === "x64" ? "amd64" : process.arch,
        operatingSystem: "linux",
        kubeletVersion: KUBERNETES_VERSION,
        kubeProxyVersion: "",
        containerRuntimeVersion: "stand-in://1",
        osImage: "stand-in",
        kernelVersion: "",
        machineID: "",
        systemUUID: "",
        bootID: "",
      },
    };
  }
}
