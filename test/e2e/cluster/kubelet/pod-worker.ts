import { mkdirSync, rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { JsonObject } from "../../../../lib/oci/descriptor";
import type { ApiClient } from "../api-client";
import { valueAt } from "../json";
import type { ContainerLog } from "./container-log";
import { ContainerRunner, timestamp } from "./container-runner";
import { layOutVolume, secureFolder } from "./lay-out-volume";
import type { PodContext } from "./pod-context";
import { claimOf, type Pod, unsupportedFields } from "./pod-spec";
import { type PodView, renderPodStatus } from "./pod-status";
import { collectVolumeFiles, type VolumeFiles } from "./volume-files";

const RETRY_MS = 500;

/** A claim's volume is its owner's and its group's, an emptyDir everybody's. */
function modeOf(volume: JsonObject, files: VolumeFiles | null): number {
  if (claimOf(volume) !== null) return 0o775;
  return files === null ? 0o777 : 0o755;
}

/** A pod on this node, from its binding to its end. */
export class PodWorker {
  private readonly startTime = timestamp();
  private readonly inits: readonly ContainerRunner[];
  private readonly mains: readonly ContainerRunner[];
  private failure: PodView["failure"] = null;
  private isTerminated = false;
  private lastStatus: unknown;
  private isDirty = false;
  private isUnreported = false;
  private reporting: Promise<void> = Promise.resolve();
  private termination: Promise<void> | null = null;
  private readonly life: Promise<void>;

  constructor(
    private readonly api: ApiClient,
    private readonly context: PodContext,
  ) {
    const { pod } = context;
    this.lastStatus = valueAt(pod.object, "status");
    const changed = (): void => this.report();
    this.inits = pod.initContainers.map((one) => new ContainerRunner(one, context, changed));
    this.mains = pod.containers.map((one) => new ContainerRunner(one, context, changed));
    this.life = this.live().catch((error: Error) => {
      context.warn(error.message);
      this.failure ??= { reason: "StandInError", message: error.message };
      this.report();
    });
  }

  get pod(): Pod {
    return this.context.pod;
  }

  /** Null where there is no such container or it never began. */
  log(container: string, isPrevious: boolean): ContainerLog | null {
    const runners = [...this.inits, ...this.mains];
    const name = container === "" ? this.mains[0]?.container.name : container;
    return runners.find((one) => one.container.name === name)?.log(isPrevious) ?? null;
  }

  /** Ends the containers, tells how they ended, and takes the pod out of the API, as it was deleted there. */
  delete(graceSeconds: number): Promise<void> {
    this.termination ??= (async () => {
      await this.end(graceSeconds * 1_000);
      const { namespace, name, uid } = this.pod;
      await this.api.delete(`/api/v1/namespaces/${namespace}/pods/${name}`, {
        gracePeriodSeconds: 0,
        preconditions: { uid },
      });
    })().catch((error: Error) => {
      // Seen again at the next look, and tried again.
      this.termination = null;
      this.context.warn(`${this.pod.name} could not be deleted: ${error.message}`);
    });
    return this.termination;
  }

  /** Ends the containers; the API hears how, where it listens. */
  async end(graceMs: number): Promise<void> {
    this.isTerminated = true;
    await Promise.all([...this.mains, ...this.inits].map((one) => one.stop(graceMs)));
    await this.life;
    this.report();
    await this.reporting;
  }

  /** Kills what is left, and removes the pod's folder. */
  async remove(): Promise<void> {
    await this.end(0);
    rmSync(this.context.folder, { recursive: true, force: true });
  }

  /** Lays out anew what changed since: a running pod sees it through the links. */
  async syncVolumes(): Promise<void> {
    if (!this.isOver()) await this.layOutVolumes();
  }

  private isOver(): boolean {
    return this.isTerminated || this.failure !== null || this.mains.every((one) => one.view().isDone);
  }

  private async live(): Promise<void> {
    const unsupported = unsupportedFields(this.pod);
    if (unsupported.length > 0) {
      this.failure = {
        reason: "NotInStandIn",
        message: `not in the kubelet stand-in: ${unsupported.join("; ")}`,
      };
      return this.report();
    }
    const deadline = this.startDeadline();
    try {
      this.report();
      await this.waitForVolumes();
      const always = this.pod.restartPolicy === "Always";
      const restarts = (code: number): boolean =>
        always || (this.pod.restartPolicy === "OnFailure" && code !== 0);
      for (const init of this.inits) {
        if (this.isTerminated) return;
        await init.run((code) => code !== 0 && this.pod.restartPolicy !== "Never");
        const { state } = init.view();
        if (state.kind !== "terminated" || state.exitCode !== 0) return;
      }
      if (!this.isTerminated) await Promise.all(this.mains.map((one) => one.run(restarts)));
    } finally {
      clearTimeout(deadline);
    }
  }

  private startDeadline(): NodeJS.Timeout | undefined {
    const seconds = this.pod.activeDeadlineSeconds;
    if (seconds === null) return undefined;
    return setTimeout(() => {
      this.failure = {
        reason: "DeadlineExceeded",
        message: "Pod was active on the node longer than the specified deadline",
      };
      void this.end(this.pod.gracePeriodSeconds * 1_000);
    }, seconds * 1_000).unref();
  }

  private async waitForVolumes(): Promise<void> {
    let told = "";
    while (!this.isTerminated) {
      try {
        await this.layOutVolumes();
        return;
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        if (message !== told) this.context.warn(`volumes of ${this.pod.name}: ${message}`);
        told = message;
        await sleep(RETRY_MS, undefined, { ref: false });
      }
    }
  }

  private async layOutVolumes(): Promise<void> {
    const { fsGroup } = this.pod;
    for (const volume of this.pod.volumes) {
      const folder = this.context.volumeFolder(String(volume.name));
      const files = await collectVolumeFiles(volume, this.pod, this.context.sources);
      if (mkdirSync(folder, { recursive: true }) !== undefined) {
        secureFolder(folder, fsGroup, modeOf(volume, files));
      }
      if (files !== null) layOutVolume(folder, files, fsGroup);
    }
  }

  /** One report at a time, always of the newest. */
  private report(): void {
    if (this.isDirty) return;
    this.isDirty = true;
    this.reporting = this.reporting.then(() => this.send());
  }

  private async send(): Promise<void> {
    this.isDirty = false;
    const { namespace, name, uid } = this.pod;
    const status = renderPodStatus(this.view(), this.lastStatus, timestamp());
    try {
      const patch = { metadata: { uid }, status };
      const answer = await this.api.patch(
        `/api/v1/namespaces/${namespace}/pods/${name}/status`,
        "merge",
        patch,
      );
      this.lastStatus = valueAt(answer, "status");
    } catch (error) {
      this.isUnreported = this.context.failedReport(error);
      return;
    }
    this.isUnreported = false;
  }

  /** Tells again what the API server did not hear. */
  retryReport(): void {
    if (this.isUnreported) this.report();
  }

  private view(): PodView {
    const view = {
      startTime: this.startTime,
      podIp: this.context.podIp,
      initContainers: this.inits.map((one) => one.view()),
      containers: this.mains.map((one) => one.view()),
      isTerminated: this.isTerminated && this.termination !== null && this.isEnded(),
    };
    // A deadline's failure is told once everything has ended.
    const failure = this.failure !== null && this.isEnded() ? this.failure : null;
    return { ...view, failure };
  }

  private isEnded(): boolean {
    return [...this.inits, ...this.mains].every((one) => one.view().state.kind !== "running");
  }
}
