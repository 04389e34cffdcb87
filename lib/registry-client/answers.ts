/**
 * What a registry can answer, as data. Only what the registry said definitely is an answer; all else (no
 * connection, no rights, no time, no sense) is a `RegistryError` and proves nothing.
 */

/** Why a question has no answer. Closed. */
export type RegistryErrorCode =
  | "unauthorized"
  | "throttled"
  | "timeout"
  | "unreachable"
  | "tls"
  | "server_error"
  | "bad_response"
  | "body_too_large"
  | "limit"
  | "catalog_unsupported"
  | "budget_spent";

/** The registry gave no definite answer. Match on `code`. The message holds no secret and no raw registry text. */
export class RegistryError extends Error {
  override readonly name = "RegistryError";

  constructor(
    readonly code: RegistryErrorCode,
    message: string,
    readonly details: {
      /** HTTP status of the last try, or null when there was none. */
      readonly status?: number | null;
      /** Whether another try, later, may well succeed. */
      readonly retryable?: boolean;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, { cause: details.cause });
  }

  get status(): number | null {
    return this.details.status ?? null;
  }

  get retryable(): boolean {
    return this.details.retryable ?? false;
  }
}

/** 404 or 410, from the registry itself (an HTML page of something before it is no such answer). */
export interface Absent {
  readonly kind: "absent";
  readonly status: number;
  /** `MANIFEST_UNKNOWN`, `NAME_UNKNOWN`, `BLOB_UNKNOWN` …, or null where the body names none. */
  readonly errorCode: string | null;
}

/** Fewer bytes arrived, or are said to be there, than were promised. */
export interface Truncated {
  readonly kind: "truncated";
  readonly expected: number;
  readonly actual: number;
}

export interface ManifestPresent {
  readonly kind: "present";
  readonly body: Buffer;
  /** Content-Type, or null. */
  readonly contentType: string | null;
  /** Docker-Content-Digest as sent, or null. */
  readonly contentDigest: string | null;
}

export type ManifestAnswer = ManifestPresent | Absent | Truncated;

export interface BlobPresent {
  readonly kind: "present";
  /** Body bytes that crossed the wire for this proof. */
  readonly bytes: number;
  /** Whether all bytes were read and have the digest. */
  readonly hashed: boolean;
}

/** The registry holds another number of bytes than the descriptor says: more, where it is not `truncated`. */
export interface SizeMismatch {
  readonly kind: "size_mismatch";
  readonly expected: number;
  readonly actual: number;
}

/** All bytes arrived, and they are not those of the digest. */
export interface DigestMismatch {
  readonly kind: "digest_mismatch";
  readonly actual: string;
}

export type BlobAnswer = BlobPresent | Absent | Truncated | SizeMismatch | DigestMismatch;

/** `unlisted`: the registry knows no such repository (NAME_UNKNOWN). An empty repository is a page without tags. */
export type TagsPage =
  | { readonly kind: "tags"; readonly tags: readonly string[] }
  | { readonly kind: "unlisted" };

/** How much of a blob is asked for. */
export type BlobMode = "head" | "range" | "full";
