import { parseCommandLine } from "../../../lib/cli/arguments";
import { type CliEnvironment, processEnvironment } from "../../../lib/cli/environment";
import { guarded } from "../../../lib/cli/guarded";
import { RETAIN_COMMAND, retain } from "../../../lib/cli/retain/retain-command";
import type { RetentionReport } from "../../../lib/cli/retain/retention-report";

export interface RetainRun {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `tallyman retain` in this process, without rate limit. */
export async function runRetain(words: readonly string[]): Promise<RetainRun> {
  let stdout = "";
  let stderr = "";
  const environment: CliEnvironment = {
    ...processEnvironment(),
    env: {},
    isTerminal: false,
    write: (text) => {
      stdout += text;
    },
    writeError: (text) => {
      stderr += text;
    },
  };
  const exitCode = await guarded(environment, () =>
    retain(parseCommandLine(RETAIN_COMMAND, [...words, "--rate", "0"]), environment),
  );
  return { exitCode, stdout, stderr };
}

/** The same with its report. */
export async function reportOfRetain(
  words: readonly string[],
): Promise<RetainRun & { readonly report: RetentionReport }> {
  const run = await runRetain([...words, "--format", "json"]);
  if (run.stdout === "") throw new Error(`no report: exit ${run.exitCode}, ${run.stderr}`);
  return { ...run, report: JSON.parse(run.stdout) as RetentionReport };
}

export type Actions = Readonly<Record<string, string>>;

/** `action why` by tag, of the repository. */
export function actionsOf(report: RetentionReport, repository = "app"): Actions {
  const found = report.repositories.find((one) => one.repository === repository);
  return Object.fromEntries((found?.tags ?? []).map(({ tag, action, why }) => [tag, `${action} ${why}`]));
}
