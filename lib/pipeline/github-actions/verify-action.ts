/**
 * The proof as an action for other repositories.
 * https://docs.github.com/en/actions/reference/workflows-and-actions/metadata-syntax#runs-for-composite-actions
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ConfigurationError } from "../../core/problem";
import { renderYaml } from "../../text/yaml";
import { shellQuote } from "../verify-push/shell-quote";
import { shellNode } from "./render-actions-workflow";

export interface VerifyActionSpec {
  /** @default "Verify a pushed image" */
  readonly name?: string;
  /** The program, not compressed. @default the one that the build lays beside the library */
  readonly programFile?: string;
}

/** What lies in the action's folder, by file name. */
export interface VerifyAction {
  readonly "action.yml": string;
  readonly "tallyman-verify.mjs": Buffer;
}

const INPUTS = {
  images: {
    description:
      "Every reference that was pushed, latest too: name:tag, separated by commas, spaces or line breaks.",
    required: true,
    variable: "IMAGES",
  },
  username: { description: "The registry's user.", variable: "TALLYMAN_USERNAME" },
  password: { description: "The user's password or token.", variable: "TALLYMAN_PASSWORD" },
  anonymous: {
    description: "true to ask without credentials; empty ones fail otherwise.",
    default: "false",
    variable: "ANONYMOUS",
  },
  digest: {
    description:
      "The digest to which every reference must resolve: the digest output of docker/build-push-action.",
    variable: "DIGEST",
  },
  platforms: {
    description: "What each image must have, as linux/amd64,linux/arm64.",
    variable: "PLATFORMS",
  },
  blobs: {
    description: "range asks for each blob's last byte, full reads and hashes all of it.",
    default: "range",
    variable: "BLOBS",
  },
  "recheck-after": {
    description: "Look a second time after so long, as 5m.",
    variable: "RECHECK_AFTER",
  },
} as const satisfies Record<string, Input>;

interface Input {
  readonly description: string;
  readonly required?: true;
  readonly default?: string;
  /** Under which the script reads it. */
  readonly variable: string;
}

/**
 * A composite action that needs Node 20.9 on the runner and nothing else: the program lies beside it. It fails with 1
 * for damage, 2 where it could not tell, 64 for inputs that are wrong or empty.
 *
 * @throws ConfigurationError where the program is missing
 */
export function renderVerifyAction(spec: VerifyActionSpec = {}): VerifyAction {
  const file = spec.programFile ?? join(__dirname, "..", "..", "cli", "tallyman-verify.mjs");
  if (!existsSync(file)) {
    const fix = "Run `npm run build` first: it writes that file.";
    throw new ConfigurationError([{ path: "programFile", rule: "be the program", value: file, fix }]);
  }
  const inputs: Readonly<Record<string, Input>> = INPUTS;
  const entries = Object.entries(inputs);
  const yaml = renderYaml({
    name: spec.name ?? "Verify a pushed image",
    description: "Proves that every pushed tag can be pulled whole: index, children, configs, layers.",
    inputs: Object.fromEntries(
      entries.map(([name, { description, required = false, default: standard }]) => [
        name,
        { description, required, default: required ? undefined : (standard ?? "") },
      ]),
    ),
    runs: {
      using: "composite",
      steps: [
        {
          name: "Prove every reference whole",
          ...shellNode({
            env: Object.fromEntries(
              entries.map(([name, { variable }]) => [variable, { expression: `inputs.${name}` }]),
            ),
            commands: SCRIPT,
          }),
        },
      ],
    },
  });
  return { "action.yml": yaml, "tallyman-verify.mjs": readFileSync(file) };
}

const NODE_VERSION =
  'const [major, minor] = process.versions.node.split(".").map(Number); process.exit(major > 20 || (major === 20 && minor >= 9) ? 0 : 1)';

/** Inputs are data: none is a pattern, an option or a script, whatever it holds. */
const SCRIPT: readonly string[] = [
  'refuse() { echo "verify-push: $1" >&2; exit 64; }',
  `node -e ${shellQuote(NODE_VERSION)} || refuse "Node 20.9 or later must be on PATH: use actions/setup-node before"`,
  'if [ "$ANONYMOUS" = true ]; then unset TALLYMAN_USERNAME TALLYMAN_PASSWORD; else',
  '  [ -n "$TALLYMAN_USERNAME" ] || refuse "the input username is empty: was its secret given to this event?"',
  '  [ -n "$TALLYMAN_PASSWORD" ] || refuse "the input password is empty: was its secret given to this event?"',
  "fi",
  "set -f",
  'set -- "--blobs=$BLOBS"',
  'if [ -n "$DIGEST" ]; then set -- "$@" "--expect-digest=$DIGEST"; fi',
  'if [ -n "$RECHECK_AFTER" ]; then set -- "$@" "--recheck-after=$RECHECK_AFTER"; fi',
  'for platform in $(printf %s "$PLATFORMS" | tr , " "); do set -- "$@" "--expect-platform=$platform"; done',
  'set -- "$@" --',
  'for image in $(printf %s "$IMAGES" | tr , " "); do set -- "$@" "$image"; done',
  // By the variable, which is right inside a container too; the expression of that name is not.
  'node "$GITHUB_ACTION_PATH/tallyman-verify.mjs" verify "$@"',
];
