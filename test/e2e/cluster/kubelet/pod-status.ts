/** https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/ */
import { isObject, type JsonObject } from "../../../../lib/oci/descriptor";
import { listAt, textAt } from "../json";
import type { ContainerState, ContainerView } from "./container-state";

export interface PodView {
  readonly startTime: string;
  readonly podIp: string;
  readonly initContainers: readonly ContainerView[];
  readonly containers: readonly ContainerView[];
  /** Set once the pod as a whole was ended: by its deadline, or because the stand-in cannot run it. */
  readonly failure: { readonly reason: string; readonly message: string } | null;
  /** Whether it was deleted, so that whatever it wanted, no further run comes. */
  readonly isTerminated: boolean;
}

export function podPhase(view: PodView): "Pending" | "Running" | "Succeeded" | "Failed" {
  const { containers, initContainers, failure, isTerminated } = view;
  if (failure !== null) return "Failed";
  const all = [...initContainers, ...containers];
  if (isTerminated) return all.every(hasSucceeded) ? "Succeeded" : "Failed";
  if (initContainers.some((one) => one.isDone && !hasSucceeded(one))) return "Failed";
  if (containers.every((one) => one.isDone)) return containers.every(hasSucceeded) ? "Succeeded" : "Failed";
  const hasBegun = containers.some((one) => one.state.kind !== "waiting" || one.lastState !== null);
  return hasBegun ? "Running" : "Pending";
}

function hasSucceeded({ state }: ContainerView): boolean {
  return state.kind === "terminated" && state.exitCode === 0;
}

/**
 * The whole status, for a merge patch.
 * @param before the status so far: a condition that stays as it was keeps its time
 */
export function renderPodStatus(view: PodView, before: unknown, now: string): JsonObject {
  const phase = podPhase(view);
  const isOver = phase === "Succeeded" || phase === "Failed";
  const isReady = !isOver && view.containers.every((one) => one.isReady);
  const isInitialized = view.initContainers.every(hasSucceeded);
  const condition = (type: string, isTrue: boolean) => {
    const reason = phase === "Succeeded" ? "PodCompleted" : isOver ? "PodFailed" : "ContainersNotReady";
    return { type, status: isTrue ? "True" : "False", ...(isTrue ? {} : { reason }) };
  };
  const conditions = [
    condition("PodReadyToStartContainers", !isOver),
    condition("Initialized", isInitialized),
    condition("Ready", isReady),
    condition("ContainersReady", isReady),
    { type: "PodScheduled", status: "True" },
  ];
  return {
    phase,
    conditions: keepOthers(before, conditions, now),
    startTime: view.startTime,
    hostIP: view.podIp,
    hostIPs: [{ ip: view.podIp }],
    podIP: view.podIp,
    podIPs: [{ ip: view.podIp }],
    qosClass: textAt(before, "qosClass") ?? "BestEffort",
    ...(view.failure ?? {}),
    ...(view.initContainers.length === 0
      ? {}
      : { initContainerStatuses: view.initContainers.map(renderContainerStatus) }),
    containerStatuses: view.containers.map(renderContainerStatus),
  };
}

/** Conditions of others, as the Job controller's DisruptionTarget, stay. */
function keepOthers(before: unknown, own: readonly JsonObject[], now: string): readonly JsonObject[] {
  const old = listAt(before, "conditions").filter(isObject);
  const others = old.filter((one) => own.every((mine) => mine.type !== one.type));
  return [
    ...others,
    ...own.map((mine) => {
      const same = old.find((one) => one.type === mine.type && one.status === mine.status);
      return { ...mine, lastTransitionTime: textAt(same, "lastTransitionTime") ?? now };
    }),
  ];
}

function renderContainerStatus(view: ContainerView): JsonObject {
  return {
    name: view.name,
    image: view.image,
    imageID: view.image,
    ready: view.isReady,
    started: view.isStarted,
    restartCount: view.restartCount,
    state: renderState(view.state),
    lastState: view.lastState === null ? {} : renderState(view.lastState),
  };
}

function renderState({ kind, ...fields }: ContainerState): JsonObject {
  return { [kind]: fields };
}
