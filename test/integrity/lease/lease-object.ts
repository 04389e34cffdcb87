import { type Lease, readLease } from "../../../lib/integrity/lease/lease-record";
import type { LeaseStore, StoreFailure } from "../../../lib/integrity/lease/lease-store";
import type { JsonObject } from "../../../lib/oci/descriptor";

export const NAME = "probe";

/** One Lease as the API keeps it: a write goes through only upon the version that is there. */
export class LeaseObject {
  private version = 0;
  object: JsonObject | null = null;

  put(spec: JsonObject, metadata: JsonObject = {}): Lease {
    this.version++;
    const own = { name: NAME, resourceVersion: String(this.version) };
    this.object = {
      apiVersion: "coordination.k8s.io/v1",
      kind: "Lease",
      metadata: { ...metadata, ...own },
      spec,
    };
    return this.lease();
  }

  lease(): Lease {
    const lease = readLease(this.object, NAME);
    if (lease === null) throw new Error("no lease");
    return lease;
  }

  get holder(): string | null {
    return this.object === null ? null : this.lease().record.holder;
  }

  create(spec: JsonObject): Lease | "conflict" {
    return this.object === null ? this.put(spec) : "conflict";
  }

  update(upon: Lease, spec: JsonObject): Lease | "conflict" {
    const version = (lease: JsonObject | null) =>
      (lease?.metadata as JsonObject | undefined)?.resourceVersion;
    return version(this.object) === version(upon.object) ? this.put(spec) : "conflict";
  }
}

export type Fault =
  /** Answers with that failure, and does nothing. */
  | { readonly kind: "fails"; readonly reason: StoreFailure["reason"] }
  /** Does nothing, and never answers. */
  | { readonly kind: "lost" }
  /** Does it, and never answers. */
  | { readonly kind: "unheard" };

export interface Link {
  readonly sleep: (ms: number, signal: AbortSignal | null) => Promise<void>;
  /** Of the next request: to the API and back. */
  readonly latencyMs: () => number;
  readonly fault: () => Fault | null;
  /** Of every request, as it is sent. */
  readonly onRequest?: (verb: "read" | "create" | "update", timeoutMs: number) => void;
}

/** The way of one replica to the Lease. */
export function storeOf(lease: LeaseObject, link: Link): LeaseStore {
  const send = async <T>(
    verb: "read" | "create" | "update",
    act: () => T,
    timeoutMs: number,
    signal: AbortSignal | null,
  ): Promise<T | StoreFailure> => {
    link.onRequest?.(verb, timeoutMs);
    const fault = link.fault();
    const latencyMs = link.latencyMs();
    const late = (): StoreFailure => ({ kind: "failed", reason: "silent", detail: "no answer in time" });
    if (fault?.kind === "fails") {
      await link.sleep(Math.min(latencyMs, timeoutMs), signal);
      return { kind: "failed", reason: fault.reason, detail: `it ${fault.reason}` };
    }
    if (fault?.kind === "lost") {
      await link.sleep(timeoutMs, signal);
      return late();
    }
    // It arrives whether somebody still waits or not.
    let answer: T | null = null;
    const arrived = link.sleep(latencyMs / 2, null).then(() => {
      answer = act();
    });
    if (fault?.kind === "unheard" || latencyMs > timeoutMs) {
      await link.sleep(timeoutMs, signal);
      return late();
    }
    await arrived;
    await link.sleep(latencyMs / 2, signal);
    return answer as T;
  };
  return {
    read: (timeoutMs, signal) =>
      send<Lease | "absent">(
        "read",
        () => (lease.object === null ? "absent" : lease.lease()),
        timeoutMs,
        signal,
      ),
    create: (spec, timeoutMs, signal) => send("create", () => lease.create(spec), timeoutMs, signal),
    update: (upon, spec, timeoutMs, signal) =>
      send("update", () => lease.update(upon, spec), timeoutMs, signal),
  };
}
