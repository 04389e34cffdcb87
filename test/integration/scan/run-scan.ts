import { type CliEnvironment, processEnvironment } from "../../../lib/cli/environment";
import { main } from "../../../lib/cli/main";
import type { ScanReport } from "../../../lib/integrity/disk/scan-model";
import type { Report } from "../../../lib/integrity/report";

/** Runs `tallyman scan` in this process. */
export async function runScan(words: readonly string[], overrides: Partial<CliEnvironment> = {}) {
  let stdout = "";
  let stderr = "";
  const exitCode = await main(["scan", ...words], {
    ...processEnvironment(),
    env: {},
    isTerminal: false,
    write: (text) => {
      stdout += text;
    },
    writeError: (text) => {
      stderr += text;
    },
    ...overrides,
  });
  return { exitCode, stdout, stderr };
}

/** The same, with its JSON report read. */
export async function scanOf(words: readonly string[], overrides: Partial<CliEnvironment> = {}) {
  const run = await runScan([...words, "--format", "json"], overrides);
  if (run.stdout === "") throw new Error(`no report: exit ${run.exitCode}, ${run.stderr}`);
  return { ...run, report: JSON.parse(run.stdout) as ScanReport };
}

interface Line {
  readonly kind: string;
  readonly severity: string;
  readonly repository: string | null;
  readonly tags: readonly string[];
  readonly digest: string | null;
}

/** Kinds that a walk over the network cannot see. */
const ON_DISK_ALONE = ["layer_link_dangling", "revision_dangling", "blob_unreferenced"];

/** What walk and scan both can say, in an order that both have. */
export function linesOf(report: Report | ScanReport): string[] {
  const findings: readonly Line[] = report.findings;
  return findings
    .filter(({ kind }) => !ON_DISK_ALONE.includes(kind))
    .map(({ kind, repository, tags, digest }) => `${repository} ${tags.join(",")} ${kind} ${digest}`)
    .sort();
}
