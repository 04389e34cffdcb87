import { dirname, resolve } from "node:path";
import { isJsonObject } from "./json";
import { ContentHashes } from "./normalise/content-hashes";
import { MachinePaths } from "./normalise/machine-paths";
import { normaliseArtifact } from "./normalise/normalise-artifact";
import { normaliseStack } from "./normalise/normalise-stack";
import type { NormaliseContext } from "./normalise/normalise-value";
import {
  DEFAULT_FILE_LIMITS,
  type FileContent,
  type FileLimits,
  OutputFiles,
} from "./normalise/output-files";
import { readStackFiles, type StackFile } from "./normalise/stack-files";
import type { ArtifactOutput, SynthesizedOutput } from "./output";

const ARTIFACTS = "artifacts";
const ASSETS = "assets";
/** The file with the id of what a registry's host is given. */
const RELEASE = /(?:^|\/)release\.json$/;

/**
 * Reads a folder that a synthesis wrote (`cdktf.out`): its stacks, its artifacts, and as artifacts too, under
 * `stacks/<name>/assets/…`, the files of a stack's own folder that no artifact has the bytes of. Symbolic links inside
 * are not followed.
 *
 * @throws ConfigurationError where it is none, where a stack's file is not what it must be, or beyond the limits
 */
export function readOutput(folder: string, limits: Partial<FileLimits> = {}): SynthesizedOutput {
  const root = resolve(folder);
  const files = new OutputFiles(root, { ...DEFAULT_FILE_LIMITS, ...limits });
  const stacks = readStackFiles(files);
  const artifacts = files
    .below(ARTIFACTS)
    .map((path) => ({ path, content: files.read(`${ARTIFACTS}/${path}`) }));
  const assets = stacks.flatMap((stack) => readAssets(files, stack));

  const hashes = new ContentHashes();
  for (const { json } of stacks) hashes.addStack(json);
  for (const { content } of [...artifacts, ...assets])
    if (content.kind !== "link") hashes.addHash(content.sha256);
  for (const { hash } of assets) hashes.addFolder(hash);
  for (const { path, content } of artifacts) if (RELEASE.test(path)) addRelease(hashes, content);

  const context: NormaliseContext = { hashes, paths: new MachinePaths(dirname(root)) };
  const known = new Set(
    artifacts.flatMap(({ content }) => (content.kind === "link" ? [] : [content.sha256])),
  );
  const own = namedAssets(assets).filter(
    ({ content }) => content.kind === "link" || !known.has(content.sha256),
  );
  return {
    stacks: new Map(stacks.map(({ name, json }) => [name, normaliseStack(name, json, context)])),
    artifacts: new Map(
      [...artifacts, ...own].map(({ path, content }) => [path, artifactOf(path, content, context)]),
    ),
  };
}

interface Asset {
  readonly stack: string;
  /** The folder that cdktf or a construct of ours made of the asset's construct and of its content. */
  readonly id: string;
  readonly hash: string;
  readonly file: string;
  readonly content: FileContent;
}

function readAssets(files: OutputFiles, { name, folder }: StackFile): readonly Asset[] {
  return files.below(`${folder}/${ASSETS}`).map((path) => {
    const [id = "", hash = "", ...rest] = path.split("/");
    const content = files.read(`${folder}/${ASSETS}/${path}`);
    return { stack: name, id, hash, file: rest.join("/"), content };
  });
}

/** By their files' own paths, as ids and hashes differ where nothing that matters does; with the id where two have one. */
function namedAssets(
  assets: readonly Asset[],
): readonly { readonly path: string; readonly content: FileContent }[] {
  const short = ({ stack, file }: Asset) => `stacks/${stack}/${ASSETS}/${file}`;
  const counts = new Map<string, number>();
  for (const asset of assets) counts.set(short(asset), (counts.get(short(asset)) ?? 0) + 1);
  return assets.map((asset) => {
    const { stack, id, file, content } = asset;
    const isUnique = counts.get(short(asset)) === 1;
    return { path: isUnique ? short(asset) : `stacks/${stack}/${ASSETS}/${id}/${file}`, content };
  });
}

function addRelease(hashes: ContentHashes, content: FileContent): void {
  const artifact = content.kind === "bytes" ? normaliseArtifact("release.json", content.bytes) : null;
  if (artifact?.kind !== "data" || !isJsonObject(artifact.value)) return;
  const { schema, id } = artifact.value;
  if (schema === "tallyman.release/1" && typeof id === "string") hashes.addRelease(id);
}

function artifactOf(path: string, content: FileContent, context: NormaliseContext): ArtifactOutput {
  switch (content.kind) {
    case "bytes":
      return normaliseArtifact(path, content.bytes, context);
    case "hash":
      return { kind: "bytes", sha256: content.sha256, size: content.size };
    case "link":
      return { kind: "text", text: `symbolic link to ${content.target}\n` };
  }
}
