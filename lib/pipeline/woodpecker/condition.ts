/**
 * When a workflow or a step runs: at least one condition of the list holds, and of a condition everything.
 * https://woodpecker-ci.org/docs/usage/workflow-syntax#when---conditional-execution
 */

/** Several mean any of them; patterns as of doublestar, `release/*`. */
export type Names =
  | string
  | readonly string[]
  | { readonly include?: readonly string[]; readonly exclude?: readonly string[] };

interface PathFilter {
  readonly include?: readonly string[];
  /** Holds a commit back only when every changed file is among them. */
  readonly exclude?: readonly string[];
  /** Whether a push without any changed file passes. @default true */
  readonly onEmpty?: boolean;
  /** In a commit's message it lets every file pass. */
  readonly ignoreMessage?: string;
}

/** Changed files, by patterns as `ci/**`. */
export type Paths = readonly string[] | PathFilter;

type OneOrMore<T> = T | readonly [T, ...T[]];

interface Everywhere {
  readonly repo?: Names;
  /** `refs/tags/v*` */
  readonly ref?: Names;
  /** The agent's, as `linux/amd64`. */
  readonly platform?: Names;
  /** Of the server. */
  readonly instance?: Names;
  /** An expression over the environment: `CI_COMMIT_BRANCH == CI_REPO_DEFAULT_BRANCH`. */
  readonly evaluate?: string;
}

/** The only events that have changed files. */
interface ChangeCondition extends Everywhere {
  readonly event: OneOrMore<"push" | "pull_request" | "pull_request_closed" | "pull_request_metadata">;
  /** Of a pull request the one that it goes to. */
  readonly branch?: Names;
  readonly path?: Paths;
}

/** A tag has no branch, and Woodpecker passes over one that is asked for. */
interface TagCondition extends Everywhere {
  readonly event: "tag";
  readonly branch?: never;
  readonly path?: never;
}

interface CronCondition extends Everywhere {
  readonly event: "cron";
  readonly branch?: Names;
  /** Of the jobs in the repository's settings; any where it is left out. */
  readonly cron?: Names;
  readonly path?: never;
}

/** `path` would pass on each of these, whatever changed: Woodpecker looks at files for pushes and pull requests alone. */
interface PlainCondition extends Everywhere {
  readonly event: OneOrMore<"manual" | "deployment" | "release">;
  readonly branch?: Names;
  readonly path?: never;
}

export type WorkflowCondition = ChangeCondition | TagCondition | CronCondition | PlainCondition;

/** Any of them is enough; at least one. Each names its events: without one a workflow runs on everything, pull requests too. */
export type WorkflowWhen = readonly WorkflowCondition[];

interface OfSteps {
  /** Of the steps before. @default success alone */
  readonly status?: OneOrMore<"success" | "failure">;
  readonly matrix?: Readonly<Record<string, string | number | boolean>>;
}

/** Of a workflow's own events all. */
interface AnyEventCondition extends Everywhere {
  readonly event?: never;
  readonly branch?: never;
  readonly path?: never;
}

export type StepCondition = (WorkflowCondition | AnyEventCondition) & OfSteps;

/** Any of them is enough; at least one. */
export type StepWhen = readonly StepCondition[];
