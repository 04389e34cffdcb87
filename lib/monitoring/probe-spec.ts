import { ImagePin } from "../core/image-pin";
import { NODE_IMAGE } from "../core/versions";
import type { EgressRule } from "./egress-rule";
import { type ProbeRun, type WalkTimes, walkTimes } from "./probe-run";
import type { Registry } from "./registry";

export type { EgressRule };

/** What the probe is, before any Kubernetes object: pure renderers and the alerts read this. */
export interface ProbeOptions {
  /** May be a token. */
  readonly namespace: string;
  readonly registries: readonly Registry[];
  readonly run: ProbeRun;
  /**
   * Kubernetes name of the CronJob or Deployment, and the beginning of the names of what it needs.
   * @default registry-integrity-probe
   */
  readonly name?: string;
  /**
   * An image with `node` on its PATH, pinned; from a mirror for instance.
   * @default the NODE_IMAGE of this version
   */
  readonly image?: ImagePin | string;
  /**
   * Further egress: for hosts that the registry redirects to, and for token hosts.
   * @default none
   */
  readonly egress?: readonly EgressRule[];
  /**
   * On every object and on the pods.
   * @default none
   */
  readonly labels?: Readonly<Record<string, string>>;
  /**
   * On every object and on the pods.
   * @default none
   */
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Options that were checked, with every default filled in. */
export interface ProbeSpec {
  readonly namespace: string;
  readonly registries: readonly Registry[];
  readonly run: ProbeRun;
  readonly times: WalkTimes;
  readonly name: string;
  readonly image: string;
  readonly egress: readonly EgressRule[];
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export const DEFAULT_PROBE_NAME = "registry-integrity-probe";

/** @param options without problems: call `checkProbe` first */
export function resolveProbe(options: ProbeOptions): ProbeSpec {
  const { namespace, registries, run, egress = [], labels = {}, annotations = {} } = options;
  return {
    namespace,
    registries,
    run,
    times: walkTimes(run),
    name: options.name ?? DEFAULT_PROBE_NAME,
    image: ImagePin.of(String(options.image ?? NODE_IMAGE)).toString(),
    egress,
    labels,
    annotations,
  };
}
