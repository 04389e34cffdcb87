import { Digest } from "../../oci/digest";
import { isRepositoryName } from "../../oci/reference";
import { RegistryError } from "../../registry-client/answers";
import type { RegistryClient } from "../../registry-client/registry-client";
import type { RetentionTarget, TargetManifest } from "./retention-target";
import { NO_UPLOAD_TIME, type UploadTime } from "./storage-times";

const MAX_CONFIG_BYTES = 4 * 1024 * 1024;

/**
 * Retention by the distribution API, which lists no untagged manifest and tells no time of upload: whoever can read
 * the storage gives those.
 */
export function registryTarget(
  client: RegistryClient,
  uploadTime: UploadTime = NO_UPLOAD_TIME,
): RetentionTarget {
  return {
    repositories: async () => {
      const names: string[] = [];
      for await (const page of client.catalogue()) names.push(...page);
      return names.filter(isRepositoryName).sort();
    },
    tags: async (repository) => {
      const names: string[] = [];
      for await (const page of client.tags(repository)) if (page.kind === "tags") names.push(...page.tags);
      return [...new Set(names)].sort();
    },
    manifest: async (repository, reference) => {
      const found = await readManifest(client, repository, reference);
      return found && { ...found, uploadedAtMs: uploadTime(repository, found.digest) };
    },
    config: async (repository, digest) => {
      const answer = await client.readBlob(repository, digest, MAX_CONFIG_BYTES);
      if (answer.kind === "present") return answer.body;
      if (answer.kind === "absent") return null;
      throw new RegistryError("bad_response", `the config ${digest} is ${answer.kind}`);
    },
    hasBlob: async (repository, digest, sizeBytes) =>
      (await client.blob(repository, digest, sizeBytes, "range")).kind === "present",
    delete: (repository, digest) => client.deleteManifest(repository, digest),
  };
}

async function readManifest(
  client: RegistryClient,
  repository: string,
  reference: string,
): Promise<TargetManifest | null> {
  const answer = await client.manifest(repository, reference);
  if (answer.kind === "absent") return null;
  if (answer.kind === "truncated") {
    const detail = `${answer.actual} of ${answer.expected} bytes arrived`;
    throw new RegistryError("bad_response", `the manifest ${reference} is cut short: ${detail}`);
  }
  const { body, contentType } = answer;
  const digest = Digest.parse(reference) ?? Digest.parse(answer.contentDigest) ?? Digest.sha256(body);
  if (!digest.verifies(body)) {
    throw new RegistryError("bad_response", `the manifest ${reference} has not the bytes of ${digest}`);
  }
  return { digest, body, contentType, uploadedAtMs: null };
}
