/** What a replica is among the others. */
export type Standing =
  /** It does not know yet, or no longer: it does not walk. */
  | { readonly kind: "waiting" }
  | { readonly kind: "leader" }
  /** Another walks. */
  | { readonly kind: "standby"; readonly holder: string }
  /** The lease cannot be used: it walks, and so may others. */
  | { readonly kind: "alone"; readonly why: string };

/** Whether its registries are walked by it. */
export function mayWalk({ kind }: Standing): boolean {
  return kind === "leader" || kind === "alone";
}

/** A sentence without its full stop, for people. @param lease as `monitoring/registry-integrity-probe` */
export function describeStanding(standing: Standing, lease: string): string {
  switch (standing.kind) {
    case "waiting":
      return `does not walk: the lease ${lease} could not be read yet`;
    case "leader":
      return `walks: it holds the lease ${lease}`;
    case "standby":
      return `stands by: ${standing.holder} holds the lease ${lease}, and walks`;
    case "alone":
      return `walks alone, without the lease ${lease}: ${standing.why}. With further replicas walks are doubled until that is mended`;
  }
}
