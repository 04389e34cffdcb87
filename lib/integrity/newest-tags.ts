import { forEachLimit } from "../core/for-each-limit";
import { isObject, MalformedError } from "../oci/descriptor";
import type { Digest } from "../oci/digest";
import { type Manifest, parseManifest } from "../oci/manifest";
import { RegistryError } from "../registry-client/answers";
import type { WalkClient } from "./walk-client";

const MAX_CONFIG_BYTES = 4 * 1024 * 1024;
const PARALLEL = 4;

/**
 * The `count` newest tags by their image's creation time: a tags list has no order that means anything. A tag
 * whose time cannot be read counts as newest, so that damage never hides a tag from the walk.
 */
export async function newestTags(
  client: WalkClient,
  repository: string,
  tags: readonly string[],
  count: number,
): Promise<string[]> {
  const created = new Map<string, number>();
  await forEachLimit(tags, PARALLEL, async (tag) => {
    created.set(tag, await creationTime(client, repository, tag));
  });
  const newestFirst = [...tags].sort(
    (a, b) => (created.get(b) as number) - (created.get(a) as number) || (a < b ? -1 : 1),
  );
  return newestFirst.slice(0, count);
}

/** Epoch milliseconds; Infinity where it cannot be told. */
async function creationTime(client: WalkClient, repository: string, reference: string): Promise<number> {
  try {
    let manifest = await readManifest(client, repository, reference);
    if (manifest?.kind === "index" && timeOf(manifest.created) === null) {
      const child = manifest.manifests.find((entry) => !entry.isAttestation);
      if (child !== undefined) manifest = await readChild(client, repository, child.digest);
    }
    if (manifest === null) return Number.POSITIVE_INFINITY;
    const annotated = timeOf(manifest.created);
    if (annotated !== null) return annotated;
    if (manifest.kind !== "image" || manifest.config === null) return Number.POSITIVE_INFINITY;
    return (await configTime(client, repository, manifest.config.digest)) ?? Number.POSITIVE_INFINITY;
  } catch (error) {
    if (error instanceof RegistryError || error instanceof MalformedError) return Number.POSITIVE_INFINITY;
    throw error;
  }
}

/** What a digest names does not change: what an earlier walk read of it tells the same time. */
async function readChild(client: WalkClient, repository: string, digest: Digest): Promise<Manifest | null> {
  const known = await client.recall?.(digest);
  return known ? parseManifest(known, null) : readManifest(client, repository, digest.toString());
}

async function readManifest(
  client: WalkClient,
  repository: string,
  reference: string,
): Promise<Manifest | null> {
  const answer = await client.manifest(repository, reference);
  return answer.kind === "present" ? parseManifest(answer.body, answer.contentType) : null;
}

async function configTime(client: WalkClient, repository: string, digest: Digest): Promise<number | null> {
  const known = await client.recall?.(digest);
  const answer = known
    ? { kind: "present" as const, body: known }
    : await client.readBlob(repository, digest, MAX_CONFIG_BYTES);
  if (answer.kind !== "present") return null;
  let config: unknown;
  try {
    config = JSON.parse(answer.body.toString("utf8"));
  } catch {
    return null;
  }
  return isObject(config) && typeof config.created === "string" ? timeOf(config.created) : null;
}

function timeOf(created: string | null): number | null {
  const time = created === null ? Number.NaN : Date.parse(created);
  return Number.isNaN(time) ? null : time;
}
