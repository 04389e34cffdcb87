/**
 * Paging of lists, as registries really do it.
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#listing-tags
 */
import { printable } from "../core/printable";
import { RegistryError } from "./answers";
import { nextLink } from "./link-header";

/** Entries asked for: the distribution registry 2.8 refuses 1,001. */
export const PAGE_SIZE = 1000;
export const MAX_PAGES = 10_000;
export const MAX_NAMES = 1_000_000;
/** Pages in a row without an entry, but with a Link to a next one: lists filtered by rights have some. */
const MAX_EMPTY_PAGES = 16;

/** Where a list goes on. Follows Link, and `last` where full pages come without Link; never goes in a circle. */
export class Pager {
  private readonly seenPaths = new Set<string>();
  private readonly seenNames = new Set<string>();
  private emptyPages = 0;
  private next: string | null;

  /** @param base path of the list, as `/v2/_catalog` */
  constructor(private readonly base: string) {
    this.next = `${base}?n=${PAGE_SIZE}`;
  }

  /** Path and query of the page to read next; null after the last. */
  get path(): string | null {
    return this.next;
  }

  /**
   * Takes in the page of `path`, and moves on.
   *
   * @returns the names that no page before had
   * @throws RegistryError bad_response when the list goes in a circle, limit when it does not end
   */
  accept(names: readonly string[], link: string | undefined): readonly string[] {
    const current = this.next ?? this.base;
    this.seenPaths.add(current);
    const fresh: string[] = [];
    for (const name of names) {
      if (this.seenNames.has(name)) continue;
      this.seenNames.add(name);
      fresh.push(name);
    }
    const reference = nextLink(link);
    this.next =
      reference === null ? this.byLast(names, fresh) : this.byLink(reference, current, names, fresh);
    if (this.next !== null) this.checkLimits();
    return fresh;
  }

  private byLink(
    reference: string,
    current: string,
    names: readonly string[],
    fresh: readonly string[],
  ): string {
    const path = pathOf(reference, current);
    if (path === null) throw this.refused("has a Link that leads out of /v2/");
    this.emptyPages = names.length === 0 ? this.emptyPages + 1 : 0;
    const isCircle = names.length > 0 && fresh.length === 0;
    if (isCircle || this.seenPaths.has(path) || this.emptyPages > MAX_EMPTY_PAGES) {
      throw this.refused("is paged in a circle");
    }
    return path;
  }

  /**
   * Gitea and Forgejo send no Link. A registry that ignores `n` and `last` sends the same list again, seldom of just
   * this length: then one more page is asked for, brings nothing new, and is the end.
   */
  private byLast(names: readonly string[], fresh: readonly string[]): string | null {
    const last = names.at(-1);
    if (last === undefined || names.length !== PAGE_SIZE || fresh.length === 0) return null;
    const path = `${this.base}?n=${PAGE_SIZE}&last=${encodeURIComponent(Buffer.from(last).toString())}`;
    return this.seenPaths.has(path) ? null : path;
  }

  private checkLimits(): void {
    if (this.seenPaths.size < MAX_PAGES && this.seenNames.size < MAX_NAMES) return;
    throw new RegistryError(
      "limit",
      `${printable(this.base)} does not end: ${this.seenPaths.size} pages with ${this.seenNames.size} names were read`,
    );
  }

  private refused(what: string): RegistryError {
    return new RegistryError("bad_response", `the list ${printable(this.base)} ${what}`);
  }
}

/** Path and query alone: scheme and host of a Link are not followed. */
function pathOf(reference: string, current: string): string | null {
  try {
    const url = new URL(reference, `http://registry.invalid${current}`);
    return url.pathname.startsWith("/v2/") ? `${url.pathname}${url.search}` : null;
  } catch {
    return null;
  }
}
