import { accessSync, constants, existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { findTool } from "../../support/require-tool";

/** Of which the control plane is built, and which docs/tested-with.md names. go.mod beside this file says the same. */
export const KUBERNETES_VERSION = "v1.36.3";

export interface ClusterBinaries {
  readonly etcd: string;
  readonly kubeApiserver: string;
  /** Null where there is only an API: no Job is made then, and no pod placed. */
  readonly kubeControllerManager: string | null;
  readonly kubeScheduler: string | null;
}

/** Where scripts/build-e2e-cluster.sh leaves what it built: by version, outside the checkout. */
export function clusterCache(env: NodeJS.ProcessEnv = process.env): string {
  const cache = env.XDG_CACHE_HOME || join(homedir(), ".cache");
  return join(cache, "tallyman", "kubernetes", KUBERNETES_VERSION);
}

/** KUBEBUILDER_ASSETS first, then what was built; a string says what is missing and how to get it, in one line. */
export function findClusterBinaries(env: NodeJS.ProcessEnv = process.env): ClusterBinaries | string {
  const folders = [env.KUBEBUILDER_ASSETS, clusterCache(env)].filter(
    (one) => one !== undefined && one !== "",
  );
  const find = (name: string): string | null =>
    folders.map((folder) => join(folder as string, name)).find(isExecutable) ?? null;
  const etcd = find("etcd") ?? findTool("etcd");
  const kubeApiserver = find("kube-apiserver");
  if (etcd === null) return "etcd is missing: install Debian's etcd-server, or set KUBEBUILDER_ASSETS";
  if (kubeApiserver === null) {
    return "kube-apiserver is missing: `bash scripts/build-e2e-cluster.sh` builds it by Go, or set KUBEBUILDER_ASSETS";
  }
  return {
    etcd,
    kubeApiserver,
    kubeControllerManager: find("kube-controller-manager"),
    kubeScheduler: find("kube-scheduler"),
  };
}

function isExecutable(path: string): boolean {
  if (!existsSync(path)) return false;
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
