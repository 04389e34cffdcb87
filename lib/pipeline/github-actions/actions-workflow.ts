/**
 * As much of a GitHub workflow as a build with its proof needs.
 * https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax
 */
import type { ActionPin } from "./action-pin";
import type { ActionsValue } from "./actions-value";

export interface ActionsWorkflow {
  readonly name: string;
  readonly on: ActionsTriggers;
  /** Runs that share it wait for one another. @default they run side by side */
  readonly concurrency?: string | { readonly expression: string };
  /** By job id. What no job is granted, its token may not do. */
  readonly jobs: Readonly<Record<string, ActionsJob>>;
}

/** Pushes and a manual start; never a pull request, which may come from anyone and would have the secrets. */
export interface ActionsTriggers {
  readonly push: {
    readonly branches: readonly string[];
    /** @default any */
    readonly paths?: readonly string[];
  };
  /** @default false */
  readonly manual?: boolean;
}

export interface ActionsJob {
  readonly name: string;
  readonly runsOn: string;
  readonly needs?: readonly string[];
  /** Names, no patterns: a manual start from another branch skips the job. @default any branch */
  readonly onlyOn?: readonly string[];
  readonly permissions: Readonly<Record<string, "read" | "write">>;
  /** The image that the steps run in. @default on the runner itself */
  readonly container?: string;
  readonly timeoutMinutes: number;
  readonly outputs?: Readonly<Record<string, { readonly expression: string }>>;
  readonly steps: readonly ActionsStep[];
}

export type ActionsStep = UsesStep | ShellStep;

export interface UsesStep {
  readonly name: string;
  readonly id?: string;
  readonly uses: ActionPin;
  readonly with?: Readonly<Record<string, ActionsValue>>;
}

/** Commands of a POSIX shell. There is no way to put an expression into them: what they need comes by `env`. */
export interface ShellStep {
  readonly name: string;
  readonly id?: string;
  readonly env?: Readonly<Record<string, ActionsValue>>;
  readonly commands: readonly string[];
}
