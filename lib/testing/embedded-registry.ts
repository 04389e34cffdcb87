/**
 * A container registry in memory, on real sockets, that answers as the distribution registry 2.8 does, can be
 * damaged as real ones are, and can be scripted to fail.
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { type AuthOptions, Authority, type UserCredentials } from "./auth";
import { blobRoute, redirectedBlobRoute } from "./blob-routes";
import type { BuiltManifest } from "./built-manifest";
import { deliver } from "./deliver";
import { HttpListener, type TlsMaterial } from "./http-listener";
import { catalogueReply, type TagsPaging, tagsReply } from "./listings";
import { type ManifestBehaviour, manifestRoute } from "./manifest-routes";
import { type Listener, type RegistryRequest, routeOf } from "./registry-request";
import { emptyReply, errorReply, type Reply, textReply, unroutedReply } from "./reply";
import { type RequestRecord, recordOf, requestOf } from "./request-log";
import { type ActiveFault, Script, type ScriptedFault } from "./script";
import { Storage } from "./storage";
import { Uploads } from "./uploads";

/** Where registries differ. */
export interface RegistryBehaviour extends ManifestBehaviour {
  /** `cache.blobdescriptor: inmemory`: HEAD goes on saying 200 for what is lost, until `restart`. */
  readonly descriptorCache: boolean;
  /** A GET of a blob is sent on to the other host with 307. */
  readonly redirectBlobs: boolean;
  /** Entries of a page at most, whatever `n` asks for. */
  readonly pageLimit: number;
  /** Status of the catalogue where there is none: 404, 405, 401 … */
  readonly catalogueRefusal: number;
}

/** As docker-registry 2.8 with deletion enabled and the in-memory cache. */
export const DISTRIBUTION_2_8: RegistryBehaviour = {
  acceptRule: true,
  deleteByTag: "refuse",
  descriptorCache: true,
  redirectBlobs: false,
  pageLimit: Number.POSITIVE_INFINITY,
  catalogueRefusal: 404,
};

export interface EmbeddedRegistryOptions {
  /** @default everyone may do everything */
  readonly auth?: AuthOptions;
  /** Whether `/v2/_catalog` is there. @default true */
  readonly catalogue?: boolean;
  /** @default "none", as 2.8 */
  readonly tagsPaging?: TagsPaging;
  /** @default DISTRIBUTION_2_8 */
  readonly behaviour?: Partial<RegistryBehaviour>;
  /** @default plain http */
  readonly tls?: TlsMaterial;
  /** On 127.0.0.1. @default 0, a free one */
  readonly port?: number;
}

/** As GHCR: no catalogue, a token for each repository, paging by Link, blobs on another host. */
export function ghcrLike(
  credentials: UserCredentials,
  publicRepositories: readonly string[] = [],
): EmbeddedRegistryOptions {
  return {
    auth: { bearer: { credentials, publicRepositories } },
    catalogue: false,
    tagsPaging: "link",
    behaviour: { acceptRule: false, descriptorCache: false, redirectBlobs: true, catalogueRefusal: 405 },
  };
}

export class EmbeddedRegistry {
  readonly storage: Storage;
  readonly #behaviour: RegistryBehaviour;
  readonly #authority: Authority;
  readonly #uploads: Uploads;
  readonly #script = new Script();
  #requests: RequestRecord[] = [];
  #listener: HttpListener | null = null;
  #otherHost: HttpListener | null = null;
  #failure: unknown = null;

