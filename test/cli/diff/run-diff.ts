import { type CliEnvironment, processEnvironment } from "../../../lib/cli/environment";
import { main } from "../../../lib/cli/main";

/** Runs `tallyman diff` in this process. */
export async function runDiff(words: readonly string[], overrides: Partial<CliEnvironment> = {}) {
  let stdout = "";
  let stderr = "";
  const code = await main(["diff", ...words], {
    ...processEnvironment(),
    env: { PATH: process.env.PATH },
    isTerminal: false,
    isOutputTerminal: false,
    write: (text) => {
      stdout += text;
    },
    writeError: (text) => {
      stderr += text;
    },
    ...overrides,
  });
  return { code, stdout, stderr };
}
