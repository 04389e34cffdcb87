import type { Grade } from "../../change";
import type { Step } from "../common/spot";
import { blockOf, childOf } from "../common/spot";
import { type ContainerView, isTrue, type PodView, type Setting, settingAt, wordsOf } from "./pod-view";

/** Something that a container or a pod may be allowed: how much, and what it is called. */
export interface SecuritySetting<View> {
  readonly kind: string;
  /** Of loosening. */
  readonly grade: Grade;
  /** The higher, the more is allowed; several where each counts by itself. */
  readonly read: (view: View) => Setting<readonly string[]>;
  /** What the reader is told of the word that came in, and of one that went. */
  readonly loosened: (word: string) => string;
  readonly tightened: (word: string) => string;
  /** Where else the same is said for all containers: no fact of its own. */
  readonly inherited?: (view: View) => readonly Step[];
  /** Told of a new pod too, not only where one was tighter before. */
  readonly isAlwaysTold: boolean;
}

const CONTEXT = "securityContext";

/** What the container's own context says, else the pod's. */
function own(view: ContainerView, name: string): Setting<boolean | null> {
  const mine = settingAt(view.spot, CONTEXT, name);
  if (mine.value !== null) return { value: isTrue(mine.value), steps: mine.steps };
  // The provider writes false for what its block leaves out, and that overrules the pod.
  const hasBlock = blockOf(childOf(view.spot, "security_context")) !== null;
  if (view.isHcl && hasBlock) return { value: false, steps: mine.steps };
  const pods = settingAt(view.pod, CONTEXT, name);
  return pods.value === null
    ? { value: null, steps: mine.steps }
    : { value: isTrue(pods.value), steps: pods.steps };
}

function flag(
  isAllowed: boolean,
  word: string,
  steps: Setting<unknown>["steps"],
): Setting<readonly string[]> {
  return { value: isAllowed ? [word] : [], steps };
}

function word(setting: Setting<unknown>): string | null {
  return typeof setting.value === "string" || typeof setting.value === "number" ? `${setting.value}` : null;
}

export const CONTAINER_SETTINGS: readonly SecuritySetting<ContainerView>[] = [
  {
    kind: "security_context_loosened",
    grade: "risk",
    read: (view) => {
      const { value, steps } = own(view, "runAsNonRoot");
      return flag(value !== true, "runAsNonRoot", steps);
    },
    inherited: ({ pod }) => settingAt(pod, CONTEXT, "runAsNonRoot").steps,
    loosened: () => "may run as root: runAsNonRoot is no longer true",
    tightened: () => "may no longer run as root: runAsNonRoot is true",
    isAlwaysTold: false,
  },
  {
    kind: "security_context_loosened",
    grade: "risk",
    read: (view) => {
      const mine = settingAt(view.spot, CONTEXT, "runAsUser");
      const user = mine.value === null ? settingAt(view.pod, CONTEXT, "runAsUser") : mine;
      return flag(word(user) === "0", "user 0", user.steps);
    },
    loosened: () => "runs as user 0, which is root",
    tightened: () => "no longer runs as user 0",
    isAlwaysTold: false,
  },
  {
    kind: "privileged_added",
    grade: "danger",
    read: (view) => {
      const { value, steps } = settingAt(view.spot, CONTEXT, "privileged");
      return flag(isTrue(value), "privileged", steps);
    },
    loosened: () => "is privileged: it has all of its node",
    tightened: () => "is no longer privileged",
    isAlwaysTold: true,
  },
  {
    kind: "security_context_loosened",
    grade: "risk",
    read: (view) => {
      const { value, steps } = settingAt(view.spot, CONTEXT, "allowPrivilegeEscalation");
      return flag(value === null || isTrue(value), "allowPrivilegeEscalation", steps);
    },
    loosened: () => "may gain privileges: allowPrivilegeEscalation is no longer false",
    tightened: () => "may no longer gain privileges",
    isAlwaysTold: false,
  },
  {
    kind: "security_context_loosened",
    grade: "risk",
    read: (view) => {
      const { value, steps } = settingAt(view.spot, CONTEXT, "readOnlyRootFilesystem");
      return flag(!isTrue(value), "readOnlyRootFilesystem", steps);
    },
    loosened: () => "may write to its root filesystem: readOnlyRootFilesystem is no longer true",
    tightened: () => "can no longer write to its root filesystem",
    isAlwaysTold: false,
  },
  {
    kind: "security_context_loosened",
    grade: "risk",
    read: (view) => {
      const { value, steps } = settingAt(view.spot, CONTEXT, "capabilities", "drop");
      const dropped = wordsOf(value).map((one) => one.toUpperCase());
      return flag(!dropped.includes("ALL"), "capabilities", steps);
    },
    loosened: () => "keeps the runtime's capabilities: they no longer drop ALL",
    tightened: () => "drops ALL capabilities",
    isAlwaysTold: false,
  },
  {
    kind: "security_context_loosened",
    grade: "risk",
    read: (view) => {
      const { value, steps } = settingAt(view.spot, CONTEXT, "capabilities", "add");
      return { value: wordsOf(value).map((one) => one.toUpperCase()), steps };
    },
    loosened: (capability) => `has the capability ${capability}`,
    tightened: (capability) => `no longer has the capability ${capability}`,
    isAlwaysTold: true,
  },
  {
    kind: "security_context_loosened",
    grade: "risk",
    read: (view) => {
      const mine = settingAt(view.spot, CONTEXT, "seccompProfile", "type");
      const profile = mine.value === null ? settingAt(view.pod, CONTEXT, "seccompProfile", "type") : mine;
      const isConfined = ["RuntimeDefault", "Localhost"].includes(word(profile) ?? "");
      return flag(!isConfined, "seccomp", profile.steps);
    },
    inherited: ({ pod }) => settingAt(pod, CONTEXT, "seccompProfile").steps,
    loosened: () => "has no seccomp profile any more: every system call is allowed",
    tightened: () => "has a seccomp profile",
    isAlwaysTold: false,
  },
];

