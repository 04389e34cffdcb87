import type { SyntheticEstate, TagPlace } from "./synthetic-estate";

/** What was pushed and deleted since the beginning: a few bytes a push, nothing a tag. */
export class Pushes {
  private readonly versions = new Map<number, number>();
  private readonly added = new Map<number, number>();
  private readonly removed = new Set<number>();
  /** Versions below are deleted; what a tag no longer points to otherwise stays. */
  private readonly kept = new Map<number, number>();
  /** All of them. */
  count = 0;

  constructor(private readonly estate: SyntheticEstate) {}

  /** How many tags were ever there; those removed are among them. */
  tagsEver(repository: number): number {
    return this.estate.tagsIn(repository) + (this.added.get(repository) ?? 0);
  }

  /** What the tag points to now; null for a tag that is not there. */
  current(repository: number, tag: number): TagPlace | null {
    if (tag >= this.tagsEver(repository) || this.removed.has(keyOf(repository, tag))) return null;
    return { repository, tag, version: this.versions.get(keyOf(repository, tag)) ?? 0 };
  }

  /** Whether what was pushed is still held: all of it, until a clean-up takes what its tag no longer points to. */
  isHeld({ repository, tag, version }: TagPlace): boolean {
    const key = keyOf(repository, tag);
    if (tag >= this.tagsEver(repository) || this.removed.has(key)) return false;
    return version >= (this.kept.get(key) ?? 0) && version <= (this.versions.get(key) ?? 0);
  }

  /** The tag points to a new image from now on. @param cleansUp what it pointed to is deleted at once */
  move(repository: number, tag: number, cleansUp: boolean): void {
    const key = keyOf(repository, tag);
    const version = (this.versions.get(key) ?? 0) + 1;
    this.versions.set(key, version);
    if (cleansUp) this.kept.set(key, version);
    this.count++;
  }

  add(repository: number): void {
    this.added.set(repository, (this.added.get(repository) ?? 0) + 1);
    this.count++;
  }

  /** With all that it alone points to. */
  remove(repository: number, tag: number): void {
    this.removed.add(keyOf(repository, tag));
    this.count++;
  }
}

function keyOf(repository: number, tag: number): number {
  return repository * 65_536 + tag;
}
