import { parseCommandLine } from "../../../lib/cli/arguments";
import { type CliEnvironment, processEnvironment } from "../../../lib/cli/environment";
import { guarded } from "../../../lib/cli/guarded";
import { REPAIR_COMMAND, repair } from "../../../lib/cli/repair/repair-command";
import type { TallymanRun } from "../../support/tallyman";

export interface RepairItemJson {
  readonly kind: string;
  readonly repository: string;
  readonly tags: readonly string[];
  readonly digest: string | null;
  readonly action: string;
  readonly detail: string;
  readonly steps: readonly { do: string; digest: string; size: number; source: string; tag: string | null }[];
  readonly removeFiles: readonly string[];
  readonly rebuild: readonly unknown[];
  readonly outcome: string | null;
  readonly problem: string | null;
}

export interface RepairRunJson extends TallymanRun {
  readonly report: {
    readonly schema: string;
    readonly mode: string;
    readonly complete: boolean;
    readonly damage: number;
    readonly items: readonly RepairItemJson[];
  };
}

/** Runs `tallyman repair` in this process. */
export async function runRepair(
  words: readonly string[],
  overrides: Partial<CliEnvironment> = {},
): Promise<TallymanRun> {
  let stdout = "";
  let stderr = "";
  const own = processEnvironment();
  const environment: CliEnvironment = {
    ...own,
    // Waits between retries, as a registry that answers 500 costs them, are cut short.
    sleep: (ms, signal) => own.sleep(Math.min(ms, 20), signal),
    env: {},
    write: (text) => {
      stdout += text;
    },
    writeError: (text) => {
      stderr += text;
    },
    isTerminal: false,
    onStop: () => () => undefined,
    ...overrides,
  };
  const exitCode = await guarded(environment, async () =>
    repair(parseCommandLine(REPAIR_COMMAND, [...words, "--rate", "0"]), environment),
  );
  return { exitCode, stdout, stderr };
}

/** The same, with its JSON read. */
export async function repairJson(
  words: readonly string[],
  overrides: Partial<CliEnvironment> = {},
): Promise<RepairRunJson> {
  const run = await runRepair([...words, "--format", "json"], overrides);
  if (run.stdout === "") throw new Error(`no report: exit ${run.exitCode}, ${run.stderr}`);
  return { ...run, report: JSON.parse(run.stdout) as RepairRunJson["report"] };
}

/** `kind action outcome` of every item. */
export function outcomes(run: RepairRunJson): string[] {
  return run.report.items.map(({ kind, action, outcome }) => [kind, action, outcome].join(" "));
}
