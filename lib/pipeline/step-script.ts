/** A value that a step's environment has; a secret by its name, never its value. */
export type StepValue = string | { readonly secret: string };

/** What a step runs, in POSIX shell as it is meant: each renderer escapes it for its own pipeline. */
export interface StepScript {
  /** Pinned: `node:22.14.0-alpine@sha256:…`. */
  readonly image: string;
  readonly environment: Readonly<Record<string, StepValue>>;
  /** One command a line, run by `sh -e`. Variables are the shell's: `"$IMAGE"`. */
  readonly commands: readonly string[];
}
