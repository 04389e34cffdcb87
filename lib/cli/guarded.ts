import { ConfigurationError } from "../core/problem";
import { UsageError } from "./arguments";
import type { CliEnvironment } from "./environment";
import { EXIT_INCOMPLETE, EXIT_USAGE } from "./exit-codes";

/** Turns what was thrown into one line and an exit code; a stack trace is for whoever sets TALLYMAN_DEBUG. */
export async function guarded(environment: CliEnvironment, work: () => Promise<number>): Promise<number> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof UsageError || error instanceof ConfigurationError) {
      environment.writeError(`tallyman: ${error.message}\n`);
      return EXIT_USAGE;
    }
    const isDebug = (environment.env.TALLYMAN_DEBUG ?? "") !== "";
    const message =
      error instanceof Error ? ((isDebug ? error.stack : undefined) ?? error.message) : String(error);
    environment.writeError(`tallyman: unexpected error, please report it: ${message}\n`);
    return EXIT_INCOMPLETE;
  }
}
