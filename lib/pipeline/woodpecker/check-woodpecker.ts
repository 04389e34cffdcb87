import { ImagePin } from "../../core/image-pin";
import type { Problem } from "../../core/problem";
import { checkConditions } from "./check-conditions";
import { checkOrder } from "./check-order";
import { CiText } from "./ci-text";
import {
  isSecretReference,
  type SettingValue,
  type Step,
  type WoodpeckerWorkflow,
} from "./woodpecker-workflow";

const STEP_NAME = /^[A-Za-z0-9][A-Za-z0-9 ._-]*$/;
/** A service's name is a host's. */
const SERVICE_NAME = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const VARIABLE_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const SECRET_NAME = /^[A-Za-z0-9._-]+$/;
/** Of Linux for one string of a process's environment, MAX_ARG_STRLEN: `CI_SCRIPT=…` and a NUL. */
const MAX_ENVIRONMENT_BYTES = 131_072;

/** What Woodpecker would refuse, or take for something else; empty when nothing is wrong. */
export function checkWoodpecker(workflow: WoodpeckerWorkflow): readonly Problem[] {
  const { steps, services = [], when, clone } = workflow;
  return [
    ...checkNotEmpty(steps, "steps", "Write at least one step."),
    ...checkConditions(when, "when"),
    ...checkUnique(steps, "steps"),
    ...checkUnique(services, "services"),
    ...steps.flatMap(checkStep),
    ...checkOrder(steps),
    ...services.flatMap(({ name, image, environment = {} }, index) => {
      const path = `services[${index}]`;
      const fix = "Write lower-case letters, digits and -, as steps reach it by this name.";
      return [
        ...checkForm(name, SERVICE_NAME, `${path}.name`, "be a host name", fix),
        ...ImagePin.check(image, `${path}.image`),
        ...checkEnvironment(environment, `${path}.environment`),
      ];
    }),
    ...(clone === undefined
      ? []
      : [
          ...ImagePin.check(clone.image, "clone.image"),
          ...checkSecrets(clone.settings ?? {}, "clone.settings"),
        ]),
  ];
}

/** A script of several commands as Woodpecker hands it to the step: with a line before each that prints it. */
export function scriptVariableBytes(commands: readonly string[]): number {
  const script = commands.reduce(
    (bytes, one) => bytes + 2 * Buffer.byteLength(one) + countQuotes(one) + 16,
    512,
  );
  return Math.ceil(script / 3) * 4 + Buffer.byteLength("CI_SCRIPT=") + 1;
}

/** Each becomes five characters in the printed line. */
function countQuotes(command: string): number {
  return 4 * (command.split("'").length - 1);
}

function checkStep(step: Step, index: number): readonly Problem[] {
  const path = `steps[${index}]`;
  const nameFix = "Write letters, digits, spaces, . _ and -.";
  const common = [
    ...checkForm(step.name, STEP_NAME, `${path}.name`, "be a step's name", nameFix),
    ...ImagePin.check(step.image, `${path}.image`),
    ...(step.when === undefined ? [] : checkConditions(step.when, `${path}.when`)),
  ];
  if (step.settings !== undefined) return [...common, ...checkSecrets(step.settings, `${path}.settings`)];
  return [
    ...common,
    ...checkCommands(step.commands, `${path}.commands`),
    ...checkEnvironment(step.environment ?? {}, `${path}.environment`),
  ];
}

function checkCommands(commands: readonly string[], path: string): readonly Problem[] {
  const bytes = scriptVariableBytes(commands);
  const blank = commands.findIndex((one) => one.trim() === "");
  return [
    ...checkNotEmpty(commands, path, "Write a command; a plugin has settings instead."),
    ...(blank < 0
      ? []
      : [{ path: `${path}[${blank}]`, rule: "not be empty", value: commands[blank], fix: "Leave it out." }]),
    ...(bytes <= MAX_ENVIRONMENT_BYTES
      ? []
      : [
          {
            path,
            rule: `fit into ${MAX_ENVIRONMENT_BYTES} bytes as the variable CI_SCRIPT, in which Woodpecker hands them over`,
            value: `${bytes} bytes`,
            fix: "Fetch what is long and check its sha256, or give it as an environment variable of its own.",
          },
        ]),
  ];
}

function checkEnvironment(
  environment: Readonly<Record<string, SettingValue>>,
  path: string,
): readonly Problem[] {
  return Object.entries(environment).flatMap(([name, value]) => {
    const own = `${path}.${name}`;
    const fix = "Write letters, digits and _, beginning with no digit.";
    const problems = [
      ...checkForm(name, VARIABLE_NAME, own, "be a variable's name", fix),
      ...checkSecrets(value, own),
    ];
    const bytes = typeof value === "string" ? Buffer.byteLength(name) + Buffer.byteLength(value) + 2 : 0;
    if (bytes <= MAX_ENVIRONMENT_BYTES) return problems;
    const tooLong = { path: own, rule: `fit into ${MAX_ENVIRONMENT_BYTES} bytes`, value: `${bytes} bytes` };
    return [...problems, { ...tooLong, fix: "Fetch it in the step, and check its sha256." }];
  });
}

function checkSecrets(value: SettingValue, path: string): readonly Problem[] {
  if (typeof value !== "object" || value instanceof CiText) return [];
  if (isSecretReference(value)) {
    const fix = "Write the name under which the server's store has it: letters, digits, . _ and -.";
    return checkForm(value.secret, SECRET_NAME, path, "name a secret", fix);
  }
  return Object.entries(value).flatMap(([key, item]: [string, SettingValue]) =>
    checkSecrets(item, `${path}.${key}`),
  );
}

function checkUnique(all: readonly { readonly name: string }[], path: string): readonly Problem[] {
  return all.flatMap(({ name }, index) =>
    all.findIndex((other) => other.name === name) === index
      ? []
      : [
          {
            path: `${path}[${index}].name`,
            rule: "be unique",
            value: name,
            fix: "Give it a name of its own.",
          },
        ],
  );
}

function checkNotEmpty(list: readonly unknown[], path: string, fix: string): readonly Problem[] {
  return list.length > 0 ? [] : [{ path, rule: "not be empty", value: list, fix }];
}

function checkForm(value: string, form: RegExp, path: string, rule: string, fix: string): readonly Problem[] {
  return form.test(value) ? [] : [{ path, rule, value, fix }];
}
