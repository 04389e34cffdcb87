import { availableParallelism } from "node:os";
import { formatScanMetrics } from "../../integrity/disk/scan-metrics";
import type { ScanReport } from "../../integrity/disk/scan-model";
import { scanStorage } from "../../integrity/disk/scan-storage";
import { quoted, type RawArguments } from "../arguments";
import type { CliEnvironment } from "../environment";
import { errorCode } from "../error-code";
import { EXIT_DAMAGE, EXIT_INCOMPLETE } from "../exit-codes";
import { fixLayerLinks } from "./fix-layer-links";
import { renderScan } from "./render-scan";
import { readScanOptions } from "./scan-options";
import { writeTextfile } from "./write-textfile";

export { SCAN_COMMAND } from "./scan-options";

/** More than these wait for the disk, not for a processor. */
const MAX_THREADS = 4;

/** @returns the exit code. @throws UsageError */
export async function scan(raw: RawArguments, environment: CliEnvironment): Promise<number> {
  const options = readScanOptions(raw, environment.now());
  const random32 = (): number => Math.floor(environment.random() * 2 ** 32) | 0;
  const result = await scanStorage({
    root: options.root,
    found: options.found,
    roleOf: (registry) => options.roles.get(registry) ?? "authoritative",
    slice: options.slice,
    seed: random32(),
    threads: Math.min(availableParallelism(), MAX_THREADS),
    now: environment.now,
    sleep: (ms) => environment.sleep(ms),
  });
  const { report } = result;
  const instanceOf = (registry: string): string => options.instances.get(registry) ?? registry;
  const metrics = formatScanMetrics(report, instanceOf, environment.now());
  if (options.format === "json") environment.write(`${JSON.stringify(report)}\n`);
  else if (options.format === "prometheus") environment.write(metrics);
  else environment.write(renderScan(report));
  let isDone = true;
  if (options.textfile !== null) {
    try {
      writeTextfile(options.textfile, metrics, random32().toString(36).replace("-", ""));
    } catch (error) {
      environment.writeError(
        `tallyman: --textfile ${quoted(options.textfile)} cannot be written (${errorCode(error)})\n`,
      );
      isDone = false;
    }
  }
  if (options.fixLayerLinks) isDone = fixLayerLinks(result, options.dryRun, environment) && isDone;
  return exitCode(report, isDone);
}

function exitCode(report: ScanReport, isDone: boolean): number {
  if (report.registries.some(({ findings }) => findings.damage > 0)) return EXIT_DAMAGE;
  return report.complete && isDone ? 0 : EXIT_INCOMPLETE;
}
