import { createHash } from "node:crypto";
import { unescapeTemplate } from "./terraform-text";

/** Stands where a hash of something stood that is compared itself. */
export const HASH = "<hash>";

const SHA256 = /^[0-9a-f]{64}$/;
/** A line of sha256sum. */
const SUM_LINE = /^([0-9a-f]{64})(?= [ *]\S)/gm;
/** The build part of a version: `1.0.0+0123456789ab`. */
const BUILD_PART = /^(\d+\.\d+\.\d+\+)([0-9a-f]{12})$/;
/** cdktf's folder of an asset, and that of our own rendered ones: https://developer.hashicorp.com/terraform/cdktf/concepts/assets */
const ASSET_FOLDER = /(?<![\w-])(?:\.\/)?assets\/[\w.-]+\/[0-9A-Fa-f]{16,64}(?![\w-])/g;
/** What a release of the registry's host is uploaded to; the id is made of the hashes of its files. */
const RELEASE_FOLDER = /\/incoming\/([0-9a-f]{16})-\$\{self\.id\}/g;
/** Shorter texts are no contents that anybody hashes. */
const MIN_HASHED_LENGTH = 8;

/** The contents that an output holds, by their hashes: only these hashes say nothing of their own. */
export class ContentHashes {
  private readonly contents = new Set<string>();
  private readonly prefixes = new Set<string>();
  private readonly folders = new Set<string>();
  private readonly releases = new Set<string>();

  /** @param isChecksumHidden whether `checksum/…` and triggers are hidden though their content is not known */
  constructor(private readonly isChecksumHidden = false) {}

  addContent(content: string | Uint8Array): string {
    const hash = createHash("sha256").update(content).digest("hex");
    this.addHash(hash);
    return hash;
  }

  /** @param hash SHA-256 in hexadecimal */
  addHash(hash: string): void {
    this.contents.add(hash);
    this.prefixes.add(hash.slice(0, 12));
  }

  /** A folder's name that begins or is the hash of all its files. */
  addFolder(name: string): void {
    if (/^[0-9a-f]{16,64}$/.test(name)) this.folders.add(name.slice(0, 16));
  }

  addRelease(id: string): void {
    if (/^[0-9a-f]{16}$/.test(id)) this.releases.add(id);
  }

  /** Every string of a stack's JSON, and the releases that it uploads. */
  addStack(value: unknown): void {
    if (typeof value === "string") {
      for (const [, id = ""] of value.matchAll(RELEASE_FOLDER)) this.addRelease(id);
      if (value.length >= MIN_HASHED_LENGTH) this.addContent(unescapeTemplate(value));
    } else if (typeof value === "object" && value !== null) {
      for (const item of Object.values(value)) this.addStack(item);
    }
  }

  /**
   * The text without hashes of known contents. An image's digest or a pin, `sha256:…`, is never one.
   *
   * @param key under which the text stands
   * @param parent the key above
   */
  mask(text: string, key: string, parent: string): string {
    if (SHA256.test(text)) return this.isKnown(text) || this.isHidden(key, parent) ? HASH : text;
    const build = BUILD_PART.exec(text);
    if (build !== null) return this.prefixes.has(build[2] ?? "") ? `${build[1]}${HASH}` : text;
    return this.maskWithin(text);
  }

  private maskWithin(text: string): string {
    let masked = text
      .replace(ASSET_FOLDER, `assets/${HASH}`)
      .replace(SUM_LINE, (hash) => (this.isKnown(hash) ? HASH : hash));
    for (const id of this.releases) masked = masked.replaceAll(id, HASH);
    return masked;
  }

  private isKnown(hash: string): boolean {
    return this.contents.has(hash) || this.folders.has(hash.slice(0, 16));
  }

  private isHidden(key: string, parent: string): boolean {
    return this.isChecksumHidden && (key.startsWith("checksum/") || parent === "triggers_replace");
  }
}
