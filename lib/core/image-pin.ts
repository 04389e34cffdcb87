import { ConfigurationError, type Problem } from "./problem";

const NAME =
  /^(?:(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9a-fA-F:]+\])(?::[0-9]{1,5})?\/)?[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?:\/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*$/;
const TAG = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;
const DIGEST = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/;
/** Three numbers are the fewest that no project moves by convention: 2 and 2.8 follow their newest patch. */
const EXACT_VERSION = /^v?[0-9]+\.[0-9]+\.[0-9]+(?:[._+-][A-Za-z0-9._-]*)?$/;

interface Parts {
  readonly name: string;
  readonly tag: string | null;
  readonly digest: string | null;
}

/** A container image that means the same bytes tomorrow: by an exact version, a digest, or both. */
export class ImagePin {
  private constructor(
    /** With its host where one is written. */
    readonly name: string,
    readonly tag: string | null,
    /** `<alg>:<hex>` */
    readonly digest: string | null,
  ) {}

  /**
   * Reads `name:1.2.3`, `name@sha256:<hex>` or `name:tag@sha256:<hex>`; with a digest any tag will do.
   *
   * @param path what the error calls the value
   * @throws ConfigurationError for a floating tag (`latest`, `2`, `2.8`, `alpine`) or none
   */
  static of(reference: string, path = "image"): ImagePin {
    ConfigurationError.throwIfAny(ImagePin.check(reference, path));
    const { name, tag, digest } = split(reference);
    return new ImagePin(name, tag, digest);
  }

  /** What keeps `of` from taking the reference; empty when nothing does. */
  static check(reference: string, path: string): readonly Problem[] {
    const { name, tag, digest } = split(reference);
    const problem = (rule: string, fix: string): readonly Problem[] => [
      { path, rule, value: reference, fix },
    ];
    if (!NAME.test(name)) {
      return problem(
        "name an image",
        "Write [host[:port]/]name in lower case, then :<version> or @sha256:<hex>.",
      );
    }
    if (digest !== null && !DIGEST.test(digest)) {
      return problem("have a whole digest", "Write sha256:<64 lower-case hex> after the @.");
    }
    if (tag !== null && !TAG.test(tag)) {
      return problem("have a valid tag", "A tag has letters, digits, _ . - and at most 128 of them.");
    }
    if (digest !== null || (tag !== null && EXACT_VERSION.test(tag))) return [];
    const fix = `Write the exact version, such as ${name}:2.8.3, or add the digest: ${reference}@sha256:<hex>.`;
    return problem(tag === null ? "be pinned" : "be pinned: its tag moves", fix);
  }

  /** The reference as the container runtime takes it. */
  toString(): string {
    const tag = this.tag === null ? "" : `:${this.tag}`;
    return `${this.name}${tag}${this.digest === null ? "" : `@${this.digest}`}`;
  }

  toJSON(): string {
    return this.toString();
  }
}

function split(reference: string): Parts {
  const at = reference.indexOf("@");
  const tagged = at < 0 ? reference : reference.slice(0, at);
  const digest = at < 0 ? null : reference.slice(at + 1);
  const colon = tagged.indexOf(":", tagged.lastIndexOf("/") + 1);
  return colon < 0
    ? { name: tagged, tag: null, digest }
    : { name: tagged.slice(0, colon), tag: tagged.slice(colon + 1), digest };
}
