import type { Duration } from "../../core/duration";
import type { RuleSetName } from "./alert-names";
import type { AlertOverrides } from "./overrides";

/** A registry service that Prometheus scrapes, whether the probe walks it or not. */
export interface RegistryService {
  /** A private registry that is down is critical; a cache is a warning, as clients go to its upstream. */
  readonly kind: "private" | "cache";
  /**
   * The label by which the alert meets those of the probe.
   * @default the service's name
   */
  readonly instance?: string;
}

/** Which alerts there are beside those of the probe's own metrics, and what they know of their surroundings. */
export interface RuleSetOptions {
  /** Where the runbooks stand: `<runbookBaseUrl>/docs/runbooks/<alert-in-kebab-case>.md`; may be a token. */
  readonly runbookBaseUrl: string;
  /**
   * On every rule beside `severity`, `instance` and `reason`.
   * @default none
   */
  readonly ruleLabels?: Readonly<Record<string, string>>;
  /**
   * The alerts of a date: a later release adds critical ones under a later name only.
   * @default 2026-11
   */
  readonly ruleSet?: RuleSetName;
  /** @default none: every alert as it comes */
  readonly overrides?: AlertOverrides;
  /**
   * The registry services by the label `registry` of their scrape: RegistryDown for each, RegistryLowCacheHitRate for
   * caches, and RegistryMaintenance, which silences the first.
   * @default none
   */
  readonly services?: Readonly<Record<string, RegistryService>>;
  /**
   * Whether the registries' host reports its garbage collections, and how long one may be away.
   * @default false; where true 8 days, a week and a day
   */
  readonly garbageCollection?: boolean | { readonly maxAge?: Duration };
  /**
   * Whether kube-state-metrics is scraped: RegistryProbeJobStuck.
   * @default false
   */
  readonly jobStuck?: boolean;
  /**
   * Whether the Pushgateway's own metrics are scraped, and under which `job`: RegistryProbePushRejected and
   * PushgatewayDown.
   * @default false; where true the job `pushgateway`
   */
  readonly pushgateway?: boolean | { readonly job?: string };
  /**
   * Whether broken references are joined with the images that pods used in the last day, which needs
   * kube-state-metrics: RegistryDeployedImageBroken is critical, and RegistryManifestIntegrityFailure a warning.
   * @default false
   */
  readonly inUse?: boolean | InUseOptions;
  /**
   * What the times to a page add up to beside the probe's own.
   * @default Prometheus' own defaults: both a minute
   */
  readonly prometheus?: { readonly scrape?: Duration; readonly evaluation?: Duration };
}

export interface InUseOptions {
  /**
   * By a registry's instance the names under which workloads pull from it, as `registry.example.com`.
   * @default the instance itself
   */
  readonly imageNames?: Readonly<Record<string, readonly string[]>>;
}
