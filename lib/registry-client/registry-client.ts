/**
 * A client of the distribution API, for reading and for putting back a manifest.
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md
 */
import { isObject } from "../oci/descriptor";
import type { Digest } from "../oci/digest";
import { MANIFEST_ACCEPT } from "../oci/media-type";
import {
  type Absent,
  type BlobAnswer,
  type BlobMode,
  type DigestMismatch,
  type ManifestAnswer,
  RegistryError,
  type TagsPage,
  type Truncated,
} from "./answers";
import { blobProof } from "./blob-proof";
import { type RegistryClientOptions, sessionOptions } from "./client-options";
import { encodePath } from "./encode-path";
import { contentLength, DROP_BODY, type HttpRequest, keepBody, type Reply } from "./http-message";
import { parseJsonReply } from "./json-reply";
import { redactTarget } from "./origin";
import { Pager } from "./pager";
import { absentOf, bad, refusal } from "./refusal";
import { RegistrySession } from "./registry-session";
import { blobPath, pullScope, pushScope } from "./repository-paths";

const MIB = 1024 * 1024;
const DEFAULT_MAX_MANIFEST_BYTES = 10 * MIB;
const DEFAULT_WHOLE_BLOB_BUDGET_BYTES = 64 * MIB;
const MAX_PAGE_BYTES = 10 * MIB;
const CATALOGUE_SCOPE = "registry:catalog:*";

const COMMON = ["Accept-Encoding", "identity", "User-Agent", "tallyman"] as const;
const GET_JSON = getUpTo(MAX_PAGE_BYTES, [...COMMON, "Accept", "application/json"]);

/** A blob small enough to be kept whole, with its digest proven. */
export interface SmallBlobPresent {
  readonly kind: "present";
  readonly body: Buffer;
}

/**
 * One registry. Every method answers with what the registry said definitely, and throws `RegistryError` for all
 * else. Names are taken as they are: whoever lists them checks their grammar.
 */
export class RegistryClient {
  /** `host` or `host:port`. */
  readonly host: string;
  /** What streams blobs, up or down, shares its credentials, connections and pace. */
  readonly session: RegistrySession;
  private readonly getManifest: HttpRequest;
  private readonly wholeBlobBudgetBytes: number;

  /** @throws ConfigurationError for options that cannot be */
  constructor(options: RegistryClientOptions) {
    const checked = sessionOptions(options);
    this.host = checked.origin.host;
    this.session = new RegistrySession(checked);
    const maxBytes = options.maxManifestBytes ?? DEFAULT_MAX_MANIFEST_BYTES;
    this.getManifest = getUpTo(maxBytes, [...COMMON, "Accept", MANIFEST_ACCEPT.join(", ")]);
    this.wholeBlobBudgetBytes = options.wholeBlobBudgetBytes ?? DEFAULT_WHOLE_BLOB_BUDGET_BYTES;
  }

  /** Requests sent (retries, redirects and tokens too), answers that throttled, body bytes read. */
  get stats(): { readonly requests: number; readonly throttled: number; readonly bytes: number } {
    return this.session.transport.stats;
  }

  /** Epoch milliseconds at which the certificate that the registry showed last expires; null before, and for http. */
  get tlsNotAfter(): number | null {
    return this.session.transport.tlsNotAfter;
  }

  /** Ends the connections, those in use too; later calls fail. */
  close(): void {
    this.session.transport.close();
  }

  /** The repositories, page by page, none twice. @throws RegistryError catalog_unsupported where there is no list */
  async *catalogue(): AsyncGenerator<readonly string[]> {
    const pager = new Pager("/v2/_catalog");
    for (let path = pager.path; path !== null; path = pager.path) {
      const reply = await this.session.request(path, GET_JSON, CATALOGUE_SCOPE, "fail");
      if (reply.status === 405 || absentOf(reply) !== null) {
        const what = "this registry lists no repositories: name those to check";
        throw new RegistryError("catalog_unsupported", `${redactTarget(reply.target)}: ${what}`, {
          status: reply.status,
        });
      }
      yield pager.accept(pageNames(reply, "repositories"), reply.headers.link);
    }
  }

  /** The tags of a repository, page by page, none twice; in whatever order the registry has them. */
  async *tags(repository: string): AsyncGenerator<TagsPage> {
    const pager = new Pager(`/v2/${encodePath(repository)}/tags/list`);
    for (let path = pager.path; path !== null; path = pager.path) {
      const reply = await this.session.request(path, GET_JSON, pullScope(repository), "fail");
      if (absentOf(reply)?.errorCode === "NAME_UNKNOWN") {
        yield { kind: "unlisted" };
        return;
      }
      yield { kind: "tags", tags: pager.accept(pageNames(reply, "tags"), reply.headers.link) };
    }
  }

  /** The manifest as its bytes, not yet held against a digest. */
  async manifest(repository: string, reference: string): Promise<ManifestAnswer> {
    const path = `/v2/${encodePath(repository)}/manifests/${encodePath(reference)}`;
    const reply = await this.readWhole(path, this.getManifest, pullScope(repository));
    const early = absentOf(reply) ?? truncatedOf(reply);
    if (early !== null) return early;
    return {
      kind: "present",
      body: reply.body,
      contentType: reply.headers["content-type"] ?? null,
      contentDigest: reply.headers["docker-content-digest"] ?? null,
    };
  }

