import { Duration } from "../../core/duration";
import { ConfigurationError, type Problem } from "../../core/problem";
import type { StepScript, StepValue } from "../step-script";
import { quotedReference } from "../verify-push/quoted-reference";
import type { PipelineVariable, PushedTag, VerifyPushSpec } from "../verify-push/verify-push-spec";
import { verifyPushStep } from "../verify-push/verify-push-step";
import { ACTIONS, type ActionName, type ActionPin } from "./action-pin";
import type { ActionsValue } from "./actions-value";
import type { ActionsJob, ActionsStep, ActionsWorkflow } from "./actions-workflow";
import { renderActionsWorkflow } from "./render-actions-workflow";

/** An image that a workflow builds, pushes and proves. */
export interface VerifyWorkflowSpec
  extends Pick<VerifyPushSpec, "blobs" | "recheckAfter" | "deadline" | "program"> {
  /** `ghcr.io/owner/app`, without tag. */
  readonly image: string;
  /** Every tag; a variable is one of GitHub's own, as `{ variable: "GITHUB_SHA" }`. */
  readonly tags: readonly PushedTag[];
  /** Built, and demanded of what was pushed. */
  readonly platforms: readonly string[];
  readonly credentials: {
    readonly username: StepValue | PipelineVariable;
    readonly password: { readonly secret: string };
  };
  /** Whose pushes are built, and which may be built by hand; with a pattern among them none may. */
  readonly branches: readonly string[];
  /** @default every push to the branches */
  readonly paths?: readonly string[];
  /** @default "build" */
  readonly name?: string;
  /** @default "." */
  readonly context?: string;
  /** @default the context's Dockerfile */
  readonly dockerfile?: string;
  /** @default "ubuntu-24.04" */
  readonly runsOn?: string;
  /** @default 30 minutes */
  readonly buildTimeout?: Duration;
  /** The image in which the proof runs. @default NODE_IMAGE */
  readonly verifyImage?: string;
  /** Other commits than those of ACTIONS. */
  readonly actions?: Partial<Readonly<Record<ActionName, ActionPin>>>;
}

const NATIVE_PLATFORM = "linux/amd64";
const DEFAULT_DEADLINE = Duration.minutes(10);

/**
 * A workflow with two jobs: one builds and pushes; the other, in a Node image and with no right but to pull, proves
 * every tag by the digest that the build put out.
 *
 * @throws ConfigurationError
 */
export function renderVerifyWorkflow(spec: VerifyWorkflowSpec): string {
  ConfigurationError.throwIfAny(checkSpec(spec));
  const workflow: ActionsWorkflow = {
    name: spec.name ?? "build",
    on: {
      push: { branches: spec.branches, ...(spec.paths === undefined ? {} : { paths: spec.paths }) },
      manual: !hasPattern(spec.branches),
    },
    // A second run would move the tags under the first one's proof.
    concurrency: { expression: "github.workflow" },
    jobs: { build: buildJob(spec), verify: verifyJob(spec) },
  };
  return renderActionsWorkflow(workflow);
}

/** A step of the pipeline as one of GitHub's, with what else its shell needs. */
export function actionsShellStep(
  name: string,
  { environment, commands }: StepScript,
  env: Readonly<Record<string, ActionsValue>> = {},
): ActionsStep {
  return { name, env: { ...environment, ...env }, commands };
}

function buildJob(spec: VerifyWorkflowSpec): ActionsJob {
  const actions: Readonly<Record<ActionName, ActionPin>> = { ...ACTIONS, ...spec.actions };
  const { username, password } = spec.credentials;
  const isNative = spec.platforms.every((platform) => platform === NATIVE_PLATFORM);
  return {
    name: "Build and push",
    runsOn: spec.runsOn ?? "ubuntu-24.04",
    // A start by hand may name any branch, whose image would then be everybody's latest.
    ...(hasPattern(spec.branches) ? {} : { onlyOn: spec.branches }),
    permissions: { contents: "read", ...packages(spec, "write") },
    timeoutMinutes: minutes(spec.buildTimeout ?? Duration.minutes(30)),
    outputs: { digest: { expression: "steps.build.outputs.digest" } },
    steps: [
      { name: "Check out", uses: actions.checkout, with: { "persist-credentials": "false" } },
      ...(isNative ? [] : [{ name: "Emulate other platforms", uses: actions.setupQemu }]),
      { name: "Set up buildx", uses: actions.setupBuildx },
      {
        name: "Log in",
        uses: actions.login,
        with: { registry: registryOf(spec.image), username: contextValue(username), password },
      },
      { name: "Name the tags", id: "tags", commands: [tagsCommand(spec)] },
      {
        name: "Build and push",
        id: "build",
        uses: actions.buildPush,
        with: {
          context: spec.context ?? ".",
          ...(spec.dockerfile === undefined ? {} : { file: spec.dockerfile }),
          platforms: spec.platforms.join(","),
          push: "true",
          tags: { expression: "steps.tags.outputs.list" },
        },
      },
    ],
  };
}

