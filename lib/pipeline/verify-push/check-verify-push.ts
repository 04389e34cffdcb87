import { ImagePin } from "../../core/image-pin";
import { ConfigurationError, type Problem } from "../../core/problem";
import { NODE_IMAGE } from "../../core/versions";
import { isRegistryHost, isTag, parseImageReference } from "../../oci/reference";
import { checkVerifyProgram } from "./check-verify-program";
import type { PushCredentials, PushedImage, PushedTag, VerifyPushSpec } from "./verify-push-spec";

const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** As the program's `--expect-platform` takes it. */
const PLATFORM = /^[a-z0-9]+\/[a-z0-9_]+(?:\/[a-z0-9._]+)?$/;
/** A timer of the program holds no more. */
const MAX_RECHECK_DAYS = 24;

/** @throws ConfigurationError with everything that is wrong */
export function checkVerifyPush(spec: VerifyPushSpec): void {
  const { images, digest, platforms = [], blobs, recheckAfter, deadline, caFile, address } = spec;
  ConfigurationError.throwIfAny([
    ...("variable" in images ? checkVariable(images.variable, "images.variable") : checkImages(images)),
    ...checkRegistries(images, spec.credentials),
    ...checkCredentials(spec.credentials),
    ...platforms.flatMap((platform, at) => checkPlatform(platform, `platforms[${at}]`)),
    ...(digest === undefined
      ? []
      : digest.kind === "variable"
        ? checkVariable(digest.variable, "digest.variable")
        : checkWorkspacePath(digest.path, "digest.path")),
    ...(blobs === undefined || blobs === "range" || blobs === "full"
      ? []
      : [problem("blobs", "be range or full", blobs, "A head alone does not see lost data.")]),
    ...checkWait(recheckAfter?.toMilliseconds(), "recheckAfter"),
    ...checkWait(deadline?.toMilliseconds(), "deadline"),
    ...(caFile === undefined ? [] : checkWorkspacePath(caFile, "caFile")),
    ...(address === undefined || (isRegistryHost(address) && /:[0-9]+$/.test(address))
      ? []
      : [problem("address", "be host:port", address, "Write it as 10.0.20.10:5050.")]),
    ...ImagePin.check(spec.image ?? NODE_IMAGE, "image"),
    ...checkVerifyProgram(spec.program),
  ]);
}

function checkImages(images: readonly PushedImage[]): readonly Problem[] {
  if (images.length === 0) {
    return [problem("images", "name what was pushed", images, "Give at least one image with its tags.")];
  }
  return images.flatMap((image, at) => checkImage(image, `images[${at}]`));
}

/** Credentials without a host would be sent to every registry. */
function checkRegistries(images: VerifyPushSpec["images"], credentials: PushCredentials): readonly Problem[] {
  if ("variable" in images || credentials.kind !== "secrets") return [];
  const references = images.map(({ name }) => parseImageReference(name));
  const registries = new Set(references.flatMap((one) => ("problem" in one ? [] : [one.registry])));
  const fix = "Make a step for each registry, or give a Docker config.";
  return registries.size <= 1
    ? []
    : [problem("images", "be on one registry, as username and password are", [...registries], fix)];
}

function checkImage({ name, tags }: PushedImage, path: string): readonly Problem[] {
  const reference = parseImageReference(name);
  const fix = "Write registry.example.com/team/app here, and its tags beside it.";
  const named =
    "problem" in reference
      ? [problem(`${path}.name`, `name an image: ${reference.problem}`, name, fix)]
      : reference.digest !== null || hasTag(name)
        ? [problem(`${path}.name`, "have neither tag nor digest", name, fix)]
        : [];
  if (tags.length === 0) {
    return [...named, problem(`${path}.tags`, "name every tag that was pushed", tags, "Give at least one.")];
  }
  return [...named, ...tags.flatMap((tag, at) => checkTag(tag, `${path}.tags[${at}]`))];
}

function hasTag(name: string): boolean {
  return name.lastIndexOf(":") > name.lastIndexOf("/");
}

function checkTag(tag: PushedTag, path: string): readonly Problem[] {
  if (typeof tag === "string") {
    const fix =
      'Use letters, digits, _ . and -; for what only the run knows give { variable: "CI_COMMIT_SHA" }.';
    return isTag(tag) ? [] : [problem(path, "be a tag", tag, fix)];
  }
  const { firstCharacters: length } = tag;
  const isSound = length === undefined || (Number.isInteger(length) && length >= 1 && length <= 128);
  return [
    ...checkVariable(tag.variable, `${path}.variable`),
    ...(isSound
      ? []
      : [
          problem(
            `${path}.firstCharacters`,
            "be a whole number from 1 to 128",
            length,
            "Write 8 for a short commit.",
          ),
        ]),
  ];
}

function checkCredentials(credentials: PushCredentials): readonly Problem[] {
  if (credentials.kind === "anonymous") return [];
  if (credentials.kind === "docker-config") return checkWorkspacePath(credentials.path, "credentials.path");
  const { username, password } = credentials;
  const fix = "Name the secret as the pipeline server knows it.";
  const named = (secret: string, path: string): readonly Problem[] =>
    /^[A-Za-z_][A-Za-z0-9_.-]*$/.test(secret) ? [] : [problem(path, "be a secret's name", "…", fix)];
  const user =
    typeof username === "string"
      ? username === ""
        ? [problem("credentials.username", "not be empty", username, "For no credentials say anonymous.")]
        : []
      : "variable" in username
        ? checkVariable(username.variable, "credentials.username.variable")
        : named(username.secret, "credentials.username.secret");
  return [...user, ...named(password.secret, "credentials.password.secret")];
}

function checkPlatform(platform: string, path: string): readonly Problem[] {
  return PLATFORM.test(platform)
    ? []
    : [problem(path, "be os/architecture", platform, "Write it as linux/amd64 or linux/arm/v7.")];
}

function checkVariable(name: string, path: string): readonly Problem[] {
  return VARIABLE.test(name)
    ? []
    : [
        problem(
          path,
          "be the name of an environment variable",
          name,
          "Write it without $, as CI_COMMIT_SHA.",
        ),
      ];
}

/** An absolute path is some machine's, and a leading dash would be an option. */
function checkWorkspacePath(path: string, at: string): readonly Problem[] {
  const isSound = path !== "" && !/^[/-]|[\0\r\n]/.test(path) && !path.split("/").includes("..");
  return isSound
    ? []
    : [problem(at, "be a path in the workspace", path, "Write it relative, as build/digest.txt.")];
}

function checkWait(milliseconds: number | undefined, path: string): readonly Problem[] {
  const most = MAX_RECHECK_DAYS * 86_400_000;
  if (milliseconds === undefined || (milliseconds > 0 && milliseconds <= most)) return [];
  const rule = `be longer than nothing and at most ${MAX_RECHECK_DAYS} days`;
  return [problem(path, rule, `${milliseconds}ms`, "Leave it out, or give some minutes.")];
}

function problem(path: string, rule: string, value: unknown, fix: string): Problem {
  return { path, rule, value, fix };
}
