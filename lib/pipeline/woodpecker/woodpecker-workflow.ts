/**
 * A workflow file of Woodpecker, from 2.8 on.
 * https://woodpecker-ci.org/docs/usage/workflow-syntax
 */
import type { CiText } from "./ci-text";
import type { StepWhen, WorkflowWhen } from "./condition";

/** A string is taken literally, `$` and all; what Woodpecker is to put in is a CiText. */
export type WorkflowText = string | CiText;

/** From the server's store, by its name, which is never the value. */
export interface SecretReference {
  readonly secret: string;
}

export type EnvironmentValue = WorkflowText | SecretReference;

export type SettingValue =
  | boolean
  | number
  | EnvironmentValue
  | readonly SettingValue[]
  | { readonly [name: string]: SettingValue };

export interface WoodpeckerWorkflow {
  readonly when: WorkflowWhen;
  /** At least one, in the order in which they run. */
  readonly steps: readonly Step[];
  readonly services?: readonly Service[];
  /** Of the agents that may take it. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Other workflow files, by their names without the ending. */
  readonly dependsOn?: readonly string[];
  /** @default false */
  readonly skipClone?: boolean;
  readonly clone?: CloneStep;
  /** One run for each combination, or those listed. */
  readonly matrix?: Matrix;
}

type Matrix =
  | Readonly<Record<string, readonly (string | number | boolean)[]>>
  | { readonly include: readonly Readonly<Record<string, string | number | boolean>>[] };

/** Instead of the server's own way to clone. */
interface CloneStep {
  /** Pinned; the server has to trust it to give it credentials. */
  readonly image: string;
  readonly settings?: Readonly<Record<string, SettingValue>>;
}

export type Step = CommandStep | PluginStep;

interface AnyStep {
  /** Unique; logs and `dependsOn` speak of it. */
  readonly name: string;
  /** Pinned. */
  readonly image: string;
  readonly when?: StepWhen;
  /**
   * Names of steps; [] starts at once. As soon as one step has it every step has to, as Woodpecker then starts all
   * others at once.
   * @default the step before, in order
   */
  readonly dependsOn?: readonly string[];
  /** In the workspace. */
  readonly directory?: string;
  /** Even where the node has the image. @default false */
  readonly pull?: boolean;
  /** The server has to trust the repository with it. @default false */
  readonly privileged?: boolean;
  readonly backendOptions?: BackendOptions;
}

/** Runs commands by `sh -e`, in an image that has `sh` and `base64`. */
export interface CommandStep extends AnyStep {
  readonly commands: readonly string[];
  readonly environment?: Readonly<Record<string, EnvironmentValue>>;
  /** @default fail */
  readonly failure?: "fail" | "ignore" | "cancel";
  /** Runs beside the following steps until the workflow ends. @default false */
  readonly detach?: boolean;
  readonly settings?: never;
}

/** Runs the image as it is. With an environment or commands it would be no plugin, and get no plugin's secrets. */
export interface PluginStep extends AnyStep {
  readonly settings: Readonly<Record<string, SettingValue>>;
  /** @default fail */
  readonly failure?: "fail" | "ignore";
  readonly commands?: never;
  readonly environment?: never;
}

/** Runs beside all steps, which reach it by its name. */
export interface Service {
  readonly name: string;
  /** Pinned. */
  readonly image: string;
  readonly environment?: Readonly<Record<string, EnvironmentValue>>;
  readonly ports?: readonly number[];
  readonly backendOptions?: BackendOptions;
}

/** Of the agents' backend; each looks at its own alone. */
export interface BackendOptions {
  readonly kubernetes?: KubernetesOptions;
  readonly docker?: {
    /** `user` or `user:group` */
    readonly user?: string;
  };
}

/** https://woodpecker-ci.org/docs/administration/configuration/backends/kubernetes#step-specific-configuration */
interface KubernetesOptions {
  readonly serviceAccountName?: string;
  readonly runtimeClassName?: string;
  readonly nodeSelector?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Quantities, as `{ requests: { memory: "64Mi" } }`. */
  readonly resources?: {
    readonly requests?: Readonly<Record<string, string>>;
    readonly limits?: Readonly<Record<string, string>>;
  };
  readonly tolerations?: readonly {
    readonly key?: string;
    readonly operator?: "Exists" | "Equal";
    readonly value?: string;
    readonly effect?: "NoSchedule" | "PreferNoSchedule" | "NoExecute";
    readonly tolerationSeconds?: number;
  }[];
  readonly securityContext?: {
    readonly privileged?: boolean;
    readonly runAsNonRoot?: boolean;
    readonly runAsUser?: number;
    readonly runAsGroup?: number;
    readonly fsGroup?: number;
  };
  /** The cluster's own, each into an environment variable or a file. */
  readonly secrets?: readonly {
    readonly name: string;
    readonly key: string;
    readonly target: { readonly env: string } | { readonly file: string };
  }[];
}

/** A setting that is one key, `secret`, with a text: Woodpecker's `from_secret`. */
export function isSecretReference(value: object): value is SecretReference {
  const [[key, name] = [], ...others] = Object.entries(value);
  return others.length === 0 && key === "secret" && typeof name === "string";
}
