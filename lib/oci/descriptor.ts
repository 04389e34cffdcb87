/**
 * Descriptors: what points from one object of an image to the next.
 * https://github.com/opencontainers/image-spec/blob/v1.1.0/descriptor.md
 */
import { Digest } from "./digest";
import { essence } from "./media-type";

export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant: string | null;
  readonly osVersion: string | null;
}

export interface Descriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
  /** Content carried inline, decoded from base64. */
  readonly data: Buffer | null;
  readonly platform: Platform | null;
  /** `vnd.docker.reference.type`, or a platform that says unknown/unknown: provenance, not an image to run. */
  readonly isAttestation: boolean;
}

/** What is wrong with a document from a registry: where, and which rule it breaks. */
export class MalformedError extends Error {
  override readonly name = "MalformedError";
  constructor(path: string, rule: string) {
    super(`${path} must ${rule}`);
  }
}

export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** "os/architecture/variant", the form in which people and tools name a platform. */
export function formatPlatform(platform: Platform): string {
  const base = `${platform.os}/${platform.architecture}`;
  return platform.variant === null ? base : `${base}/${platform.variant}`;
}

/**
 * A descriptor from unknown JSON.
 * @throws MalformedError naming the field that is wrong
 */
export function parseDescriptor(value: unknown, path: string): Descriptor {
  if (!isObject(value)) throw new MalformedError(path, "be an object");
  const digest = Digest.parse(value.digest);
  if (digest === null) throw new MalformedError(`${path}.digest`, "be sha256:<64 hex> or sha512:<128 hex>");
  const { size } = value;
  if (typeof size !== "number" || !Number.isSafeInteger(size) || size < 0) {
    throw new MalformedError(`${path}.size`, "be a whole number of bytes, 0 or more");
  }
  const mediaType = value.mediaType ?? "";
  if (typeof mediaType !== "string") throw new MalformedError(`${path}.mediaType`, "be a string");
  const platform = parsePlatform(value.platform, `${path}.platform`);
  return {
    mediaType: essence(mediaType),
    digest,
    size,
    data: parseData(value.data, `${path}.data`),
    platform,
    isAttestation:
      (platform?.os === "unknown" && platform.architecture === "unknown") ||
      (isObject(value.annotations) && typeof value.annotations["vnd.docker.reference.type"] === "string"),
  };
}

function parseData(value: unknown, path: string): Buffer | null {
  if (value === undefined || value === null) return null;
  if (typeof value !== "string" || !/^[A-Za-z0-9+/]*={0,2}$/.test(value)) {
    throw new MalformedError(path, "be base64");
  }
  return Buffer.from(value, "base64");
}

function parsePlatform(value: unknown, path: string): Platform | null {
  if (value === undefined || value === null) return null;
  if (!isObject(value)) throw new MalformedError(path, "be an object");
  const text = (key: string): string | null => {
    const field = value[key];
    if (field === undefined || field === null || field === "") return null;
    if (typeof field !== "string") throw new MalformedError(`${path}.${key}`, "be a string");
    return field;
  };
  const os = text("os");
  const architecture = text("architecture");
  const variant = text("variant");
  const osVersion = text("os.version");
  // Some tools write empty platforms: one that says nothing must not pass for the unknown/unknown of an attestation.
  if (os === null && architecture === null) return null;
  return { os: os ?? "unknown", architecture: architecture ?? "unknown", variant, osVersion };
}
