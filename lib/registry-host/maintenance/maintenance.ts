import type { Duration } from "../../core/duration";

/** Which tags a retention keeps, as `tallyman retain` takes them. */
export class Retention {
  private constructor(
    /** Newest tags of each repository by creation time. */
    readonly keepLast: number,
    readonly options: RetentionOptions,
  ) {}

  /** @param count of tags of each repository, at least 1 */
  static newest(count: number, options: RetentionOptions = {}): Retention {
    return new Retention(count, options);
  }
}

export interface RetentionOptions {
  /** Regular expressions of tags that always stay. @default none */
  readonly keep?: readonly string[];
  /** What is younger stays, as it may be an upload under way. @default 24 hours */
  readonly minAge?: Duration;
}

export interface MaintenanceOptions {
  /** @default nothing is removed, only unreferenced bytes are collected */
  readonly keep?: Retention;
  /**
   * `garbage-collect --delete-untagged`: takes the children of every index on registries before 3.0.0, where it is
   * refused.
   * @default false
   */
  readonly deleteUntagged?: boolean;
  /** Below it the run ends before it begins. @default 1 GiB */
  readonly leastFreeBytes?: number;
  /**
   * Folder on the host with the files `username` and `password`, by absolute path: of an account that may push, by
   * which it is proved that nobody can while a registry is collected, and that may delete where `keep` is set.
   * @default <root>/secrets/maintenance
   */
  readonly credentialsDirectory?: string;
}

/** When a host is maintained, and what stays. */
export class Maintenance {
  private constructor(
    /** Weekday and time of the host's clock: `Sun 03:00`. */
    readonly calendar: string,
    readonly options: MaintenanceOptions,
  ) {}

  /** @param time weekday and time of the host's clock, as `Sun 03:00` */
  static weekly(time: string, options: MaintenanceOptions = {}): Maintenance {
    return new Maintenance(time, options);
  }
}

/** The folder of the account by which a maintenance works, given or by default. */
export function credentialsDirectoryOf(root: string, options: MaintenanceOptions): string {
  return options.credentialsDirectory ?? `${root}/secrets/maintenance`;
}

/** What must be free before a registry is collected, given or by default. */
export function leastFreeBytesOf(options: MaintenanceOptions): number {
  return options.leastFreeBytes ?? 1024 ** 3;
}
