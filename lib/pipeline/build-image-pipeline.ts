import { ImageLock } from "../core/image-lock";
import { ConfigurationError } from "../core/problem";
import { BUILDX_PLUGIN_IMAGE, NODE_IMAGE } from "../core/versions";
import { buildImageComment } from "./build-image-comment";
import { imageTexts, secretsCheck } from "./build-image-scripts";
import { slackScript } from "./build-image-slack";
import { type BuildImageSpec, DEFAULT_IMAGE_TAGS } from "./build-image-spec";
import { checkBuildImage } from "./check-build-image";
import { verifyPushStep } from "./verify-push/verify-push-step";
import { CiText } from "./woodpecker/ci-text";
import type { WorkflowCondition } from "./woodpecker/condition";
import { renderWoodpecker } from "./woodpecker/render-woodpecker";
import { scriptStep } from "./woodpecker/script-step";
import type { PluginStep, SettingValue, Step, WoodpeckerWorkflow } from "./woodpecker/woodpecker-workflow";

/**
 * The file `.woodpecker/<name>.yml`: build and push, prove every tag whole, tell Slack how it ended.
 *
 * @throws ConfigurationError with everything that is wrong
 */
export function buildImagePipeline(spec: BuildImageSpec): string {
  return renderWoodpecker(buildImageWorkflow(spec), buildImageComment(spec, pluginImage(spec)));
}

/** The same as a model, to be changed by spreading before it is rendered. */
export function buildImageWorkflow(spec: BuildImageSpec): WoodpeckerWorkflow {
  ConfigurationError.throwIfAny(checkBuildImage(spec));
  const { manual = true, labels, backendOptions } = spec;
  const image = nodeImage(spec);
  const steps: readonly Step[] = [
    ...(manual
      ? [scriptStep("check-secrets", secretsCheck(spec, image), { when: [{ event: "manual" }] })]
      : []),
    buildStep(spec),
    scriptStep("verify-integrity", verifyScript(spec, image)),
    ...slackSteps(spec, image),
  ];
  return {
    when: triggers(spec),
    ...(labels === undefined ? {} : { labels }),
    steps: backendOptions === undefined ? steps : steps.map((step) => ({ ...step, backendOptions })),
  };
}

function triggers({ branch, paths, manual = true }: BuildImageSpec): readonly WorkflowCondition[] {
  const onPush: WorkflowCondition = { event: "push", branch, path: paths };
  return manual ? [onPush, { event: "manual", branch }] : [onPush];
}

function buildStep(spec: BuildImageSpec): PluginStep {
  const { image, dockerfile, context, platforms, provenance, credentials, privileged, settings = {} } = spec;
  const { registry, tags } = imageTexts(spec);
  const optional: Readonly<Record<string, SettingValue | undefined>> = { dockerfile, context, provenance };
  return {
    name: "build-and-push",
    image: pluginImage(spec),
    ...(privileged === undefined ? {} : { privileged }),
    settings: {
      repo: image,
      registry,
      username: { secret: credentials.username },
      password: { secret: credentials.password },
      tags,
      platforms,
      ...definedOf(optional),
      ...settings,
    },
  };
}

function definedOf(values: Readonly<Record<string, SettingValue | undefined>>): Record<string, SettingValue> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
}

function verifyScript({ image, tags, credentials, platforms, verify }: BuildImageSpec, node: string) {
  return verifyPushStep({
    ...verify,
    images: [{ name: image, tags: tags ?? DEFAULT_IMAGE_TAGS }],
    credentials: {
      kind: "secrets",
      username: { secret: credentials.username },
      password: { secret: credentials.password },
    },
    platforms,
    image: node,
  });
}

/** Two steps and no `if`: the condition is Woodpecker's, and one of them never starts. */
function slackSteps(spec: BuildImageSpec, image: string): readonly Step[] {
  const { slackWebhook: webhook } = spec;
  if (webhook === undefined) return [];
  const { summary } = imageTexts(spec);
  const step = (name: string, status: "success" | "failure", text: string): Step => {
    const { environment, ...script } = scriptStep(name, slackScript(image, webhook));
    const SLACK_TEXT = CiText.of(text, summary);
    return { ...script, when: [{ status }], failure: "ignore", environment: { ...environment, SLACK_TEXT } };
  };
  return [
    step("notify-success", "success", "Pushed and proven whole: "),
    step("notify-failure", "failure", "Not proven whole, the build or its verification failed: "),
  ];
}

function nodeImage({ nodeImage: image = NODE_IMAGE, lock = ImageLock.EMPTY }: BuildImageSpec): string {
  return lock.pin(image, "nodeImage").toString();
}

function pluginImage({
  pluginImage: image = BUILDX_PLUGIN_IMAGE,
  lock = ImageLock.EMPTY,
}: BuildImageSpec): string {
  return lock.pin(image, "pluginImage").toString();
}
