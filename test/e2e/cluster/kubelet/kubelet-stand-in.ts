import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isObject, type JsonObject } from "../../../../lib/oci/descriptor";
import { ApiClient, ApiError, type ApiServer } from "../api-client";
import { numberAt, requireText, textAt, valueAt } from "../json";
import type { ContainerLog } from "./container-log";
import { detectIsolation, type Isolation } from "./container-process";
import { LogServer } from "./log-server";
import { NodeRegistration } from "./node-registration";
import type { PodContext } from "./pod-context";
import { POD_IP } from "./pod-fields";
import { podSources } from "./pod-sources";
import { claimOf, parsePod } from "./pod-spec";
import { PodWorker } from "./pod-worker";

export interface KubeletStandInOptions {
  readonly api: ApiServer;
  /**
   * Names that lead to 127.0.0.1 in every pod, as `pushgateway.monitoring`; ports stay what they are.
   * @default none: there is no DNS of the cluster
   */
  readonly hosts?: readonly string[];
  /** @default tallyman-e2e */
  readonly nodeName?: string;
  /**
   * What the pods' status says; Endpoints are only made for an address that is not of loopback.
   * @default 127.0.0.1
   */
  readonly podIp?: string;
  /**
   * Whether an argument `:<port>` is the pod's address and that port, so that pods of two nodes may listen on one port.
   * @default false
   */
  readonly listensOnPodIp?: boolean;
  /**
   * What an image starts where the manifest has no command, by a part of the image's name.
   * @default `node` for an image of that name
   */
  readonly entrypoints?: Readonly<Record<string, readonly string[]>>;
  /** @default namespaces where this host has them */
  readonly isolation?: Isolation;
  /** @default 1 s before the second restart, doubled at each */
  readonly backOffMs?: number;
  /** @default what the manifest says */
  readonly maxProbePeriodMs?: number;
  /** @default nowhere */
  readonly warn?: (text: string) => void;
}

const LOOK_MS = 250;
const VOLUME_SYNC_MS = 2_000;
const HEARTBEAT_MS = 5_000;

/**
 * A node whose pods are processes of this host, with the host's network: two pods that listen on one port collide.
 * Not held to: CPU limits, seccomp, sizes of volumes, access modes of claims, NetworkPolicies. Memory is looked at four times a second.
 */
export class KubeletStandIn {
  private readonly workers = new Map<string, PodWorker>();
  private readonly stopping = new AbortController();
  private loops: readonly Promise<void>[] = [];
  private logs: LogServer | null = null;
  private node: NodeRegistration | null = null;
  private stopped: Promise<void> | null = null;

  private constructor(
    private readonly api: ApiClient,
    private readonly options: KubeletStandInOptions,
    readonly nodeName: string,
    /** `host` where this process is not root's: paths are mapped in the command line, and users do not change. */
    readonly isolation: Isolation,
    /** Of the pods' files; removed at the end. */
    readonly folder: string,
  ) {}

  /** Resolves when the node is registered and Ready. */
  static async start(options: KubeletStandInOptions): Promise<KubeletStandIn> {
    const folder = mkdtempSync(join(tmpdir(), "tallyman-kubelet-"));
    const api = new ApiClient(options.api);
    const { nodeName = "tallyman-e2e", isolation = detectIsolation() } = options;
    const kubelet = new KubeletStandIn(api, options, nodeName, isolation, folder);
    try {
      if (isolation === "host") {
        options.warn?.(
          "pods run as the user of the tests, without namespaces: root and util-linux are needed",
        );
      }
      const logs = await LogServer.start(folder, (...which) => kubelet.findLog(...which));
      kubelet.logs = logs;
      const node = new NodeRegistration(api, nodeName, logs.port);
      kubelet.node = node;
      await node.register();
      kubelet.loops = [
        kubelet.repeat(LOOK_MS, () => kubelet.look()),
        kubelet.repeat(VOLUME_SYNC_MS, () => kubelet.syncVolumes()),
        kubelet.repeat(HEARTBEAT_MS, () => node.beat()),
      ];
      return kubelet;
    } catch (error) {
      await kubelet.stop();
      throw error;
    }
  }

  /** Kills every pod and leaves nothing: no process, mount, folder, nor the node in the API where that still answers. */
  stop(): Promise<void> {
    this.stopped ??= this.end();
    return this.stopped;
  }

