import { setTimeout as sleep } from "node:timers/promises";
import { ApiClient, type ApiServer } from "./api-client";
import { listAt, requireText, textAt } from "./json";

const LOOK_MS = 200;

/**
 * Says of the pods of Deployments that they are ready, as no kubelet is there: nothing of them runs. Terraform waits
 * for that. Pods of Jobs are left as they are.
 */
export class ReadyMarker {
  private isStopped = false;

  private constructor(
    private readonly api: ApiClient,
    private loop: Promise<void>,
  ) {}

  static start(server: ApiServer): ReadyMarker {
    const marker = new ReadyMarker(new ApiClient(server), Promise.resolve());
    marker.loop = marker.run();
    return marker;
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    await this.loop;
    this.api.close();
  }

  private async run(): Promise<void> {
    while (!this.isStopped) {
      // The API may be away for a while: a test may have killed it.
      await this.mark().catch(() => undefined);
      await sleep(LOOK_MS);
    }
  }

  private async mark(): Promise<void> {
    for (const pod of await this.api.list("/api/v1/pods", { fieldSelector: "status.phase=Pending" })) {
      const isOfDeployment = listAt(pod, "metadata", "ownerReferences").some(
        (owner) => textAt(owner, "kind") === "ReplicaSet",
      );
      if (!isOfDeployment) continue;
      const namespace = requireText(pod, "metadata", "namespace");
      const path = `/api/v1/namespaces/${namespace}/pods/${requireText(pod, "metadata", "name")}/status`;
      const since = requireText(pod, "metadata", "creationTimestamp");
      const conditions = ["Ready", "ContainersReady"].map((type) => ({
        type,
        status: "True",
        lastTransitionTime: since,
      }));
      await this.api.patch(path, "strategic", { status: { phase: "Running", conditions } });
    }
  }
}
