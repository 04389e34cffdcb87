/** https://kubernetes.io/docs/concepts/workloads/pods/downward-api/ */
import { textAt, textMapAt } from "../json";
import type { Pod } from "./pod-spec";

/** Every pod's and the node's own: there is no network but the host's. */
export const POD_IP = "127.0.0.1";

/** @throws Error where the stand-in does not know the field */
export function podField(pod: Pod, path: string): string {
  const [, map, key] = /^metadata\.(labels|annotations)\['([^']+)'\]$/.exec(path) ?? [];
  if (map !== undefined && key !== undefined) return textMapAt(pod.object, "metadata", map)[key] ?? "";
  switch (path) {
    case "metadata.name":
      return pod.name;
    case "metadata.namespace":
      return pod.namespace;
    case "metadata.uid":
      return pod.uid;
    case "metadata.labels":
    case "metadata.annotations":
      return Object.entries(textMapAt(pod.object, ...path.split(".")))
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
        .join("\n");
    case "spec.nodeName":
      return textAt(pod.object, "spec", "nodeName") ?? "";
    case "spec.serviceAccountName":
      return pod.serviceAccount;
    case "status.hostIP":
    case "status.hostIPs":
    case "status.podIP":
    case "status.podIPs":
      return POD_IP;
    default:
      throw new Error(`the stand-in knows no field ${path} of a pod`);
  }
}
