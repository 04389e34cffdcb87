import { KubernetesApi } from "../../integrity/lease/kubernetes-api";
import { KubernetesLeaseStore, type LeaseStore, type StoreFailure } from "../../integrity/lease/lease-store";
import {
  readAccountFiles,
  readOwnNamespace,
  SERVICE_ACCOUNT_FOLDER,
} from "../../integrity/lease/service-account";
import type { CliEnvironment } from "../environment";
import type { LeaseOptions } from "./lease-options";

export interface PodLease {
  /** As `monitoring/registry-integrity-probe`. */
  readonly name: string;
  readonly store: LeaseStore;
  readonly close: () => void;
}

/** The lease by the API of the cluster that this process is a pod of; where it is none, one that says so. */
export async function podLeaseStore(options: LeaseOptions, { env }: CliEnvironment): Promise<PodLease> {
  const folder = env.TALLYMAN_SERVICE_ACCOUNT_DIR ?? SERVICE_ACCOUNT_FOLDER;
  const namespace = options.namespace ?? (await readOwnNamespace(folder));
  const name = `${namespace ?? "?"}/${options.name}`;
  const host = env.KUBERNETES_SERVICE_HOST ?? "";
  const port = Number(env.KUBERNETES_SERVICE_PORT ?? "443");
  if (host === "" || !Number.isInteger(port) || port < 1 || port > 65_535) {
    const detail =
      "KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT name no API: this is no pod of a cluster";
    return { name, store: lackingStore(`${detail}. Leave out --lease there`), close: () => undefined };
  }
  if (namespace === null) {
    const detail = `${folder} names no namespace. Write --lease <namespace>/${options.name}`;
    return { name, store: lackingStore(detail), close: () => undefined };
  }
  const api = new KubernetesApi({ host, port, readAccount: () => readAccountFiles(folder) });
  const store = new KubernetesLeaseStore(api, { namespace, name: options.name });
  return { name, store, close: () => api.close() };
}

function lackingStore(detail: string): LeaseStore {
  const failure: StoreFailure = { kind: "failed", reason: "no_account", detail };
  const fail = async (): Promise<StoreFailure> => failure;
  return { read: fail, create: fail, update: fail };
}
