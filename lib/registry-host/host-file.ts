/** A file of a release, as text; by whom it is made and where it ends is not its concern. */
export interface HostFile {
  /** Relative to the release, with / between its parts: `maintenance/maintain.sh`. */
  readonly path: string;
  /** Never a secret. */
  readonly content: string;
  readonly isExecutable: boolean;
}
