import { stat } from "node:fs/promises";
import { printable } from "../../core/printable";
import { auditFiles } from "../../registry-host/audit/audit-files";
import { OptionReader, quoted, type RawArguments, UsageError } from "../arguments";
import type { CliEnvironment } from "../environment";
import { errorCode } from "../error-code";
import { EXIT_DAMAGE, EXIT_INCOMPLETE } from "../exit-codes";
import { type AuditReport, renderAuditGithub, renderAuditTable } from "./render-audit";
import { type WalkedFolder, walkFolder } from "./walk-folder";

export { AUDIT_COMMAND } from "./audit-spec";

/** @returns 1 for a setting that damages, else 2 where something could not be read, else 0. @throws UsageError */
export async function audit(raw: RawArguments, environment: CliEnvironment): Promise<number> {
  const [folder, ...more] = raw.positionals;
  if (folder === undefined || more.length > 0)
    throw new UsageError("audit needs one folder, as `tallyman audit .`");
  const format = new OptionReader(raw.values).choice("format", ["table", "json", "github"], "table");
  const report = reportOf(await walk(folder));
  for (const { file, line, text } of report.unread) {
    const where = line === null ? printable(file) : `${printable(file)}:${line}`;
    environment.writeError(`tallyman: ${where} could not be read: ${printable(text)}\n`);
  }
  if (format === "json") environment.write(`${JSON.stringify(report, null, 2)}\n`);
  else environment.write(format === "github" ? renderAuditGithub(report) : renderAuditTable(report));
  if (report.findings.some(({ severity }) => severity === "damage")) return EXIT_DAMAGE;
  return report.unread.length > 0 ? EXIT_INCOMPLETE : 0;
}

async function walk(folder: string): Promise<WalkedFolder> {
  try {
    if ((await stat(folder)).isDirectory()) return await walkFolder(folder);
  } catch (error) {
    throw new UsageError(
      `the folder ${quoted(folder)} cannot be read: ${errorCode(error)}. Give one that can`,
    );
  }
  throw new UsageError(`${quoted(folder)} is no folder. Give the folder of a repository`);
}

function reportOf({ files, skipped, unreadable }: WalkedFolder): AuditReport {
  const { findings, accepted, unparsed, auditedFiles } = auditFiles(files);
  return {
    schema: "tallyman.audit/1",
    findings,
    accepted,
    unread: [
      ...unreadable.map(({ path, code }) => ({ file: path, line: null, text: code })),
      ...unparsed.map(({ file, line, text }) => ({ file, line, text })),
    ],
    checked: { files: files.length, audited: auditedFiles, skipped },
  };
}
