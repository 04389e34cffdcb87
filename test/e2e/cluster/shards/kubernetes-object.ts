import { isObject } from "../../../../lib/oci/descriptor";

/** Where the Kubernetes provider has a name of its own. */
const NAMES: Readonly<Record<string, string>> = {
  container: "containers",
  volume: "volumes",
  volumeMount: "volumeMounts",
  toleration: "tolerations",
  timezone: "timeZone",
  hostIpc: "hostIPC",
  hostPid: "hostPID",
};
/** Numbers that the provider takes as texts, files' modes in octal. */
const NUMBERS = ["fsGroup", "runAsGroup", "runAsUser", "ttlSecondsAfterFinished"];

/** What the provider sends for what a construct renders in its shape: for a machine without Terraform. */
export function kubernetesObject(rendered: unknown, key = ""): unknown {
  if (Array.isArray(rendered)) return rendered.map((one) => kubernetesObject(one));
  if (isObject(rendered)) {
    return Object.fromEntries(
      Object.entries(rendered).map(([name, value]) => [NAMES[name] ?? name, kubernetesObject(value, name)]),
    );
  }
  if (key === "defaultMode") return Number.parseInt(String(rendered), 8);
  return NUMBERS.includes(key) ? Number(rendered) : rendered;
}
