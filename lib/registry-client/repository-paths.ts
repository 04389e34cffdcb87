import type { Digest } from "../oci/digest";
import { encodePath } from "./encode-path";

/** @throws RegistryError bad_response for a name that cannot stand in a URL */
export function blobPath(repository: string, digest: Digest): string {
  return `/v2/${encodePath(repository)}/blobs/${digest.toString()}`;
}

/** Where an upload begins; its slash at the end is the specification's. */
export function uploadPath(repository: string): string {
  return `/v2/${encodePath(repository)}/blobs/uploads/`;
}

/** What a token is asked for that reads. */
export function pullScope(repository: string): string {
  return `repository:${repository}:pull`;
}

/** What a token is asked for that reads and writes. */
export function pushScope(repository: string): string {
  return `repository:${repository}:pull,push`;
}
