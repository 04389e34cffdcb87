/**
 * Blobs, with the status codes and texts of the distribution registry 2.8.
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#pulling-blobs
 * https://www.rfc-editor.org/rfc/rfc9110#name-range-requests
 */
import { Digest } from "../oci/digest";
import type { RegistryRequest } from "./registry-request";
import { API_VERSION, emptyReply, errorReply, type Reply, textReply, unroutedReply } from "./reply";
import type { Storage } from "./storage";

/**
 * @param redirectOrigin where GETs of blobs are sent on to, or null to serve them here
 */
export function blobRoute(
  request: RegistryRequest,
  repository: string,
  reference: string,
  storage: Storage,
  redirectOrigin: string | null,
): Reply {
  const digest = Digest.parse(reference);
  if (digest === null) {
    if (!/^[\w+.-]+:[A-Za-z0-9]+$/.test(reference)) return unroutedReply();
    return errorReply(400, "DIGEST_INVALID", "provided digest did not match uploaded content", {});
  }
  const size = storage.statBlob(repository, digest);
  switch (request.method) {
    case "GET":
    case "HEAD":
      if (size === null) return blobUnknown(`${digest}`);
      if (redirectOrigin !== null && request.method === "GET") {
        return emptyReply(307, { location: `${redirectOrigin}/blob/${digest}?signature=once` });
      }
      return blobReply(digest, size, storage.data(digest), request.headers.range);
    case "DELETE":
      if (size === null || !storage.hasBlobLink(repository, digest)) return blobUnknown();
      storage.cache.forget(repository, `${digest}`);
      storage.deleteBlobLink(repository, digest);
      return emptyReply(202);
    default:
      return errorReply(405, "UNSUPPORTED", "The operation is unsupported.");
  }
}

/** The bytes themselves, as the other host serves them after a redirect: by digest, without repository. */
export function redirectedBlobRoute(request: RegistryRequest, storage: Storage): Reply {
  const digest = Digest.parse(request.path.replace(/^\/blob\//, ""));
  const data = digest === null ? null : storage.data(digest);
  if (digest === null || data === null) return textReply(404, "NoSuchKey");
  // As object stores do: one way of authorization is enough, two are refused.
  if (request.headers.authorization !== undefined) return textReply(400, "InvalidArgument: Authorization");
  return blobReply(digest, data.length, data, request.headers.range);
}

/**
 * @param size what the registry believes, and promises, whatever the data is
 */
function blobReply(
  digest: Digest,
  size: number,
  data: Buffer | null,
  rangeHeader: string | undefined,
): Reply {
  const stored = (data ?? Buffer.alloc(0)).subarray(0, size);
  const headers = {
    "content-type": "application/octet-stream",
    "cache-control": "max-age=31536000",
    "docker-content-digest": `${digest}`,
    etag: `"${digest}"`,
    ...API_VERSION,
  };
  const range = rangeHeader === undefined ? null : parseRange(rangeHeader, size);
  if (range === null) {
    return {
      status: 200,
      headers: { ...headers, "accept-ranges": "bytes" },
      body: stored,
      promisedBytes: size,
    };
  }
  if (range === "unsatisfiable" || range === "malformed") {
    const text = range === "malformed" ? "invalid range\n" : "invalid range: failed to overlap\n";
    return {
      status: 416,
      headers: {
        ...headers,
        "content-type": "text/plain; charset=utf-8",
        ...(range === "malformed" ? {} : { "content-range": `bytes */${size}` }),
      },
      body: Buffer.from(text).subarray(0, size),
      promisedBytes: size, // 2.8 promises the blob's length here, and closes the connection after the text
    };
  }
  return {
    status: 206,
    headers: {
      ...headers,
      "accept-ranges": "bytes",
      "content-range": `bytes ${range.first}-${range.last}/${size}`,
    },
    body: stored.subarray(range.first, range.last + 1),
    promisedBytes: range.last - range.first + 1,
  };
}

interface ByteRange {
  readonly first: number;
  /** Inclusive. */
  readonly last: number;
}

/** One range of a Range header; null asks for the whole, which is also the answer to several ranges. */
export function parseRange(header: string, size: number): ByteRange | "unsatisfiable" | "malformed" | null {
  if (/^bytes=.*,/.test(header)) return null;
  const [, from, to] = /^bytes=(\d*)-(\d*)$/.exec(header) ?? [];
  if (from === undefined || to === undefined || (from === "" && to === "")) return "malformed";
  if (from === "") {
    const length = Math.min(Number(to), size);
    return { first: size - length, last: size - 1 };
  }
  const first = Number(from);
  if (first >= size) return "unsatisfiable";
  if (to !== "" && Number(to) < first) return "malformed";
  return { first, last: to === "" ? size - 1 : Math.min(Number(to), size - 1) };
}

function blobUnknown(digest?: string): Reply {
  return errorReply(404, "BLOB_UNKNOWN", "blob unknown to registry", digest);
}
