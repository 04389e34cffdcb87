import { ImagePin } from "./image-pin";

export const IMAGE_LOCK_SCHEMA = "tallyman.lock/1";

/** What is known of a tag. A digest is never guessed: what was not resolved says so. */
export type LockedImage = ResolvedImage | UnresolvedImage;

export interface ResolvedImage {
  readonly status: "resolved";
  /** `<alg>:<hex>` of the bytes that the tag resolves to: an index's, where the image has more than one platform. */
  readonly digest: string;
  /** Of those bytes: a single platform's image has a manifest's type here. */
  readonly mediaType: string;
  /** When the tag was first seen to resolve to this digest, as ISO 8601 in UTC. */
  readonly resolvedAt: string;
  readonly reason: null;
}

export interface UnresolvedImage {
  readonly status: "unresolved";
  readonly digest: null;
  readonly mediaType: null;
  readonly resolvedAt: null;
  /** Why the last try had no answer: a code, such as `unreachable` or `not_found`. */
  readonly reason: string;
}

/** The text is no lock: where, and how to mend it. */
export class ImageLockError extends Error {
  override readonly name = "ImageLockError";
}

const DIGEST = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/;
const MEDIA_TYPE = /^[a-z0-9][a-z0-9.+_-]*\/[a-z0-9][a-z0-9.+_-]*$/;
const INSTANT = /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{8,12}Z$/;
const REASON = /^[a-z0-9_]{1,40}$/;
const FIELDS = ["digest", "mediaType", "reason", "resolvedAt", "status"];
const FIX = "Delete the entry, and let `tallyman pin` write it again";

/** Which bytes the tags of an infrastructure stand for, by `name:tag`. Immutable. */
export class ImageLock {
  static readonly EMPTY = new ImageLock(new Map());

  private constructor(
    /** Sorted by key. */
    readonly images: ReadonlyMap<string, LockedImage>,
  ) {}

  /** @throws ImageLockError naming the entry that is wrong */
  static parse(text: string): ImageLock {
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch {
      throw new ImageLockError(
        "is no JSON. Bring back the committed file, or delete it and run `tallyman pin`",
      );
    }
    if (!isObject(json) || json.schema !== IMAGE_LOCK_SCHEMA || !isObject(json.images)) {
      throw new ImageLockError(`must be an object with the schema "${IMAGE_LOCK_SCHEMA}" and images`);
    }
    const images = Object.entries(json.images).map(([key, value]) => [key, parseEntry(key, value)] as const);
    return new ImageLock(new Map(images.sort(([a], [b]) => (a < b ? -1 : 1))));
  }

  /** The key under which a reference stands: `name:tag`, or null where there is no tag to resolve. */
  static keyOf(pin: ImagePin): string | null {
    return pin.tag === null ? null : `${pin.name}:${pin.tag}`;
  }

  with(key: string, image: LockedImage): ImageLock {
    const images = [...this.images, [key, image] as const];
    return new ImageLock(new Map([...new Map(images)].sort(([a], [b]) => (a < b ? -1 : 1))));
  }

  /**
   * The reference with the digest that its tag was resolved to; as written where the lock has none, or where the
   * reference carries its own.
   *
   * @throws ConfigurationError for a floating tag
   */
  pin(reference: string, path = "image"): ImagePin {
    const written = ImagePin.of(reference, path);
    const key = ImageLock.keyOf(written);
    const locked = key === null || written.digest !== null ? undefined : this.images.get(key);
    return locked?.status === "resolved" ? ImagePin.of(`${key}@${locked.digest}`, path) : written;
  }

  /** Keys of what has no digest. */
  get unresolved(): readonly string[] {
    return [...this.images].filter(([, { status }]) => status === "unresolved").map(([key]) => key);
  }

  /** The file: equal locks give equal bytes. */
  format(): string {
    const images = Object.fromEntries(
      [...this.images].map(([key, { status, digest, mediaType, resolvedAt, reason }]) => [
        key,
        { status, digest, mediaType, resolvedAt, reason },
      ]),
    );
    return `${JSON.stringify({ schema: IMAGE_LOCK_SCHEMA, images }, null, 2)}\n`;
  }
}

function parseEntry(key: string, value: unknown): LockedImage {
  const wrong = (rule: string): ImageLockError =>
    new ImageLockError(`images[${JSON.stringify(key)}] must ${rule}. ${FIX}`);
  const problem = ImagePin.check(key, "key")[0];
  if (problem !== undefined) throw wrong(`have a key that is a pinned image: must ${problem.rule}`);
  if (key.includes("@") || ImageLock.keyOf(ImagePin.of(key)) !== key) {
    throw wrong("have name:tag as its key, without a digest");
  }
  if (!isObject(value)) throw wrong("be an object");
  if (Object.keys(value).sort().join() !== FIELDS.join()) throw wrong(`have the fields ${FIELDS.join(", ")}`);
  const { status, digest, mediaType, resolvedAt, reason } = value;
  if (status === "unresolved") {
    if (digest !== null || mediaType !== null || resolvedAt !== null) {
      throw wrong("have null for digest, mediaType and resolvedAt, as it is unresolved");
    }
    if (!isText(reason, REASON)) throw wrong("have a reason such as unreachable, as it is unresolved");
    return { status, digest, mediaType, resolvedAt, reason };
  }
  if (status !== "resolved") throw wrong("have the status resolved or unresolved");
  if (!isText(digest, DIGEST)) throw wrong("have a whole digest, sha256:<64 lower-case hex>");
  if (!isText(mediaType, MEDIA_TYPE)) throw wrong("have the media type of what the digest names");
  if (!isText(resolvedAt, INSTANT) || Number.isNaN(Date.parse(resolvedAt))) {
    throw wrong("have resolvedAt as 2026-04-19T03:25:00.000Z");
  }
  if (reason !== null) throw wrong("have null for a reason, as it is resolved");
  return { status, digest, mediaType, resolvedAt, reason };
}

function isText(value: unknown, form: RegExp): value is string {
  return typeof value === "string" && form.test(value);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