function verifyJob(spec: VerifyWorkflowSpec): ActionsJob {
  const { blobs, recheckAfter, deadline, program, verifyImage } = spec;
  const step = verifyPushStep({
    // Not by an output of the build: GitHub drops one in which it sees a secret, as a user's name in an image's.
    images: [{ name: spec.image, tags: spec.tags }],
    credentials: { kind: "secrets", ...spec.credentials },
    platforms: spec.platforms,
    digest: { kind: "variable", variable: "DIGEST" },
    ...(blobs === undefined ? {} : { blobs }),
    ...(recheckAfter === undefined ? {} : { recheckAfter }),
    ...(deadline === undefined ? {} : { deadline }),
    ...(program === undefined ? {} : { program }),
    ...(verifyImage === undefined ? {} : { image: verifyImage }),
  });
  const looks = (deadline ?? DEFAULT_DEADLINE).times(recheckAfter === undefined ? 1 : 2);
  const longest = looks.plus(recheckAfter ?? Duration.seconds(0)).plus(Duration.minutes(5));
  return {
    name: "Verify the push",
    runsOn: spec.runsOn ?? "ubuntu-24.04",
    needs: ["build"],
    permissions: packages(spec, "read"),
    container: step.image,
    timeoutMinutes: minutes(longest),
    steps: [
      actionsShellStep("Prove every tag whole", step, {
        DIGEST: { expression: "needs.build.outputs.digest" },
      }),
    ],
  };
}

/** https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#filter-pattern-cheat-sheet */
function hasPattern(branches: readonly string[]): boolean {
  return branches.some((branch) => /[*?+[\]!\\]/.test(branch));
}

/** An expression has no substring: the shell makes the list, from values that it reads itself. */
function tagsCommand({ image: name, tags }: VerifyWorkflowSpec): string {
  const list = tags.map((tag) => quotedReference({ name, tags }, tag)).join(",");
  return `echo "list=${list}" >> "$GITHUB_OUTPUT"`;
}

/** GITHUB_ACTOR in a shell is github.actor in an expression. */
function contextValue(value: StepValue | PipelineVariable): ActionsValue {
  if (typeof value === "string" || "secret" in value) return value;
  return { expression: `github.${value.variable.replace(/^GITHUB_/, "").toLowerCase()}` };
}

function registryOf(image: string): string {
  const [host = "", ...path] = image.split("/");
  return path.length > 0 && /[.:]|^localhost$/.test(host) ? host : "docker.io";
}

function packages(
  { image }: VerifyWorkflowSpec,
  right: "read" | "write",
): Readonly<Record<string, "read" | "write">> {
  return registryOf(image) === "ghcr.io" ? { packages: right } : {};
}

function minutes(duration: Duration): number {
  return Math.max(1, Math.ceil(duration.toMilliseconds() / 60_000));
}

function checkSpec({
  image,
  tags,
  platforms,
  credentials,
  branches,
}: VerifyWorkflowSpec): readonly Problem[] {
  const variables = [credentials.username, ...tags].flatMap((one) =>
    typeof one === "object" && "variable" in one ? [one.variable] : [],
  );
  const problem = (path: string, rule: string, value: unknown, fix: string): Problem => ({
    path,
    rule,
    value,
    fix,
  });
  return [
    ...(image.includes("://")
      ? [problem("image", "be without a scheme", image, "A builder pushes to ghcr.io/owner/app.")]
      : []),
    ...variables
      .filter((name) => !/^GITHUB_[A-Z_]+$/.test(name))
      .map((name) =>
        problem(
          "variable",
          "be one of GitHub's own",
          name,
          "Every job knows GITHUB_SHA, GITHUB_ACTOR or GITHUB_REF_NAME.",
        ),
      ),
    ...(platforms.length === 0
      ? [problem("platforms", "name what is built", platforms, "Give linux/amd64.")]
      : []),
    ...(branches.length === 0
      ? [problem("branches", "name whose pushes are built", branches, "Give main or master.")]
      : []),
  ];
}
