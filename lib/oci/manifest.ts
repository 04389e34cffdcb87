/**
 * Manifests and indexes, read from bytes that nobody vouches for.
 * https://github.com/opencontainers/image-spec/blob/v1.1.0/manifest.md
 * https://github.com/opencontainers/image-spec/blob/v1.1.0/image-index.md
 */
import { type Descriptor, isObject, type JsonObject, MalformedError, parseDescriptor } from "./descriptor";
import { essence, isImageType, isIndexType, isSchema1Type } from "./media-type";

interface Parsed {
  /** Content-Type, else the body's own, else the empty string. */
  readonly mediaType: string;
  readonly subject: Descriptor | null;
  /** `org.opencontainers.image.created`, when the manifest carries it. */
  readonly created: string | null;
}

export interface IndexManifest extends Parsed {
  readonly kind: "index";
  readonly manifests: readonly Descriptor[];
}

export interface ImageManifest extends Parsed {
  readonly kind: "image";
  readonly config: Descriptor | null;
  readonly layers: readonly Descriptor[];
}

/** Schema 1, which has no descriptors, or a shape that no specification we know describes. */
export interface OpaqueManifest extends Parsed {
  readonly kind: "schema1" | "unknown";
}

export type Manifest = IndexManifest | ImageManifest | OpaqueManifest;

/**
 * What the bytes are, decided by Content-Type, then by the body's `mediaType`, then by its shape: an index
 * without a `mediaType` is legal, and is an index all the same.
 *
 * @param contentType the answer's Content-Type, or null
 * @param maxDescriptors more entries than this are refused
 * @throws MalformedError when the bytes are not JSON, or a field breaks the specification
 */
export function parseManifest(body: Buffer, contentType: string | null, maxDescriptors = 10_000): Manifest {
  const json = parseJson(body);
  const bodyType = typeof json.mediaType === "string" ? essence(json.mediaType) : "";
  const headerType = contentType === null ? "" : essence(contentType);
  const kind = kindOf(headerType) ?? kindOf(bodyType) ?? kindByShape(json);
  const common: Parsed = {
    mediaType: kindOf(headerType) === null && bodyType !== "" ? bodyType : headerType,
    subject:
      json.subject === undefined || json.subject === null ? null : parseDescriptor(json.subject, "subject"),
    created: createdOf(json),
  };
  if (kind === "index") {
    return { ...common, kind, manifests: parseList(json.manifests, "manifests", maxDescriptors) };
  }
  if (kind === "image") {
    // Docker's build caches and old artifacts have no config; the specification demands one.
    const config =
      json.config === undefined || json.config === null ? null : parseDescriptor(json.config, "config");
    if (config === null && isImageType(common.mediaType))
      throw new MalformedError("config", "be a descriptor");
    return { ...common, kind, config, layers: parseList(json.layers ?? [], "layers", maxDescriptors) };
  }
  return { ...common, kind };
}

function parseJson(body: Buffer): JsonObject {
  let json: unknown;
  try {
    json = JSON.parse(body.toString("utf8"));
  } catch {
    throw new MalformedError("manifest", "be JSON");
  }
  if (!isObject(json)) throw new MalformedError("manifest", "be a JSON object");
  return json;
}

function kindOf(mediaType: string): Manifest["kind"] | null {
  if (isIndexType(mediaType)) return "index";
  if (isImageType(mediaType)) return "image";
  if (isSchema1Type(mediaType)) return "schema1";
  return null;
}

function kindByShape(json: JsonObject): Manifest["kind"] {
  if (Array.isArray(json.manifests)) return "index";
  if (Array.isArray(json.layers) || isObject(json.config)) return "image";
  if (json.schemaVersion === 1 && Array.isArray(json.fsLayers)) return "schema1";
  return "unknown";
}

function parseList(value: unknown, path: string, max: number): Descriptor[] {
  if (!Array.isArray(value)) throw new MalformedError(path, "be an array");
  if (value.length > max) throw new MalformedError(path, `have at most ${max} entries, got ${value.length}`);
  return value.map((entry, i) => parseDescriptor(entry, `${path}[${i}]`));
}

function createdOf(json: JsonObject): string | null {
  if (!isObject(json.annotations)) return null;
  const created = json.annotations["org.opencontainers.image.created"];
  return typeof created === "string" ? created : null;
}
