import type { CliEnvironment } from "../../lib/cli/environment";
import { processEnvironment } from "../../lib/cli/environment";
import { runProgram } from "../../lib/cli/run-program";
import type { Finding, Report } from "../../lib/integrity/report";

export interface TallymanRun {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command line in this process, with an environment of its own. */
export async function tallyman(
  words: readonly string[],
  overrides: Partial<CliEnvironment> = {},
): Promise<TallymanRun> {
  let stdout = "";
  let stderr = "";
  const exitCode = await runProgram(words, {
    ...processEnvironment(),
    env: {},
    write: (text) => {
      stdout += text;
    },
    writeError: (text) => {
      stderr += text;
    },
    isTerminal: false,
    ...overrides,
  });
  return { exitCode, stdout, stderr };
}

export interface ReportRun extends TallymanRun {
  readonly report: Report;
}

/** Runs a probe or verify without rate limit, and reads its JSON report. */
export async function reportOf(
  words: readonly string[],
  overrides: Partial<CliEnvironment> = {},
): Promise<ReportRun> {
  const run = await tallyman([...words, "--rate", "0", "--format", "json"], overrides);
  if (run.stdout === "") throw new Error(`no report: exit ${run.exitCode}, ${run.stderr}`);
  return { ...run, report: JSON.parse(run.stdout) as Report };
}

/** A finding as one line, short enough for a table of expectations: `kind repository tag,tag [platform]`. */
export function brief(finding: Finding): string {
  const platform = finding.platform === null ? "" : ` [${finding.platform}]`;
  return `${finding.kind} ${finding.repository} ${finding.tags.join(",")}${platform}`;
}

export function damageOf(report: Report): string[] {
  return report.findings.filter(({ severity }) => severity === "damage").map(brief);
}