  /**
   * Whether a blob is there, proven as `mode` can.
   *
   * @param size bytes, as the descriptor says
   */
  async blob(repository: string, digest: Digest, size: number, mode: BlobMode): Promise<BlobAnswer> {
    const path = blobPath(repository, digest);
    const scope = pullScope(repository);
    const proof = blobProof({ digest, size, wholeBlobBudgetBytes: this.wholeBlobBudgetBytes }, mode);
    const first = proof.judge(await this.session.request(path, proof.request, scope, "tell"));
    if (!first.isDoubtful) return first.answer;
    return proof.judge(await this.session.request(path, proof.request, scope, "tell")).answer;
  }

  /** A small blob, as a config, with its digest proven. @throws RegistryError body_too_large beyond `maxBytes` */
  async readBlob(
    repository: string,
    digest: Digest,
    maxBytes: number,
  ): Promise<SmallBlobPresent | Absent | Truncated | DigestMismatch> {
    const get = getUpTo(maxBytes, COMMON);
    const reply = await this.readWhole(blobPath(repository, digest), get, pullScope(repository));
    const early = absentOf(reply) ?? truncatedOf(reply);
    if (early !== null) return early;
    const hex = digest.hasher().update(reply.body).digest("hex");
    if (hex === digest.hex) return { kind: "present", body: reply.body };
    return { kind: "digest_mismatch", actual: `${digest.algorithm}:${hex}` };
  }

  /** Puts a manifest's bytes under a tag or its digest. @throws RegistryError when they are not taken */
  async putManifest(repository: string, reference: string, contentType: string, body: Buffer): Promise<void> {
    const path = `/v2/${encodePath(repository)}/manifests/${encodePath(reference)}`;
    const headers = [...COMMON, "Content-Type", contentType, "Content-Length", String(body.length)];
    const put: HttpRequest = { method: "PUT", headers, body, planBody: () => keepBody(MIB) };
    const reply = await this.session.request(path, put, pushScope(repository), "tell");
    if (reply.status < 200 || reply.status > 299) throw refusal(reply);
  }

  /** Deletes a manifest by its digest, and so every tag that points to it. @throws RegistryError when it refuses */
  async deleteManifest(repository: string, digest: Digest): Promise<"deleted" | "absent"> {
    const path = `/v2/${encodePath(repository)}/manifests/${digest.toString()}`;
    const scope = `repository:${repository}:pull,delete`;
    const request: HttpRequest = {
      method: "DELETE",
      headers: COMMON,
      body: null,
      planBody: () => keepBody(MIB),
    };
    const reply = await this.session.request(path, request, scope, "tell");
    if (reply.status >= 200 && reply.status <= 299) return "deleted";
    if (absentOf(reply) !== null) return "absent";
    throw refusal(reply);
  }

  /** Whether the registry answers those who have no credentials; ours are not sent, and no token is asked for. */
  async anonymousAccess(): Promise<"refused" | "allowed"> {
    const reply = await this.session.request("/v2/", GET_JSON, null, "tell");
    if (reply.status === 200) return "allowed";
    const error = refusal(reply);
    if (error.code === "unauthorized") return "refused";
    throw error;
  }

  /** A reply with its body whole, or cut short twice in a row, or absent. */
  private async readWhole(path: string, request: HttpRequest, scope: string): Promise<Reply> {
    let reply = await this.session.request(path, request, scope, "fail_unmeasured");
    if (reply.status === 200 && reply.end === "cut") {
      reply = await this.session.request(path, request, scope, "fail_unmeasured");
    }
    if (absentOf(reply) === null && reply.status !== 200) throw refusal(reply);
    if (reply.status === 200 && reply.end === "stopped") throw tooLarge(reply);
    return reply;
  }
}

function getUpTo(maxBytes: number, headers: readonly string[]): HttpRequest {
  const plan = keepBody(maxBytes);
  const planBody: HttpRequest["planBody"] = (head) =>
    (contentLength(head) ?? 0) > maxBytes ? DROP_BODY : plan;
  return { method: "GET", headers, body: null, planBody };
}

function truncatedOf(reply: Reply): Truncated | null {
  if (reply.end !== "cut") return null;
  return { kind: "truncated", expected: contentLength(reply) ?? reply.bytes, actual: reply.bytes };
}

function pageNames(reply: Reply, key: "repositories" | "tags"): readonly string[] {
  if (reply.status !== 200) throw refusal(reply);
  if (reply.end === "stopped") throw tooLarge(reply);
  const json = parseJsonReply(reply);
  const value = isObject(json) ? json[key] : undefined;
  // An empty repository has `"tags": null`.
  if (value === null) return [];
  if (!Array.isArray(value)) throw bad(reply, `with what is no JSON list of ${key}`);
  const names: readonly unknown[] = value;
  if (!names.every((name) => typeof name === "string")) throw bad(reply, `with ${key} that are no texts`);
  return names;
}

function tooLarge(reply: Reply): RegistryError {
  return new RegistryError(
    "body_too_large",
    `${redactTarget(reply.target)} answered with a body beyond the cap`,
    {
      status: reply.status,
    },
  );
}
