/**
 * What Woodpecker's documentation says a file may hold, as draft-07: closed objects, so that a key which it would
 * pass over in silence is an error here. https://woodpecker-ci.org/docs/usage/workflow-syntax
 */
import Ajv, { type ValidateFunction } from "ajv";

const text = { type: "string" };
const truth = { type: "boolean" };
const texts = { type: "array", items: text, minItems: 1 };
const oneOrMore = (item: object) => ({ anyOf: [item, { type: "array", items: item, minItems: 1 }] });
const closed = (properties: object, required: readonly string[] = []) => ({
  type: "object",
  properties,
  required,
  additionalProperties: false,
});
const mapOf = (item: object) => ({ type: "object", additionalProperties: item });

const names = { anyOf: [text, texts, { ...closed({ include: texts, exclude: texts }), minProperties: 1 }] };
const paths = {
  anyOf: [texts, closed({ include: texts, exclude: texts, ignore_message: text, on_empty: truth })],
};
const CHANGES = ["push", "pull_request", "pull_request_closed", "pull_request_metadata"];
const OTHERS = ["tag", "release", "deployment", "cron", "manual"];

const conditionKeys = {
  event: oneOrMore({ enum: [...CHANGES, ...OTHERS] }),
  branch: names,
  path: paths,
  cron: names,
  status: oneOrMore({ enum: ["success", "failure"] }),
  repo: names,
  ref: names,
  platform: names,
  instance: names,
  evaluate: text,
};
/** Beyond the published schema: a path, or a branch of a tag, that Woodpecker would pass over. */
const nothingPassedOver = {
  allOf: [
    {
      if: { required: ["path"] },
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
      then: { required: ["event"], properties: { event: oneOrMore({ enum: CHANGES }) } },
    },
    {
      if: { required: ["cron"] },
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
      then: { required: ["event"], properties: { event: oneOrMore({ const: "cron" }) } },
    },
  ],
};
const workflowWhen = { ...closed(conditionKeys, ["event"]), ...nothingPassedOver };
const stepWhen = {
  ...closed({ ...conditionKeys, matrix: mapOf({ type: ["string", "number", "boolean"] }) }),
  ...nothingPassedOver,
  minProperties: 1,
};
const listOf = (item: object) => ({ type: "array", items: item, minItems: 1 });

/** A value, or where the server finds it; a list and a map hold more of them. */
const setting = {
  anyOf: [
    { type: ["string", "number", "boolean"] },
    { type: "array", items: { $ref: "#/definitions/setting" } },
    closed({ from_secret: { type: "string", pattern: "^[A-Za-z0-9._-]+$" } }, ["from_secret"]),
    {
      type: "object",
      propertyNames: { not: { const: "from_secret" } },
      additionalProperties: { $ref: "#/definitions/setting" },
    },
  ],
};
const settings = mapOf({ $ref: "#/definitions/setting" });
const environment = { ...settings, propertyNames: { pattern: "^[A-Za-z_][A-Za-z0-9_]*$" } };
const backendOptions = closed({
  docker: closed({ user: text }),
  kubernetes: { type: "object" },
});
const anyStep = {
  name: text,
  image: text,
  when: listOf(stepWhen),
  depends_on: { type: "array", items: text },
  pull: truth,
  privileged: truth,
  directory: text,
  backend_options: backendOptions,
};
const commandStep = closed(
  {
    ...anyStep,
    failure: { enum: ["fail", "ignore", "cancel"] },
    detach: truth,
    environment,
    commands: texts,
  },
  ["name", "image", "commands"],
);
const pluginStep = closed({ ...anyStep, failure: { enum: ["fail", "ignore"] }, settings }, ["name", "image"]);
const service = closed(
  {
    name: text,
    image: text,
    environment,
    ports: listOf({ type: "integer" }),
    backend_options: backendOptions,
  },
  ["name", "image"],
);
const matrixValue = { type: ["string", "number", "boolean"] };

const root = {
  $schema: "http://json-schema.org/draft-07/schema#",
  definitions: { setting },
  ...closed(
    {
      when: listOf(workflowWhen),
      depends_on: texts,
      labels: mapOf(text),
      matrix: {
        type: "object",
        properties: { include: listOf(mapOf(matrixValue)) },
        additionalProperties: listOf(matrixValue),
      },
      skip_clone: truth,
      clone: closed({ git: closed({ image: text, settings }, ["image"]) }),
      services: listOf(service),
      steps: listOf({ anyOf: [commandStep, pluginStep] }),
    },
    ["steps"],
  ),
};

const validate: ValidateFunction = new Ajv({ strict: false, allErrors: true }).compile(root);

/** One line for each rule that the file, as the server reads it, breaks. */
export function brokenRules(workflow: unknown): readonly string[] {
  validate(workflow);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath}: ${message}`);
}
