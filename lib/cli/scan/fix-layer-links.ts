import {
  type DanglingLink,
  type LinkOutcome,
  removeDanglingLink,
} from "../../integrity/disk/layer-link-repair";
import type { ScanResult } from "../../integrity/disk/scan-storage";
import type { CliEnvironment } from "../environment";

/**
 * Removes what the scan found dangling, and says on standard error what became of it. Nothing is removed while
 * anything is undetermined: what could not be read may need the links.
 *
 * @returns whether all was done that was asked for
 */
export function fixLayerLinks(
  { report, danglingLinks }: ScanResult,
  isDryRun: boolean,
  environment: CliEnvironment,
): boolean {
  if (!report.complete) {
    environment.writeError("tallyman: no layer link was removed: not everything could be read\n");
    return false;
  }
  const counts: Record<LinkOutcome["kind"], number> = { removed: 0, young: 0, served: 0, failed: 0 };
  for (const link of danglingLinks) {
    const outcome = removeDanglingLink(link, environment.now(), isDryRun);
    counts[outcome.kind]++;
    const said = isDryRun && outcome.kind === "removed" ? "would be removed" : failure(outcome);
    if (said !== null) environment.writeError(`tallyman: ${nameOf(link)} ${said}\n`);
  }
  const verb = isDryRun ? "would be removed" : "removed";
  const young = counts.young > 0 ? `, ${counts.young} left that are younger than an hour` : "";
  const served = counts.served > 0 ? `, ${counts.served} left whose data came meanwhile` : "";
  const failed = counts.failed > 0 ? `, ${counts.failed} failed` : "";
  environment.writeError(
    `tallyman: ${counts.removed} dangling layer links ${verb}${young}${served}${failed}\n`,
  );
  return counts.failed === 0;
}

function failure(outcome: LinkOutcome): string | null {
  return outcome.kind === "failed" ? outcome.detail : null;
}

function nameOf({ registry, repository, digest }: DanglingLink): string {
  return `${registry} ${repository} layer link ${digest}`;
}
