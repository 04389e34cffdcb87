/**
 * Blobs into a registry: by mounting from a neighbour, else by one upload.
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#pushing-blobs
 */
import type { Digest } from "../oci/digest";
import type { BodySource, HttpRequest, Reply } from "./http-message";
import { keepBody } from "./http-message";
import { bad, refusal } from "./refusal";
import type { RegistrySession } from "./registry-session";
import { pullScope, pushScope, uploadPath } from "./repository-paths";
import { verifiedBody } from "./verified-body";

const COMMON = ["Accept-Encoding", "identity", "User-Agent", "tallyman"] as const;
const PLAN: HttpRequest["planBody"] = () => keepBody(64 * 1024);
const START: HttpRequest = {
  method: "POST",
  headers: [...COMMON, "Content-Length", "0"],
  body: null,
  planBody: PLAN,
};
const CANCEL: HttpRequest = { method: "DELETE", headers: COMMON, body: null, isOnce: true, planBody: PLAN };

/** Writes blobs by the session of a client, with its credentials. */
export class BlobWriter {
  constructor(private readonly session: RegistrySession) {}

  /**
   * Makes a blob of repository `from` one of `repository` too; no bytes travel.
   * @returns false where the registry wants them uploaded instead
   */
  async mount(repository: string, digest: Digest, from: string): Promise<boolean> {
    const query = new URLSearchParams({ mount: digest.toString(), from });
    const scope = `${pushScope(repository)} ${pullScope(from)}`;
    const reply = await this.session.request(`${uploadPath(repository)}?${query}`, START, scope, "tell");
    if (reply.status === 201) return true;
    if (reply.status !== 202) throw refusal(reply);
    await this.cancel(repository, this.session.locationOf(reply));
    return false;
  }

  /**
   * Streams a blob in one piece, whether or not the registry says that it has it: a cache may say so of what is lost.
   *
   * @throws WrongContentError when the source has other bytes: then nothing is stored
   * @throws RegistryError when the registry does not take them
   */
  async upload(repository: string, digest: Digest, source: BodySource): Promise<void> {
    const scope = pushScope(repository);
    const started = await this.session.request(uploadPath(repository), START, scope, "tell");
    if (started.status !== 202) throw unexpected(started);
    const location = this.session.locationOf(started);
    const put: HttpRequest = {
      method: "PUT",
      headers: [...COMMON, "Content-Type", "application/octet-stream", "Content-Length", String(source.size)],
      body: verifiedBody(source, digest),
      isOnce: true,
      planBody: PLAN,
    };
    // The query of the Location is the upload's state, and goes back as it came.
    const path = `${location}${location.includes("?") ? "&" : "?"}digest=${encodeURIComponent(digest.toString())}`;
    try {
      const reply = await this.session.request(path, put, scope, "tell");
      if (reply.status < 200 || reply.status > 299) throw refusal(reply);
    } catch (error) {
      await this.cancel(repository, location);
      throw error;
    }
  }

  /** An upload that came to nothing is taken back; where that fails too, the registry purges it in its own time. */
  private async cancel(repository: string, location: string): Promise<void> {
    await this.session.request(location, CANCEL, pushScope(repository), "tell").catch(() => undefined);
  }
}

function unexpected(reply: Reply): Error {
  return reply.status >= 200 && reply.status <= 299
    ? bad(reply, "where an upload should begin")
    : refusal(reply);
}
