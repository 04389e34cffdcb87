/** https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/ */
import { isObject, type JsonObject } from "../../../../lib/oci/descriptor";
import { listAt, numberAt, objectAt, requireText, textAt, textsAt, valueAt } from "../json";
import { parseQuantity } from "./quantity";

/** A pod as far as the stand-in can run one. */
export interface Pod {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly serviceAccount: string;
  /** The whole object, for references to its fields. */
  readonly object: JsonObject;
  readonly restartPolicy: "Always" | "OnFailure" | "Never";
  readonly activeDeadlineSeconds: number | null;
  readonly gracePeriodSeconds: number;
  readonly fsGroup: number | null;
  readonly supplementalGroups: readonly number[];
  readonly volumes: readonly JsonObject[];
  readonly initContainers: readonly Container[];
  readonly containers: readonly Container[];
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly command: readonly string[];
  readonly args: readonly string[];
  readonly workingDir: string | null;
  readonly env: readonly JsonObject[];
  readonly envFrom: readonly JsonObject[];
  readonly mounts: readonly Mount[];
  /** Null: the image's own. */
  readonly user: number | null;
  readonly group: number | null;
  readonly mustNotBeRoot: boolean;
  readonly hasReadOnlyRoot: boolean;
  readonly dropsAllCapabilities: boolean;
  readonly allowsPrivilegeEscalation: boolean;
  readonly memoryLimitBytes: number | null;
  /** Numbers by name, for probes. */
  readonly ports: Readonly<Record<string, number>>;
  readonly probes: Readonly<Partial<Record<ProbeKind, JsonObject>>>;
  readonly terminationMessagePath: string;
  readonly usesLogAsMessage: boolean;
}

export type ProbeKind = "liveness" | "readiness" | "startup";

export interface Mount {
  readonly volume: string;
  readonly path: string;
  readonly subPath: string | null;
  readonly isReadOnly: boolean;
}

/** @param pod as the API server gives it, with its defaults filled in */
export function parsePod(pod: JsonObject): Pod {
  const spec = objectAt(pod, "spec");
  const security = objectAt(spec, "securityContext");
  const policy = textAt(spec, "restartPolicy");
  return {
    namespace: requireText(pod, "metadata", "namespace"),
    name: requireText(pod, "metadata", "name"),
    uid: requireText(pod, "metadata", "uid"),
    serviceAccount: textAt(spec, "serviceAccountName") ?? "default",
    object: pod,
    restartPolicy: policy === "Never" || policy === "OnFailure" ? policy : "Always",
    activeDeadlineSeconds: numberAt(spec, "activeDeadlineSeconds"),
    gracePeriodSeconds: numberAt(spec, "terminationGracePeriodSeconds") ?? 30,
    fsGroup: numberAt(security, "fsGroup"),
    supplementalGroups: listAt(security, "supplementalGroups").filter((one) => typeof one === "number"),
    volumes: listAt(spec, "volumes").filter(isObject),
    initContainers: listAt(spec, "initContainers").map((one) => parseContainer(one, security)),
    containers: listAt(spec, "containers").map((one) => parseContainer(one, security)),
  };
}

/** A container's own word on its security overrules the pod's, field by field. */
function parseContainer(container: unknown, podSecurity: JsonObject): Container {
  const own = objectAt(container, "securityContext");
  const security = { ...podSecurity, ...own };
  const limit = textAt(container, "resources", "limits", "memory");
  const probes = (["liveness", "readiness", "startup"] as const).flatMap((kind) => {
    const probe = valueAt(container, `${kind}Probe`);
    return isObject(probe) ? [[kind, probe] as const] : [];
  });
  return {
    name: requireText(container, "name"),
    image: textAt(container, "image") ?? "",
    command: textsAt(container, "command"),
    args: textsAt(container, "args"),
    workingDir: textAt(container, "workingDir"),
    env: listAt(container, "env").filter(isObject),
    envFrom: listAt(container, "envFrom").filter(isObject),
    mounts: listAt(container, "volumeMounts").map(parseMount),
    user: numberAt(security, "runAsUser"),
    group: numberAt(security, "runAsGroup"),
    mustNotBeRoot: valueAt(security, "runAsNonRoot") === true,
    hasReadOnlyRoot: valueAt(own, "readOnlyRootFilesystem") === true,
    dropsAllCapabilities: textsAt(own, "capabilities", "drop").includes("ALL"),
    allowsPrivilegeEscalation: valueAt(own, "allowPrivilegeEscalation") !== false,
    memoryLimitBytes: limit === null ? null : parseQuantity(limit),
    ports: Object.fromEntries(listAt(container, "ports").flatMap(namedPort)),
    probes: Object.fromEntries(probes),
    terminationMessagePath: textAt(container, "terminationMessagePath") ?? "/dev/termination-log",
    usesLogAsMessage: textAt(container, "terminationMessagePolicy") === "FallbackToLogsOnError",
  };
}

function parseMount(mount: unknown): Mount {
  const subPath = textAt(mount, "subPath");
  return {
    volume: requireText(mount, "name"),
    path: requireText(mount, "mountPath"),
    subPath: subPath === "" ? null : subPath,
    isReadOnly: valueAt(mount, "readOnly") === true,
  };
}

function namedPort(port: unknown): readonly (readonly [string, number])[] {
  const name = textAt(port, "name");
  const number = numberAt(port, "containerPort");
  return name === null || number === null ? [] : [[name, number]];
}

const VOLUME_KINDS = ["configMap", "secret", "projected", "emptyDir", "downwardAPI", "persistentVolumeClaim"];

/** The claim that a volume is of; null for one of another kind. */
export function claimOf(volume: JsonObject): string | null {
  return textAt(volume, "persistentVolumeClaim", "claimName");
}

/** What a pod wants that the stand-in has not, each as a phrase: none is ever left out in silence. */
export function unsupportedFields({ object }: Pod): readonly string[] {
  const spec = objectAt(object, "spec");
  const volumes = listAt(spec, "volumes").flatMap((volume) =>
    VOLUME_KINDS.some((kind) => isObject(valueAt(volume, kind)))
      ? []
      : [`volume ${textAt(volume, "name")} of another kind than ${VOLUME_KINDS.join(", ")}`],
  );
  const containers = [...listAt(spec, "initContainers"), ...listAt(spec, "containers")].flatMap((one) => {
    const name = textAt(one, "name");
    const probes = ["livenessProbe", "readinessProbe", "startupProbe"].filter((probe) =>
      ["exec", "grpc"].some((kind) => isObject(valueAt(one, probe, kind))),
    );
    return [
      ...probes.map((probe) => `container ${name}: ${probe} by exec or grpc`),
      ...(isObject(valueAt(one, "lifecycle")) ? [`container ${name}: lifecycle`] : []),
      ...(valueAt(one, "securityContext", "privileged") === true ? [`container ${name}: privileged`] : []),
      ...(textAt(one, "restartPolicy") === null ? [] : [`container ${name}: restartPolicy of its own`]),
      ...listAt(one, "volumeMounts")
        .filter((mount) => textAt(mount, "subPathExpr") !== null)
        .map(() => `container ${name}: subPathExpr`),
    ];
  });
  return [...volumes, ...containers];
}
