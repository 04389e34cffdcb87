/** What a command may touch of the world, handed in so that tests can watch it. */
export interface CliEnvironment {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Standard output: the report and nothing else. */
  readonly write: (text: string) => void;
  /** Standard error: progress, warnings, errors. */
  readonly writeError: (text: string) => void;
  /** Standard error is a terminal. */
  readonly isTerminal: boolean;
  readonly now: () => number;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** 0 up to 1. */
  readonly random: () => number;
}

/** The process's own environment. */
export function processEnvironment(): CliEnvironment {
  return {
    env: process.env,
    write: (text) => {
      process.stdout.write(text);
    },
    writeError: (text) => {
      process.stderr.write(text);
    },
    isTerminal: process.stderr.isTTY === true,
    now: Date.now,
    sleep,
    random: Math.random,
  };
}

function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    if (signal?.aborted === true) done();
    else signal?.addEventListener("abort", done);
  });
}
