import { hostname } from "node:os";
import { Duration } from "../../core/duration";
import { printable } from "../../core/printable";
import { type OptionReader, quoted, UsageError } from "../arguments";

export interface LeaseOptions {
  /** null: the pod's own. */
  readonly namespace: string | null;
  readonly name: string;
  /** Without what tells one process of it from the next. */
  readonly identity: string;
  readonly duration: Duration;
}

const DEFAULT_DURATION = Duration.seconds(30);
const SHORTEST = Duration.seconds(5);
const LONGEST = Duration.minutes(1);
const MAX_IDENTITY_LENGTH = 253;
/** https://kubernetes.io/docs/concepts/overview/working-with-objects/names/ */
const NAMESPACE = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const NAME = /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/;

/** null without --lease. @throws UsageError */
export function readLeaseOptions(reader: OptionReader): LeaseOptions | null {
  const lease = reader.text("lease");
  if (lease === null) {
    const stray = ["lease-identity", "lease-duration"].find((name) => reader.text(name) !== null);
    if (stray !== undefined) throw new UsageError(`--${stray} says something of --lease, which is not given`);
    return null;
  }
  const parts = lease.split("/");
  const [namespace, name = ""] = parts.length === 1 ? [null, lease] : parts;
  if (parts.length > 2 || !NAME.test(name) || (namespace !== null && !NAMESPACE.test(namespace ?? ""))) {
    throw new UsageError(
      `--lease must be <namespace>/<name> or <name>, in the names of Kubernetes, got ${quoted(lease)}`,
    );
  }
  const duration = reader.duration("lease-duration", DEFAULT_DURATION, SHORTEST);
  if (duration.compare(LONGEST) > 0) {
    throw new UsageError(`--lease-duration must be a duration of at most ${LONGEST}, got "${duration}"`);
  }
  const identity = reader.text("lease-identity") ?? hostname();
  if (identity === "" || identity.length > MAX_IDENTITY_LENGTH || printable(identity) !== identity) {
    const rule = `printable text of at most ${MAX_IDENTITY_LENGTH} characters`;
    throw new UsageError(`--lease-identity must be ${rule}, got ${quoted(identity)}`);
  }
  return { namespace: namespace ?? null, name, identity, duration };
}
