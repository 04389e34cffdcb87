import type { Isolation } from "./container-process";
import type { PodSources } from "./pod-sources";
import type { Pod } from "./pod-spec";

/** What the containers of one pod share. */
export interface PodContext {
  readonly pod: Pod;
  readonly sources: PodSources;
  readonly isolation: Isolation;
  /** The pod's own, removed with it. */
  readonly folder: string;
  readonly node: string;
  readonly podIp: string;
  /** What listens on all interfaces by an argument `:<port>` listens on the pod's address alone. */
  readonly listensOnPodIp: boolean;
  /** `KUBERNETES_SERVICE_…` of every container, as there is no Service to be reached. */
  readonly apiServer: Readonly<Record<string, string>>;
  /** Names that lead to loopback in the pod. */
  readonly hosts: readonly string[];
  readonly backOffMs: number;
  readonly maxProbePeriodMs: number;
  entrypoint(image: string): readonly string[];
  volumeFolder(volume: string): string;
  isReadOnlyVolume(volume: string): boolean;
  /** @returns whether it is worth telling again */
  failedReport(error: unknown): boolean;
  warn(text: string): void;
}
