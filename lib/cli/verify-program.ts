/**
 * The program of a pipeline's step: `verify` alone, bundled into one file that is small enough to travel in an
 * environment variable. The same code as the command of that name.
 */
import { parseCommandLine, quoted, UsageError } from "./arguments";
import { processEnvironment } from "./environment";
import { guarded } from "./guarded";
import { formatHelp, VERIFY_COMMAND } from "./option-table";
import { readVerifyOptions, verify } from "./verify-command";

const environment = processEnvironment();
const [name, ...words] = process.argv.slice(2);

void guarded(environment, async () => {
  if (name !== VERIFY_COMMAND.name) {
    throw new UsageError(
      `this program has the command verify alone, got ${name === undefined ? "none" : quoted(name)}`,
    );
  }
  const raw = parseCommandLine(VERIFY_COMMAND, words);
  if (raw.values.help !== true) return verify(readVerifyOptions(raw, environment.now()), environment);
  environment.write(formatHelp(VERIFY_COMMAND));
  return 0;
}).then((code) => {
  process.exitCode = code;
});
