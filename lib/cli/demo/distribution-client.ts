import { isObject } from "../../oci/descriptor";
import { MANIFEST_ACCEPT } from "../../oci/media-type";
import { allBlobs, allManifests, type BuiltManifest } from "../../testing";

/** Pushes an image as a builder does: blobs, children, then the root under its tag. */
export async function push(
  url: string,
  repository: string,
  tag: string,
  image: BuiltManifest,
): Promise<void> {
  for (const [digest, content] of allBlobs(image)) {
    const start = await fetch(`${url}/v2/${repository}/blobs/uploads/`, { method: "POST" });
    const upload = new URL(start.headers.get("location") ?? "", url);
    upload.searchParams.set("digest", digest);
    await expectStatus(await fetch(upload, { method: "PUT", body: new Uint8Array(content) }), 201);
  }
  for (const manifest of allManifests(image)) {
    await putManifest(url, repository, manifest === image ? tag : manifest.digest.toString(), manifest);
  }
}

/** One PUT of the manifest's bytes. @returns the status */
export async function putManifest(
  url: string,
  repository: string,
  reference: string,
  manifest: BuiltManifest,
): Promise<number> {
  const headers = { "content-type": manifest.mediaType };
  const body = new Uint8Array(manifest.body);
  const answer = await fetch(`${url}/v2/${repository}/manifests/${reference}`, {
    method: "PUT",
    headers,
    body,
  });
  await expectStatus(answer, 201);
  return answer.status;
}

export async function headManifest(url: string, repository: string, reference: string): Promise<number> {
  const answer = await fetch(manifestUrl(url, repository, reference), { method: "HEAD", headers: ACCEPT });
  return answer.status;
}

export async function deleteManifest(url: string, repository: string, digest: string): Promise<number> {
  const answer = await fetch(manifestUrl(url, repository, digest), { method: "DELETE" });
  return answer.status;
}

/**
 * Pulls one platform as a container runtime does: index, child, config, layers.
 * @returns null when all arrived, else what a runtime would say
 */
export async function pull(
  url: string,
  repository: string,
  tag: string,
  platform: string,
): Promise<string | null> {
  const index = await getJson(manifestUrl(url, repository, tag));
  if (!isObject(index)) return `manifest unknown: ${repository}:${tag}`;
  const entries = Array.isArray(index.manifests) ? index.manifests.filter(isObject) : [];
  const entry = entries.find(
    ({ platform: p }) => isObject(p) && `${String(p.os)}/${String(p.architecture)}` === platform,
  );
  const manifest =
    entry === undefined ? index : await getJson(manifestUrl(url, repository, String(entry.digest)));
  if (!isObject(manifest)) return `manifest unknown: ${String(entry?.digest).slice(0, 19)}`;
  const layers = Array.isArray(manifest.layers) ? manifest.layers : [];
  for (const blob of [manifest.config, ...layers].filter(isObject)) {
    const answer = await fetch(`${url}/v2/${repository}/blobs/${String(blob.digest)}`);
    const bytes = await answer.arrayBuffer().catch(() => new ArrayBuffer(0));
    if (!answer.ok || bytes.byteLength !== blob.size)
      return `blob unknown: ${String(blob.digest).slice(0, 19)}`;
  }
  return null;
}

const ACCEPT = { accept: MANIFEST_ACCEPT.join(", ") };

function manifestUrl(url: string, repository: string, reference: string): string {
  return `${url}/v2/${repository}/manifests/${reference}`;
}

async function getJson(url: string): Promise<unknown> {
  const answer = await fetch(url, { headers: ACCEPT });
  const text = await answer.text();
  return answer.ok ? (JSON.parse(text) as unknown) : null;
}

async function expectStatus(answer: Response, status: number): Promise<void> {
  const text = await answer.text();
  if (answer.status !== status)
    throw new Error(`${answer.url} answers ${answer.status}, not ${status}: ${text}`);
}
