import { parseImageReference } from "../oci/reference";
import { type BuildImageSpec, DEFAULT_IMAGE_TAGS, type ImageTag } from "./build-image-spec";
import type { StepScript } from "./step-script";
import { shellQuote } from "./verify-push/shell-quote";
import { CiText } from "./woodpecker/ci-text";

/** The label of the list in a secret's form. */
const EVENTS_FIELD = "Available at the following events";

/** How a built image is called where Woodpecker puts in what only the run knows. */
interface ImageTexts {
  /** `host[:port]` */
  readonly registry: string;
  readonly tags: readonly (string | CiText)[];
  /** `registry.example.com/team/app:latest, :0123abcd` */
  readonly summary: CiText;
}

export function imageTexts({ image, tags = DEFAULT_IMAGE_TAGS }: BuildImageSpec): ImageTexts {
  const reference = parseImageReference(image);
  const texts = tags.map(tagText);
  return {
    registry: "problem" in reference ? "" : reference.registry,
    tags: texts,
    summary: CiText.of(image, ...texts.flatMap((tag, index) => [index === 0 ? ":" : ", :", tag])),
  };
}

function tagText(tag: ImageTag): string | CiText {
  if (typeof tag === "string") return tag;
  const { variable, firstCharacters: length } = tag;
  return CiText.variable(variable, length === undefined ? {} : { length });
}

/** Each of them once, in the order of their use. */
function secretsOf({ credentials, slackWebhook }: BuildImageSpec): readonly string[] {
  const all = [
    credentials.username,
    credentials.password,
    ...(slackWebhook === undefined ? [] : [slackWebhook]),
  ];
  return [...new Set(all)];
}

/**
 * Fails before anything is built where secrets did not arrive. Woodpecker from 2.8 on refuses such a run by itself;
 * earlier ones start it with empty values. The Slack webhook is not among them: a build needs no message.
 */
export function secretsCheck({ credentials }: BuildImageSpec, image: string): StepScript {
  const names = [...new Set([credentials.username, credentials.password])];
  const variables = names.map((secret, index) => ({ secret, variable: `SECRET_${index + 1}` }));
  return {
    image,
    environment: Object.fromEntries(variables.map(({ secret, variable }) => [variable, { secret }])),
    commands: [
      "missing=0",
      ...variables.map(
        ({ secret, variable }) =>
          `[ -n "$${variable}" ] || { echo ${shellQuote(grantAdvice(secret))} >&2; missing=1; }`,
      ),
      '[ "$missing" -eq 0 ] || exit 64',
    ],
  };
}

/** What to do where a run did not get a secret. */
function grantAdvice(secret: string): string {
  return (
    `The secret ${secret} is empty: Woodpecker gives a secret to no event that it is not granted to, and by default ` +
    `not to manual ones. Settings, Secrets, edit ${secret}: tick Manual at "${EVENTS_FIELD}", and start again.`
  );
}

/** For the file's head: how the secrets reach a manual run, and what each Woodpecker says where they do not. */
export function grantLines(spec: BuildImageSpec): readonly string[] {
  const secrets = secretsOf(spec);
  return [
    "A manual run needs its secrets granted to it, which Woodpecker does not do by default. Without, it stops at",
    `  secret "${secrets[0]}" is not allowed to be used with pipeline event "manual"`,
    `In the repository: Settings, Secrets, edit each: tick Push and Manual at "${EVENTS_FIELD}". Or:`,
    ...secrets.map(
      (secret) =>
        `  woodpecker-cli repo secret update --repository OWNER/NAME --name ${secret} --event push --event manual`,
    ),
    "No plugin filter on them either: verify-integrity runs commands, and a filter keeps them from every such step.",
  ];
}
