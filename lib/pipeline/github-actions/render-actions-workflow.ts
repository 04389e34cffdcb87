import { ConfigurationError, type Problem } from "../../core/problem";
import { renderYaml, type YamlValue } from "../../text/yaml";
import { type ActionPin, checkActionPin, formatActionPin } from "./action-pin";
import {
  type ActionsValue,
  escapeActionsText,
  formatActionsValue,
  MAX_EXPRESSION_LENGTH,
} from "./actions-value";
import type { ActionsJob, ActionsStep, ActionsWorkflow, ShellStep } from "./actions-workflow";

/** A larger file starts no run, and GitHub does not say why. */
const MAX_WORKFLOW_BYTES = 512_000;

/**
 * The workflow's file, for `.github/workflows/`.
 *
 * @throws ConfigurationError
 */
export function renderActionsWorkflow(workflow: ActionsWorkflow): string {
  ConfigurationError.throwIfAny(checkWorkflow(workflow));
  const { name, on, concurrency, jobs } = workflow;
  const text = renderYaml({
    name: escapeActionsText(name),
    on: {
      push: {
        branches: [...on.push.branches],
        paths: on.push.paths === undefined ? undefined : [...on.push.paths],
      },
      // An event without settings has an empty value.
      workflow_dispatch: on.manual === true ? {} : undefined,
    },
    permissions: {},
    concurrency:
      concurrency === undefined
        ? undefined
        : { group: formatActionsValue(concurrency), "cancel-in-progress": false },
    jobs: Object.fromEntries(Object.entries(jobs).map(([id, job]) => [id, jobNode(job)])),
  });
  const noted = withVersions(text, pinsOf(workflow));
  const bytes = Buffer.byteLength(noted);
  if (bytes <= MAX_WORKFLOW_BYTES) return noted;
  const fix = "Give the program by its URL, or divide the workflow.";
  throw new ConfigurationError([
    { path: name, rule: `have at most ${MAX_WORKFLOW_BYTES} bytes as a file`, value: bytes, fix },
  ]);
}

function jobNode(job: ActionsJob): YamlValue {
  return {
    name: escapeActionsText(job.name),
    "runs-on": job.runsOn,
    needs: job.needs === undefined ? undefined : [...job.needs],
    if: job.onlyOn === undefined ? undefined : onBranches(job.onlyOn),
    permissions: { ...job.permissions },
    container: job.container,
    "timeout-minutes": job.timeoutMinutes,
    outputs: job.outputs === undefined ? undefined : valuesNode(job.outputs),
    steps: job.steps.map(stepNode),
  };
}

/** A quote is doubled within an expression's string. */
function onBranches(branches: readonly string[]): string {
  const refs = JSON.stringify(branches.map((branch) => `refs/heads/${branch}`));
  return `contains(fromJSON('${refs.replaceAll("'", "''")}'), github.ref)`;
}

function stepNode(step: ActionsStep): YamlValue {
  const head = { name: escapeActionsText(step.name), id: step.id };
  if ("uses" in step) {
    return {
      ...head,
      uses: formatActionPin(step.uses),
      with: step.with === undefined ? undefined : valuesNode(step.with),
    };
  }
  return { ...head, ...shellNode(step) };
}

/** `shell: sh` runs `sh -e`; without it a runner takes bash where there is one. */
export function shellNode({ env, commands }: Pick<ShellStep, "env" | "commands">): Record<string, YamlValue> {
  return {
    shell: "sh",
    env: env === undefined || Object.keys(env).length === 0 ? undefined : valuesNode(env),
    run: `${escapeActionsText(commands.join("\n"))}\n`,
  };
}

function valuesNode(values: Readonly<Record<string, ActionsValue>>): YamlValue {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, formatActionsValue(value)]));
}

function pinsOf({ jobs }: ActionsWorkflow): readonly ActionPin[] {
  return Object.values(jobs).flatMap(({ steps }) =>
    steps.flatMap((step) => ("uses" in step ? [step.uses] : [])),
  );
}

function withVersions(text: string, pins: readonly ActionPin[]): string {
  const versions = new Map(pins.map((pin) => [formatActionPin(pin), pin.version]));
  return text.replace(/^( +uses: )(\S+)$/gm, (line, _start: string, pin: string) => {
    const version = versions.get(pin);
    return version === undefined ? line : `${line} # ${version}`;
  });
}

function checkWorkflow(workflow: ActionsWorkflow): readonly Problem[] {
  return Object.entries(workflow.jobs).flatMap(([id, { steps }]) => [
    ...(/^[A-Za-z_][A-Za-z0-9_-]*$/.test(id)
      ? []
      : [
          {
            path: `jobs[${JSON.stringify(id)}]`,
            rule: "have an id of letters, digits, _ and -",
            value: id,
            fix: "Begin it with a letter or _.",
          },
        ]),
    ...steps.flatMap((step, at) => checkStep(step, `jobs.${id}.steps[${at}]`)),
  ]);
}

function checkStep(step: ActionsStep, path: string): readonly Problem[] {
  if ("uses" in step) return checkActionPin(step.uses, `${path}.uses`);
  const script = step.commands.join("\n");
  const isTooLong = script.includes("${{") && script.length > MAX_EXPRESSION_LENGTH;
  const rule = `have at most ${MAX_EXPRESSION_LENGTH} characters where one is \${{`;
  return isTooLong
    ? [{ path: `${path}.commands`, rule, value: script.length, fix: "Put the text with ${{ into env." }]
    : [];
}