  private async end(): Promise<void> {
    this.stopping.abort();
    await Promise.all(this.loops);
    await Promise.all([...this.workers.values()].map((worker) => worker.remove()));
    this.workers.clear();
    await this.node?.remove().catch(() => undefined);
    await this.logs?.stop();
    this.api.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async repeat(everyMs: number, act: () => Promise<void>): Promise<void> {
    const { signal } = this.stopping;
    let told = "";
    while (!signal.aborted) {
      try {
        await act();
        told = "";
      } catch (error) {
        // An API server may be away for a while: said once.
        const message = error instanceof Error ? error.message : String(error);
        if (message !== told) this.warn(message);
        told = message;
      }
      await sleep(everyMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  /** Begins, ends and forgets pods as the API server's list says. */
  private async look(): Promise<void> {
    const pods = await this.api.list("/api/v1/pods", { fieldSelector: `spec.nodeName=${this.nodeName}` });
    const seen = new Set<string>();
    for (const object of pods) {
      const uid = requireText(object, "metadata", "uid");
      seen.add(uid);
      const worker = this.workers.get(uid) ?? this.begin(uid, object);
      worker?.retryReport();
      if (worker !== undefined && textAt(object, "metadata", "deletionTimestamp") !== null) {
        void worker.delete(numberAt(object, "metadata", "deletionGracePeriodSeconds") ?? 0);
      }
    }
    for (const [uid, worker] of this.workers) {
      if (seen.has(uid)) continue;
      this.workers.delete(uid);
      await worker.remove();
    }
  }

  /** Nothing for a pod that ended before this stand-in was there. */
  private begin(uid: string, object: JsonObject): PodWorker | undefined {
    const phase = textAt(object, "status", "phase");
    if (phase === "Succeeded" || phase === "Failed") return undefined;
    const worker = new PodWorker(this.api, this.contextOf(uid, object));
    this.workers.set(uid, worker);
    return worker;
  }

  private contextOf(uid: string, object: JsonObject): PodContext {
    const pod = parsePod(object);
    const folder = join(this.folder, "pods", uid);
    mkdirSync(folder, { recursive: true });
    const { hosts = [], podIp = POD_IP, backOffMs = 1_000, entrypoints = {} } = this.options;
    const claims = new Map(pod.volumes.map((one) => [one.name, claimOf(one)]));
    const writable = new Set(
      pod.volumes
        .filter((one) => isObject(valueAt(one, "emptyDir")) || claimOf(one) !== null)
        .map((one) => one.name),
    );
    return {
      ...{ pod, folder, hosts, podIp, backOffMs },
      isolation: this.isolation,
      listensOnPodIp: this.options.listensOnPodIp === true,
      apiServer: apiServerVariables(this.options.api.url),
      sources: podSources(this.api, pod),
      node: process.execPath,
      maxProbePeriodMs: this.options.maxProbePeriodMs ?? Number.POSITIVE_INFINITY,
      entrypoint: (image) =>
        Object.entries(entrypoints).find(([part]) => image.includes(part))?.[1] ??
        (/(?:^|\/)node(?:[:@]|$)/.test(image) ? ["node"] : []),
      volumeFolder: (volume) => {
        const claim = claims.get(volume) ?? null;
        return claim === null ? join(folder, "volumes", volume) : this.claimFolder(pod.namespace, claim);
      },
      isReadOnlyVolume: (volume) => !writable.has(volume),
      warn: (text) => this.warn(`${pod.namespace}/${pod.name}: ${text}`),
      failedReport: (error) => {
        if (error instanceof ApiError && (error.status === 404 || error.status === 409)) return false;
        this.warn(`${pod.name}: its status was not heard: ${String(error)}`);
        return true;
      },
    };
  }

  /** Of a claim that the scheduler took for bound: a folder of this node, whatever volume it is bound to. */
  claimFolder(namespace: string, claim: string): string {
    return join(this.folder, "claims", namespace, claim);
  }

  private async syncVolumes(): Promise<void> {
    for (const worker of this.workers.values()) await worker.syncVolumes();
  }

  private findLog(
    namespace: string,
    pod: string,
    container: string,
    isPrevious: boolean,
  ): ContainerLog | string {
    const worker = [...this.workers.values()].find(
      (one) => one.pod.namespace === namespace && one.pod.name === pod,
    );
    return (
      worker?.log(container, isPrevious) ?? `container "${container}" of pod "${pod}" has no such log here`
    );
  }

  private warn(text: string): void {
    this.options.warn?.(text);
  }
}

/** A kubelet gives them to every container, whatever enableServiceLinks says. */
function apiServerVariables(url: string): Readonly<Record<string, string>> {
  const { hostname, port } = new URL(url);
  return { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port === "" ? "443" : port };
}
