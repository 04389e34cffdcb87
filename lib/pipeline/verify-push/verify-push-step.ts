import { NODE_IMAGE } from "../../core/versions";
import type { StepScript, StepValue } from "../step-script";
import { checkVerifyPush } from "./check-verify-push";
import { startOf } from "./program-start";
import { quotedReference } from "./quoted-reference";
import { shellQuote } from "./shell-quote";
import type {
  BuiltDigest,
  PushCredentials,
  PushedImage,
  PushedTag,
  VerifyPushSpec,
} from "./verify-push-spec";

/**
 * The step after a push that proves it: exit 1 for damage, an absent tag, another digest or a missing platform, 2 where
 * it could not tell, 64 where secrets or settings did not arrive. Nothing is installed at run time.
 *
 * @throws ConfigurationError
 */
export function verifyPushStep(spec: VerifyPushSpec): StepScript {
  checkVerifyPush(spec);
  const { environment, words } = startOf(spec.program);
  const credentials = credentialsOf(spec.credentials);
  const images = imagesOf(spec.images);
  const digest = digestOf(spec.digest);
  const options = [...digest.options, ...optionsOf(spec), ...credentials.options].join(" ");
  const start = `${words} verify ${options === "" ? "" : `${options} `}--`;
  return {
    image: spec.image ?? NODE_IMAGE,
    environment: { ...credentials.environment, ...environment },
    commands: [...credentials.commands, ...images.commands, ...digest.commands, `${start} ${images.words}`],
  };
}

/** What a part of the spec adds to the script. */
interface Part {
  readonly commands: readonly string[];
}

function credentialsOf(
  credentials: PushCredentials,
): Part & { readonly environment: Readonly<Record<string, StepValue>>; readonly options: readonly string[] } {
  if (credentials.kind === "anonymous") return { environment: {}, commands: [], options: [] };
  if (credentials.kind === "docker-config") {
    return { environment: {}, commands: [], options: [`--docker-config=${shellQuote(credentials.path)}`] };
  }
  const { username, password } = credentials;
  const required = (name: string, value: StepValue): readonly string[] =>
    typeof value === "string" ? [] : [refuseEmpty(name, `of the secret ${value.secret}, ${GIVEN}`)];
  const passwords = required("TALLYMAN_PASSWORD", password);
  if (typeof username === "object" && "variable" in username) {
    const { variable } = username;
    return {
      environment: { TALLYMAN_PASSWORD: password },
      commands: [
        refuseEmpty(variable, "it names the registry's user"),
        `export TALLYMAN_USERNAME="$${variable}"`,
        ...passwords,
      ],
      options: [],
    };
  }
  return {
    environment: { TALLYMAN_USERNAME: username, TALLYMAN_PASSWORD: password },
    commands: [...required("TALLYMAN_USERNAME", username), ...passwords],
    options: [],
  };
}

/** Pipelines print the commands that they run: the message stands in the log of a good run too. */
const GIVEN =
  "which has to exist and to be given to this event (Woodpecker gives none to a manual start by default)";

function refuseEmpty(variable: string, why: string): string {
  const message = shellQuote(`verify-push: ${variable} is empty: ${why}`);
  return `[ -n "\${${variable}:-}" ] || { echo ${message} >&2; exit 64; }`;
}

function imagesOf(images: VerifyPushSpec["images"]): Part & { readonly words: string } {
  if ("variable" in images) {
    const { variable } = images;
    return {
      commands: [
        refuseEmpty(variable, "it lists the images that were pushed"),
        // No word of the list is a pattern; a comma separates as a space does.
        "set -f; set --",
        `for image in $(printf %s "$${variable}" | tr , " "); do set -- "$@" "$image"; done`,
      ],
      words: '"$@"',
    };
  }
  const references = images.flatMap((image) => image.tags.map((tag) => referenceTo(image, tag)));
  const variables = images.flatMap(({ tags }) =>
    tags.flatMap((tag) => (typeof tag === "string" ? [] : [tag.variable])),
  );
  return {
    commands: [...new Set(variables)].map((variable) =>
      refuseEmpty(variable, "it is the tag that was pushed"),
    ),
    words: [...new Set(references)].join(" "),
  };
}

function referenceTo(image: PushedImage, tag: PushedTag): string {
  const reference = quotedReference(image, tag);
  return typeof tag === "string" ? shellQuote(reference) : `"${reference}"`;
}

function digestOf(digest: BuiltDigest | undefined): Part & { readonly options: readonly string[] } {
  if (digest === undefined) return { commands: [], options: [] };
  if (digest.kind === "variable") {
    const { variable } = digest;
    return {
      commands: [refuseEmpty(variable, "it holds the digest that was built")],
      options: [`"--expect-digest=$${variable}"`],
    };
  }
  const path = shellQuote(digest.path);
  const read = digest.kind === "file" ? `cat ${path}` : `node -p ${shellQuote(READ_METADATA)} ${path}`;
  const message = shellQuote(`verify-push: ${digest.path} holds no digest: has the build written it?`);
  return {
    commands: [
      `if ! built_digest="$(${read} 2>/dev/null)" || [ -z "$built_digest" ]; then echo ${message} >&2; exit 64; fi`,
    ],
    options: ['"--expect-digest=$built_digest"'],
  };
}

/** https://docs.docker.com/reference/cli/docker/buildx/build/#metadata-file */
const READ_METADATA =
  'JSON.parse(require("node:fs").readFileSync(process.argv[1], "utf8"))["containerimage.digest"] || ""';

function optionsOf(spec: VerifyPushSpec): readonly string[] {
  const { platforms = [], blobs, recheckAfter, deadline, caFile, address } = spec;
  return [
    ...platforms.map((platform) => `--expect-platform=${shellQuote(platform)}`),
    ...(blobs === undefined ? [] : [`--blobs=${blobs}`]),
    ...(recheckAfter === undefined ? [] : [`--recheck-after=${recheckAfter}`]),
    ...(deadline === undefined ? [] : [`--deadline=${deadline}`]),
    ...(caFile === undefined ? [] : [`--ca=${shellQuote(caFile)}`]),
    ...(address === undefined ? [] : [`--address=${shellQuote(address)}`]),
  ];
}
