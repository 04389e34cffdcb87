/** What a command may touch of the world, handed in so that tests can watch it. */
export interface CliEnvironment {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Standard output: the report and nothing else. */
  readonly write: (text: string) => void;
  /** Standard error: progress, warnings, errors. */
  readonly writeError: (text: string) => void;
  /** Standard error is a terminal. */
  readonly isTerminal: boolean;
  readonly isOutputTerminal: boolean;
  readonly now: () => number;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** 0 up to 1. */
  readonly random: () => number;
  /** Calls the listener when the process is asked to end; returns what takes the listener away again. */
  readonly onStop: (listener: () => void) => () => void;
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
    isOutputTerminal: process.stdout.isTTY === true,
    now: Date.now,
    sleep,
    random: Math.random,
    onStop,
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

const STOP_SIGNALS = ["SIGTERM", "SIGINT"] as const;
/** What may keep a process alive after it was asked to end: a name that is being resolved cannot be called off. */
const LINGER_MS = 700;

function onStop(listener: () => void): () => void {
  const stop = (): void => {
    // A second signal finds no listener, and ends the process at once.
    remove();
    listener();
    setTimeout(() => process.exit(), LINGER_MS).unref();
  };
  const remove = (): void => {
    for (const signal of STOP_SIGNALS) process.removeListener(signal, stop);
  };
  for (const signal of STOP_SIGNALS) process.on(signal, stop);
  return remove;
}