function hostNamespace(name: string, words: string): SecuritySetting<PodView> {
  return {
    kind: "host_access_added",
    grade: "danger",
    read: ({ spot }) => {
      const { value, steps } = settingAt(spot, name);
      return flag(isTrue(value), name, steps);
    },
    loosened: () => `shares its node's ${words}: ${name} is true`,
    tightened: () => `no longer shares its node's ${words}`,
    isAlwaysTold: true,
  };
}

export const POD_SETTINGS: readonly SecuritySetting<PodView>[] = [
  {
    kind: "security_context_loosened",
    grade: "risk",
    read: ({ spot, containers }) => {
      const { value, steps } = settingAt(spot, CONTEXT, "runAsNonRoot");
      // Where a container takes it from the pod, that is told of the container.
      const isOwn = [...containers.values()].every((one) =>
        isTrue(settingAt(one.spot, CONTEXT, "runAsNonRoot").value),
      );
      return flag(isOwn && !isTrue(value), "runAsNonRoot", steps);
    },
    loosened: () =>
      "no longer forbids root for whatever container has no word of its own: its runAsNonRoot is no longer true",
    tightened: () => "forbids root for every container: its runAsNonRoot is true",
    isAlwaysTold: false,
  },
  hostNamespace("hostNetwork", "network"),
  hostNamespace("hostPID", "processes"),
  hostNamespace("hostPid", "processes"),
  hostNamespace("hostIPC", "memory"),
  hostNamespace("hostIpc", "memory"),
  {
    kind: "host_access_added",
    grade: "danger",
    read: ({ spot, volumes }) => ({
      value: volumes.flatMap((volume) => {
        const path = word(settingAt(volume, "hostPath", "path"));
        return path === null ? [] : [path];
      }),
      steps:
        settingAt(spot, "volume").value === null
          ? settingAt(spot, "volumes").steps
          : settingAt(spot, "volume").steps,
    }),
    loosened: (path) => `mounts ${path} of its node`,
    tightened: (path) => `no longer mounts ${path} of its node`,
    isAlwaysTold: true,
  },
  {
    kind: "service_account_token_mounted",
    grade: "risk",
    read: ({ spot }) => {
      const { value, steps } = settingAt(spot, "automountServiceAccountToken");
      return flag(value === null || isTrue(value), "automountServiceAccountToken", steps);
    },
    loosened: () => "gets a token of its service account: automountServiceAccountToken is no longer false",
    tightened: () => "no longer gets a token of its service account",
    isAlwaysTold: false,
  },
];
