/** A kept body beyond this is large. */
export const LARGE_BODY_BYTES = 512 * 1024;

/**
 * The turn of large bodies: one of a client's is read at a time, first come, first served, so that as many as it has
 * connections cannot be in memory together. Whoever has the turn waits for nothing but its own connection.
 */
export class LargeBodies {
  /** The first of them has the turn. */
  private readonly line = new Map<object, () => void>();

  /** @returns null where it may be read on at once, else when it may */
  join(body: object): Promise<void> | null {
    const isFirst = this.line.size === 0;
    if (isFirst) this.line.set(body, () => undefined);
    return isFirst ? null : new Promise((resolve) => this.line.set(body, resolve));
  }

  /** Read, given up, or never in the line. */
  leave(body: object): void {
    const [first] = this.line.keys();
    this.line.delete(body);
    if (first !== body) return;
    const [next] = this.line.values();
    next?.();
  }
}
