/**
 * Uploads of blobs: at once, in a session of chunks, or by mounting from another repository.
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#pushing-blobs
 */
import { Digest } from "../oci/digest";
import type { RegistryRequest } from "./registry-request";
import { emptyReply, errorReply, type Reply } from "./reply";
import type { Storage } from "./storage";

interface Session {
  readonly repository: string;
  readonly chunks: Buffer[];
}

export class Uploads {
  readonly #sessions = new Map<string, Session>();
  #started = 0;

  constructor(private readonly storage: Storage) {}

  /** Open sessions are lost, as when a registry restarts. */
  clear(): void {
    this.#sessions.clear();
  }

  /** @param id of the session; the empty string starts one */
  async route(request: RegistryRequest, repository: string, id: string): Promise<Reply> {
    if (id === "") {
      return request.method === "POST"
        ? this.#start(request, repository)
        : errorReply(405, "UNSUPPORTED", "The operation is unsupported.");
    }
    const session = this.#sessions.get(id);
    if (session?.repository !== repository) {
      return errorReply(404, "BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry");
    }
    switch (request.method) {
      case "GET":
        return this.#progress(204, request, id, session);
      case "PATCH":
        return this.#append(request, id, session);
      case "PUT":
        return this.#finish(request, id, session);
      case "DELETE":
        this.#sessions.delete(id);
        return emptyReply(204);
      default:
        return errorReply(405, "UNSUPPORTED", "The operation is unsupported.");
    }
  }

  async #start(request: RegistryRequest, repository: string): Promise<Reply> {
    const mount = Digest.parse(request.query.get("mount"));
    const from = request.query.get("from");
    if (mount !== null && from !== null && this.storage.statBlob(from, mount) !== null) {
      this.storage.linkBlob(repository, mount);
      return created(request, repository, mount);
    }
    const wanted = request.query.get("digest");
    if (wanted !== null) return this.#store(request, repository, wanted, await request.body());
    this.#started += 1;
    const session: Session = { repository, chunks: [] };
    const id = `upload-${this.#started}`;
    this.#sessions.set(id, session);
    return this.#progress(202, request, id, session);
  }

  async #append(request: RegistryRequest, id: string, session: Session): Promise<Reply> {
    const chunk = await request.body();
    const range = request.headers["content-range"];
    if (range !== undefined && Number(range.replace(/^bytes /, "").split("-")[0]) !== length(session)) {
      return this.#progress(416, request, id, session);
    }
    session.chunks.push(chunk);
    return this.#progress(202, request, id, session);
  }

  async #finish(request: RegistryRequest, id: string, session: Session): Promise<Reply> {
    session.chunks.push(await request.body());
    this.#sessions.delete(id);
    const content = Buffer.concat(session.chunks);
    return this.#store(request, session.repository, request.query.get("digest"), content);
  }

  #store(request: RegistryRequest, repository: string, wanted: string | null, content: Buffer): Reply {
    const digest = Digest.parse(wanted);
    if (digest?.verifies(content) !== true) {
      return errorReply(400, "DIGEST_INVALID", "provided digest did not match uploaded content");
    }
    this.storage.putBlob(repository, digest, content);
    this.storage.cache.remember(repository, `${digest}`, content.length);
    return created(request, repository, digest);
  }

  #progress(status: number, request: RegistryRequest, id: string, session: Session): Reply {
    return emptyReply(status, {
      location: `${request.origin}/v2/${session.repository}/blobs/uploads/${id}?_state=${id}`,
      range: `0-${Math.max(0, length(session) - 1)}`,
      "docker-upload-uuid": id,
    });
  }
}

function created(request: RegistryRequest, repository: string, digest: Digest): Reply {
  return emptyReply(201, {
    location: `${request.origin}/v2/${repository}/blobs/${digest}`,
    "docker-content-digest": `${digest}`,
  });
}

function length(session: Session): number {
  return session.chunks.reduce((sum, chunk) => sum + chunk.length, 0);
}
