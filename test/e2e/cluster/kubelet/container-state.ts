/** A container as a pod's status tells of it. */
export type ContainerState =
  | { readonly kind: "waiting"; readonly reason: string; readonly message?: string }
  | { readonly kind: "running"; readonly startedAt: string }
  | {
      readonly kind: "terminated";
      readonly exitCode: number;
      readonly reason: string;
      readonly message: string;
      /** RFC 3339, as all times of a status. */
      readonly startedAt: string;
      readonly finishedAt: string;
    };

export interface ContainerView {
  readonly name: string;
  readonly image: string;
  readonly state: ContainerState;
  readonly lastState: ContainerState | null;
  readonly restartCount: number;
  readonly isStarted: boolean;
  readonly isReady: boolean;
  /** Whether no further run comes. */
  readonly isDone: boolean;
}
