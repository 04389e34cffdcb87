/** https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/lease-v1/ */
import { printable } from "../../core/printable";
import { isObject, type JsonObject } from "../../oci/descriptor";

/** What a Lease says; its times are another machine's, and are compared with themselves alone. */
export interface LeaseRecord {
  /** null: free. Fit for a log. */
  readonly holder: string | null;
  readonly durationMs: number;
  readonly acquireTime: string | null;
  readonly renewTime: string | null;
  readonly transitions: number;
}

/** A Lease as the API gave it. */
export interface Lease {
  readonly record: LeaseRecord;
  /** What is sent back is this with another `spec`, so that nothing of others is lost. */
  readonly object: JsonObject;
}

const MAX_HOLDER_LENGTH = 300;
const MAX_VERSION_LENGTH = 256;

/** null for what is no Lease of that name. */
export function readLease(value: unknown, name: string): Lease | null {
  if (!isObject(value) || value.kind !== "Lease" || !isObject(value.metadata)) return null;
  const { metadata, spec = {} } = value;
  const version = metadata.resourceVersion;
  const isVersion = typeof version === "string" && version !== "" && version.length <= MAX_VERSION_LENGTH;
  if (metadata.name !== name || !isVersion || !isObject(spec)) return null;
  const holder = text(spec.holderIdentity);
  const seconds = whole(spec.leaseDurationSeconds);
  const record = {
    holder: holder === null || holder === "" ? null : printable(holder, MAX_HOLDER_LENGTH),
    durationMs: seconds * 1_000,
    acquireTime: text(spec.acquireTime),
    renewTime: text(spec.renewTime),
    transitions: whole(spec.leaseTransitions),
  };
  return { record, object: value };
}

function text(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

function whole(value: unknown): number {
  return Number.isSafeInteger(value) && Number(value) > 0 ? Number(value) : 0;
}

/** Whether its holder did nothing between the two: labels that others set are no sign of life. */
export function isSameRecord(one: LeaseRecord, other: LeaseRecord): boolean {
  return (
    one.holder === other.holder &&
    one.durationMs === other.durationMs &&
    one.acquireTime === other.acquireTime &&
    one.renewTime === other.renewTime &&
    one.transitions === other.transitions
  );
}

/** The `spec` by which somebody takes the lease or keeps it. @param before null where there is no Lease yet */
export function claimedSpec(
  before: LeaseRecord | null,
  holder: string,
  durationMs: number,
  nowMs: number,
): JsonObject {
  const now = microTime(nowMs);
  const isKept = before?.holder === holder;
  return {
    holderIdentity: holder,
    leaseDurationSeconds: Math.ceil(durationMs / 1_000),
    acquireTime: isKept ? (before.acquireTime ?? now) : now,
    renewTime: now,
    leaseTransitions: (before?.transitions ?? 0) + (before === null || isKept ? 0 : 1),
  };
}

/** The `spec` by which its holder lets go, so that another takes over at once. */
export function releasedSpec(before: LeaseRecord, nowMs: number): JsonObject {
  const now = microTime(nowMs);
  return {
    holderIdentity: "",
    leaseDurationSeconds: 1,
    acquireTime: now,
    renewTime: now,
    leaseTransitions: before.transitions,
  };
}

/** https://pkg.go.dev/k8s.io/apimachinery/pkg/apis/meta/v1#MicroTime */
function microTime(ms: number): string {
  return new Date(ms).toISOString().replace("Z", "000Z");
}
