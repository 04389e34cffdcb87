/** The model in Woodpecker's own words, with the texts that it fills in still apart. */
import type { YamlValue } from "../../text/yaml";
import { CiText } from "./ci-text";
import type { Names, Paths, StepCondition, WorkflowCondition } from "./condition";
import {
  type BackendOptions,
  isSecretReference,
  type Service,
  type SettingValue,
  type Step,
  type WoodpeckerWorkflow,
} from "./woodpecker-workflow";

/** What renders to YAML once its CiText is text. */
export type WorkflowTree =
  | YamlValue
  | CiText
  | readonly WorkflowTree[]
  | { readonly [key: string]: WorkflowTree };

/** Keys in the order in which they are read best; what is not said has no key. */
export function workflowTree(workflow: WoodpeckerWorkflow): { readonly [key: string]: WorkflowTree } {
  const { when, skipClone, clone, labels, dependsOn, matrix, services, steps } = workflow;
  return {
    when: when.map(conditionTree),
    depends_on: dependsOn,
    labels,
    matrix,
    skip_clone: skipClone,
    clone: clone && { git: { image: clone.image, settings: clone.settings && settingTree(clone.settings) } },
    services: services?.map(serviceTree),
    steps: steps.map(stepTree),
  };
}

function conditionTree(condition: WorkflowCondition | StepCondition): WorkflowTree {
  const { event, branch, path, repo, ref, platform, instance, evaluate } = condition;
  const status = "status" in condition ? condition.status : undefined;
  const matrix = "matrix" in condition ? condition.matrix : undefined;
  return {
    event,
    branch: namesTree(branch),
    path: path && pathTree(path),
    cron: "cron" in condition ? namesTree(condition.cron) : undefined,
    status,
    repo: namesTree(repo),
    ref: namesTree(ref),
    platform: namesTree(platform),
    instance: namesTree(instance),
    matrix,
    evaluate,
  };
}

function namesTree(names: Names | undefined): WorkflowTree {
  return typeof names === "object" && "include" in names
    ? { include: names.include, exclude: names.exclude }
    : names;
}

function pathTree(paths: Paths): WorkflowTree {
  if (isList(paths)) return paths;
  const { include, exclude, onEmpty, ignoreMessage } = paths;
  return { include, exclude, on_empty: onEmpty, ignore_message: ignoreMessage };
}

function stepTree(step: Step): WorkflowTree {
  const { name, image, when, dependsOn, directory, pull, privileged, failure, backendOptions } = step;
  const work =
    step.settings === undefined
      ? {
          detach: step.detach,
          environment: step.environment && settingTree(step.environment),
          commands: step.commands,
        }
      : { settings: settingTree(step.settings) };
  return {
    name,
    image,
    when: when?.map(conditionTree),
    depends_on: dependsOn,
    failure,
    pull,
    privileged,
    directory,
    backend_options: backendOptions && backendTree(backendOptions),
    ...work,
  };
}

function serviceTree({ name, image, environment, ports, backendOptions }: Service): WorkflowTree {
  return {
    name,
    image,
    environment: environment && settingTree(environment),
    ports,
    backend_options: backendOptions && backendTree(backendOptions),
  };
}

/** Keys of the Kubernetes backend are Kubernetes' own. */
function backendTree({ kubernetes, docker }: BackendOptions): WorkflowTree {
  return { kubernetes: kubernetes && { ...kubernetes }, docker: docker && { ...docker } };
}

function settingTree(value: SettingValue): WorkflowTree {
  if (typeof value !== "object" || value instanceof CiText) return value;
  if (isList(value)) return value.map(settingTree);
  if (isSecretReference(value)) return { from_secret: value.secret };
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, settingTree(item)]));
}

/** Array.isArray does not tell a readonly list apart. */
function isList<T>(value: readonly T[] | object): value is readonly T[] {
  return Array.isArray(value);
}
