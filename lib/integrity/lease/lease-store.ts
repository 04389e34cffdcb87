import type { JsonObject } from "../../oci/descriptor";
import type { ApiFailure, KubernetesApi } from "./kubernetes-api";
import { type Lease, readLease } from "./lease-record";

/** Why a lease could not be read or written. */
export interface StoreFailure {
  readonly kind: "failed";
  /** `refused`: the API answered, and will answer the same until somebody mends it. `no_account`: nothing could be asked. */
  readonly reason: "refused" | "no_account" | "silent";
  /** With the way to mend it where there is one. */
  readonly detail: string;
}

/** One Lease; a write goes through only upon what was read last. Nothing throws. */
export interface LeaseStore {
  read(timeoutMs: number, signal: AbortSignal | null): Promise<Lease | "absent" | StoreFailure>;
  create(
    spec: JsonObject,
    timeoutMs: number,
    signal: AbortSignal | null,
  ): Promise<Lease | "conflict" | StoreFailure>;
  /** `conflict` too where the Lease is gone. */
  update(
    lease: Lease,
    spec: JsonObject,
    timeoutMs: number,
    signal: AbortSignal | null,
  ): Promise<Lease | "conflict" | StoreFailure>;
}

export interface LeaseName {
  readonly namespace: string;
  readonly name: string;
}

/** By the Kubernetes API. */
export class KubernetesLeaseStore implements LeaseStore {
  private readonly collection: string;
  private readonly item: string;

  constructor(
    private readonly api: KubernetesApi,
    private readonly lease: LeaseName,
  ) {
    this.collection = `/apis/coordination.k8s.io/v1/namespaces/${encodeURIComponent(lease.namespace)}/leases`;
    this.item = `${this.collection}/${encodeURIComponent(lease.name)}`;
  }

  async read(timeoutMs: number, signal: AbortSignal | null): Promise<Lease | "absent" | StoreFailure> {
    const answer = await this.api.send({ method: "GET", path: this.item, body: null, timeoutMs, signal });
    if (answer.kind === "failed") return this.failure(answer);
    if (answer.status === 404) return "absent";
    return this.leaseOf(answer.status, answer.body, "get");
  }

  async create(spec: JsonObject, timeoutMs: number, signal: AbortSignal | null) {
    const { namespace, name } = this.lease;
    const metadata = { namespace, name };
    const body = { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata, spec };
    const answer = await this.api.send({ method: "POST", path: this.collection, body, timeoutMs, signal });
    if (answer.kind === "failed") return this.failure(answer);
    if (answer.status === 409) return "conflict";
    return this.leaseOf(answer.status, answer.body, "create");
  }

  async update(lease: Lease, spec: JsonObject, timeoutMs: number, signal: AbortSignal | null) {
    const old = lease.object.spec;
    const body = { ...lease.object, spec: { ...(typeof old === "object" ? old : {}), ...spec } };
    const answer = await this.api.send({ method: "PUT", path: this.item, body, timeoutMs, signal });
    if (answer.kind === "failed") return this.failure(answer);
    if (answer.status === 409 || answer.status === 404) return "conflict";
    return this.leaseOf(answer.status, answer.body, "update");
  }

  private leaseOf(status: number, body: unknown, verb: string): Lease | StoreFailure {
    const { namespace, name } = this.lease;
    const what = `${verb} of the lease ${namespace}/${name}`;
    if (status === 200 || status === 201) {
      const lease = readLease(body, name);
      if (lease !== null) return lease;
      return { kind: "failed", reason: "silent", detail: `the ${what} was answered with something else` };
    }
    const detail = `the API answered the ${what} with ${status}`;
    const fix = FIXES[status];
    return fix === undefined
      ? { kind: "failed", reason: "silent", detail }
      : { kind: "failed", reason: "refused", detail: `${detail}. ${fix}` };
  }

  private failure({ reason, detail }: ApiFailure): StoreFailure {
    return { kind: "failed", reason: reason === "no_account" ? "no_account" : "silent", detail };
  }
}

const GRANT =
  "Bind a Role to the pod's service account with the verbs get and update of this lease and create of leases (coordination.k8s.io)";

const FIXES: Readonly<Record<number, string>> = {
  400: "Look at --lease: it must be <namespace>/<name>",
  401: "Mount a token of the pod's service account for this API",
  403: GRANT,
  404: "Look at --lease: there is no such namespace, or the API has no leases",
  405: "Look at --lease: it must be <namespace>/<name>",
  422: "Look at --lease: the API takes no lease of that name",
};
