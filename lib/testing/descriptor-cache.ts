/**
 * What the distribution registry 2.8 remembers with `cache.blobdescriptor: inmemory`: the size of each blob once
 * asked for, per repository and over all, until a restart. It is why HEAD lies after a garbage collection.
 */
export class DescriptorCache {
  readonly #sizes = new Map<string, number>();

  constructor(private readonly isEnabled: boolean) {}

  /** Bytes, or null. Without a repository: what any of them has asked for. */
  size(repository: string | null, digest: string): number | null {
    return this.#sizes.get(key(repository, digest)) ?? null;
  }

  remember(repository: string, digest: string, size: number): void {
    if (!this.isEnabled) return;
    this.#sizes.set(key(repository, digest), size);
    this.#sizes.set(key(null, digest), size);
  }

  forget(repository: string, digest: string): void {
    this.#sizes.delete(key(repository, digest));
    this.#sizes.delete(key(null, digest));
  }

  clear(): void {
    this.#sizes.clear();
  }
}

function key(repository: string | null, digest: string): string {
  return `${repository ?? ""}@${digest}`;
}
