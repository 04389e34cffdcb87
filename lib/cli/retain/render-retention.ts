import { printable } from "../../core/printable";
import type { RetentionReport } from "./retention-report";

const MAX_ROWS = 500;
type Repository = RetentionReport["repositories"][number];

/** The plan, and what was done of it, for people. Nothing of a registry reaches the terminal unescaped. */
export function renderRetention(report: RetentionReport): string {
  const lines = [
    `${printable(report.registry)}: ${report.applied === null ? "plan, nothing was changed" : "applied"}`,
  ];
  for (const reason of report.blocked) lines.push(`  left alone: ${printable(reason, 500)}`);
  for (const repository of report.repositories) lines.push("", ...repositoryLines(repository, report));
  lines.push(
    "",
    ...summary(report),
    "note: the API lists no manifest that no tag reaches: such are neither counted nor deleted. Garbage collection frees",
    "the bytes, and less of them where such a manifest shares some",
    "",
  );
  return lines.join("\n");
}

function repositoryLines(repository: Repository, report: RetentionReport): string[] {
  const { tags, deletions } = repository;
  const count = (action: string): number => tags.filter((tag) => tag.action === action).length;
  const lines = [
    `${printable(repository.repository)}: ${count("keep")} tags kept, ${count("stay")} stay, ${count("drop")} go; ` +
      `${deletions.length} manifests to delete, up to ${formatBytes(repository.bytesFreed)}`,
    ...repository.reasons
      .slice(0, MAX_ROWS)
      .map((reason) => `  ${repository.state}: ${printable(reason, 500)}`),
  ];
  if (repository.state !== "planned") return lines;
  for (const action of ["drop", "stay", "keep"] as const) {
    for (const tag of tags.filter((entry) => entry.action === action).slice(0, MAX_ROWS)) {
      const name = printable(tag.tag, 128);
      lines.push(
        `  ${action}  ${name}  ${tag.digest.slice(0, 19)}  ${tag.created ?? "no date"}  ${tag.why}: ${printable(tag.detail)}`,
      );
    }
    const more = count(action) - MAX_ROWS;
    if (more > 0) lines.push(`  … and ${more} more: --format json lists them`);
  }
  if (report.applied !== null) {
    for (const { digest, done, tags: names } of deletions) {
      const was = names.length === 0 ? "" : `  ${names.map((name) => printable(name, 128)).join(", ")}`;
      lines.push(`  ${done ? "deleted" : "not deleted"}  ${digest}${was}`);
    }
  }
  return lines;
}

function summary({ applied, repositories, bytesFreed, complete }: RetentionReport): string[] {
  const planned = repositories.reduce((sum, { deletions }) => sum + deletions.length, 0);
  const size = formatBytes(bytesFreed);
  if (applied === null) {
    const word = complete ? "PLAN" : "INCOMPLETE PLAN";
    return [`${word}: ${planned} manifests would be deleted, up to ${size} freed; --apply does it`];
  }
  const { deleted, surprise, verified } = applied;
  const done = `${deleted} of ${planned} manifests deleted`;
  if (surprise !== null) {
    return [
      `STOPPED at ${printable(surprise.repository)}: ${printable(surprise.detail, 500)}`,
      `${done}. What was listed by a deleted index alone is named above as not deleted: no API lists it any more`,
    ];
  }
  const proof =
    verified === null
      ? ""
      : verified
        ? "; every tag that stays is whole"
        : "; NOT every tag that stays is proven whole";
  return [`DONE: ${done}, up to ${size} freed by the next garbage collection${proof}`];
}

function formatBytes(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"] as const;
  let value = bytes;
  let at = 0;
  while (value >= 1024 && at < units.length - 1) {
    value /= 1024;
    at++;
  }
  return `${at === 0 ? value : value.toFixed(1)} ${units[at]}`;
}
