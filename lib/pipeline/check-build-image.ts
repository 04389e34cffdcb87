import { ImagePin } from "../core/image-pin";
import type { Problem } from "../core/problem";
import { BUILDX_PLUGIN_IMAGE, NODE_IMAGE } from "../core/versions";
import { isTag, parseImageReference } from "../oci/reference";
import { type BuildImageSpec, DEFAULT_IMAGE_TAGS, type ImageTag } from "./build-image-spec";
import { CI_VARIABLES } from "./woodpecker/ci-text";

/** What the steps write themselves; another value here would build what is not verified. */
const OWN_SETTINGS: readonly string[] = [
  ...["repo", "registry", "username", "password", "logins"],
  ...["tag", "tags", "platforms", "dockerfile", "context", "provenance"],
];
/** Tags from elsewhere, or no push at all. */
const UNVERIFIED_SETTINGS: readonly string[] = ["auto_tag", "tags_file", "tag_file", "dry_run", "output"];

/** What keeps the pipeline from being what it says; the parts check the rest themselves. */
export function checkBuildImage(spec: BuildImageSpec): readonly Problem[] {
  const { tags = DEFAULT_IMAGE_TAGS, platforms, settings = {}, dockerfile, context } = spec;
  const { nodeImage = NODE_IMAGE, pluginImage = BUILDX_PLUGIN_IMAGE } = spec;
  return [
    ...checkName(spec.image),
    ...ImagePin.check(pluginImage, "pluginImage"),
    ...ImagePin.check(nodeImage, "nodeImage"),
    ...(tags.length > 0
      ? []
      : [problem("tags", "not be empty", tags, "Leave it out for latest and the commit.")]),
    ...tags.flatMap((tag, index) => checkTag(tag, `tags[${index}]`)),
    ...(platforms.length > 0 ? [] : [problem("platforms", "not be empty", platforms, "Write linux/amd64.")]),
    ...checkPath(dockerfile, "dockerfile"),
    ...checkPath(context, "context"),
    ...Object.keys(settings).flatMap((key) => checkSetting(key, settings[key])),
  ];
}

function checkName(image: string): readonly Problem[] {
  const reference = parseImageReference(image);
  const fix = "Write registry.example.com:5050/team/app; its tags stand in tags.";
  if ("problem" in reference) return [problem("image", `name an image: ${reference.problem}`, image, fix)];
  if (image.includes("://"))
    return [problem("image", "have no scheme, as the plugin takes none", image, fix)];
  const isPlain = image === `${reference.registry}/${reference.repository}`;
  return isPlain ? [] : [problem("image", "have a registry, and neither tag nor digest", image, fix)];
}

function checkTag(tag: ImageTag, path: string): readonly Problem[] {
  if (typeof tag === "string") {
    const fix =
      'Write letters, digits, _ . and -; a commit is { variable: "CI_COMMIT_SHA", firstCharacters: 8 }.';
    return isTag(tag) ? [] : [problem(path, "be a tag", tag, fix)];
  }
  const { variable, firstCharacters: count } = tag;
  const isCount = count === undefined || (Number.isSafeInteger(count) && count >= 1 && count <= 128);
  const rule = "be a variable that Woodpecker may put into a file";
  return [
    ...(CI_VARIABLES.includes(variable)
      ? []
      : [problem(`${path}.variable`, rule, variable, `They are ${CI_VARIABLES.join(", ")}.`)]),
    ...(isCount
      ? []
      : [problem(`${path}.firstCharacters`, "be from 1 to 128", count, "Write 8 for a short commit.")]),
  ];
}

function checkPath(path: string | undefined, at: string): readonly Problem[] {
  if (path === undefined || (path !== "" && !path.startsWith("/") && !path.split("/").includes("..")))
    return [];
  return [problem(at, "be a path in the repository", path, "Write it from the root, as ci/Dockerfile.")];
}

function checkSetting(key: string, value: unknown): readonly Problem[] {
  // As Woodpecker makes the plugin's variable of it.
  const name = key.toLowerCase().replace(/[.-]/g, "_");
  const path = `settings.${key}`;
  if (OWN_SETTINGS.includes(name)) {
    return [
      problem(path, "be left to the spec, by which the push is verified", value, "Use the spec's own field."),
    ];
  }
  if (!UNVERIFIED_SETTINGS.includes(name)) return [];
  const fix = "Write every tag that is pushed into tags.";
  return [problem(path, "not be used: what is pushed would not be what is verified", value, fix)];
}

function problem(path: string, rule: string, value: unknown, fix: string): Problem {
  return { path, rule, value, fix };
}