  private constructor(private readonly options: EmbeddedRegistryOptions) {
    this.#behaviour = { ...DISTRIBUTION_2_8, ...options.behaviour };
    this.storage = new Storage({ descriptorCache: this.#behaviour.descriptorCache });
    this.#authority = new Authority(options.auth ?? null);
    this.#uploads = new Uploads(this.storage);
  }

  /** Listens on loopback; `close` ends it. */
  static async start(options: EmbeddedRegistryOptions = {}): Promise<EmbeddedRegistry> {
    const registry = new EmbeddedRegistry(options);
    const listen = (listener: Listener, port: number): Promise<HttpListener> =>
      HttpListener.start(
        (request, response) => void registry.#serve(request, response, listener),
        options.tls ?? null,
        port,
      );
    registry.#listener = await listen("registry", options.port ?? 0);
    registry.#otherHost = await listen("other-host", 0);
    return registry;
  }

  /** `scheme://127.0.0.1:<port>` */
  get url(): string {
    return opened(this.#listener).origin;
  }

  /** `127.0.0.1:<port>`, the registry's part of an image reference. */
  get host(): string {
    return opened(this.#listener).host;
  }

  /** A second server, another host to every client: it asks for no credentials, and nobody should send it any. */
  get otherUrl(): string {
    return opened(this.#otherHost).origin;
  }

  /** Connections accepted so far, those of the other host apart. */
  get connections(): number {
    return opened(this.#listener).connections;
  }

  /** Every request since the start or the last `forgetRequests`, the other host's too, as they came in. */
  get requests(): readonly RequestRecord[] {
    return this.#requests;
  }

  /** Requests that took credentials to the other host. */
  get leaks(): readonly RequestRecord[] {
    return this.#requests.filter(
      (request) => request.listener === "other-host" && request.authorization !== "none",
    );
  }

  forgetRequests(): void {
    this.#requests = [];
  }

  /**
   * Fills the storage directly, without a request: whole graph, cold cache.
   * @param tag null stores it by digest alone
   */
  put(repository: string, tag: string | null, image: BuiltManifest): void {
    this.storage.put(repository, tag, image);
  }

  /** Lets requests fail from now on. */
  script(fault: ScriptedFault): ActiveFault {
    return this.#script.add(fault);
  }

  /** Ends all faults. */
  clearScript(): void {
    this.#script.clear();
  }

  /** Every token issued so far is refused from now on. */
  revokeTokens(): void {
    this.#authority.revokeTokens();
  }

  /** What a restart loses: the descriptor cache and open uploads. Port and connections stay. */
  restart(): void {
    this.storage.cache.clear();
    this.#uploads.clear();
  }

  /**
   * Ends both servers and every connection.
   * @throws what a hook or the registry itself threw while it served
   */
  async close(): Promise<void> {
    await Promise.all([this.#listener?.close(), this.#otherHost?.close()]);
    if (this.#failure !== null) throw this.#failure;
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse, listener: Listener): Promise<void> {
    const request = requestOf(incoming, listener);
    const record = recordOf(request);
    this.#requests.push(record);
    try {
      const delivery = await this.#script.play(request, (asked) => this.#answer(asked));
      if (delivery.stopAt?.point !== "before-headers") record.status = delivery.reply.status;
      if (!response.destroyed) deliver(response, delivery, request.method === "HEAD");
    } catch (error) {
      // A client that leaves in the middle of its upload is its own affair.
      if (incoming.readableAborted) return;
      this.#failure ??= error;
      if (response.headersSent) response.destroy();
      else deliver(response, { reply: errorReply(500, "UNKNOWN", "unknown error") }, false);
    }
  }

  async #answer(request: RegistryRequest): Promise<Reply> {
    const route = routeOf(request.path);
    if (route.kind === "token") return this.#authority.token(request);
    if (request.listener === "other-host") {
      if (request.path.startsWith("/blob/")) return redirectedBlobRoute(request, this.storage);
    } else {
      const challenge = this.#authority.check(request, route);
      if (challenge !== null) return challenge;
    }
    const { storage } = this;
    switch (route.kind) {
      case "base":
        return textReply(200, "{}", "application/json; charset=utf-8");
      case "catalogue":
        return this.options.catalogue === false
          ? emptyReply(this.#behaviour.catalogueRefusal)
          : catalogueReply(request, storage.repositories(), this.#behaviour.pageLimit);
      case "tags":
        return tagsReply(
          request,
          route.repository,
          storage.tags(route.repository),
          this.options.tagsPaging ?? "none",
          this.#behaviour.pageLimit,
        );
      case "manifest":
        return manifestRoute(request, route.repository, route.reference, storage, this.#behaviour);
      case "blob": {
        const redirectOrigin = this.#behaviour.redirectBlobs ? this.otherUrl : null;
        return blobRoute(request, route.repository, route.reference, storage, redirectOrigin);
      }
      case "upload":
        return this.#uploads.route(request, route.repository, route.reference);
      case "unknown":
        return unroutedReply();
    }
  }
}

function opened(listener: HttpListener | null): HttpListener {
  if (listener === null) throw new Error("the registry has not been started");
  return listener;
}
