import { RegistryError } from "./answers";

type Fail = (error: unknown) => void;

/** Ends all that is under way at once: when the signal says so, or when its owner does. */
export class StopSwitch {
  private readonly pending = new Set<Fail>();
  private stopped: RegistryError | null = null;
  private readonly onAbort = (): void => this.stop(budgetSpent());

  /** @param onStop what else is to end, after the failures; with the error that ended all */
  constructor(
    private readonly signal: AbortSignal | null,
    private readonly onStop: (error: RegistryError) => void,
  ) {
    if (signal?.aborted) this.stopped = budgetSpent();
    else signal?.addEventListener("abort", this.onAbort, { once: true });
  }

  /** What ended all; null before. */
  get error(): RegistryError | null {
    return this.stopped;
  }

  /** Has `fail` called when all ends, unless it is forgotten first. */
  remember(fail: Fail): void {
    this.pending.add(fail);
  }

  /** @returns whether it was still to be called */
  forget(fail: Fail): boolean {
    return this.pending.delete(fail);
  }

  /** The promise that `start` makes, or the error that ends all, whichever is first. */
  abortable(start: () => Promise<void>): Promise<void> {
    if (this.stopped !== null) return Promise.reject(this.stopped);
    return new Promise((resolve, reject) => {
      this.remember(reject);
      const settle = (): void => {
        this.forget(reject);
        resolve();
      };
      start().then(settle, (error: unknown) => {
        this.forget(reject);
        reject(this.stopped ?? error);
      });
    });
  }

  /** Where all has ended already, the first error stands. */
  stop(error: RegistryError): void {
    this.stopped ??= error;
    this.signal?.removeEventListener("abort", this.onAbort);
    for (const fail of [...this.pending]) fail(this.stopped);
    this.pending.clear();
    this.onStop(this.stopped);
  }
}

function budgetSpent(): RegistryError {
  return new RegistryError("budget_spent", "the time given to the whole walk is spent", { retryable: true });
}
