/** Lines of a crontab, of a user or of /etc/cron.d. https://man7.org/linux/man-pages/man5/crontab.5.html */

export interface CronLine {
  /** `0 3 * * 0` or `@daily`. */
  readonly schedule: string;
  /** With the user before it where the line has one. */
  readonly command: string;
}

const NICKNAME = /^\s*(@(?:reboot|yearly|annually|monthly|weekly|daily|midnight|hourly))\s+(\S.*)$/;
const FIELD = "(?:\\*|[0-9]{1,2}|[A-Za-z]{3})(?:-(?:[0-9]{1,2}|[A-Za-z]{3}))?(?:/[0-9]{1,2})?";
const FIELDS = new RegExp(`^\\s*((?:${FIELD}(?:,${FIELD})*\\s+){5})(\\S.*)$`);

/** Null for what is no line with a schedule. */
export function parseCronLine(line: string): CronLine | null {
  // Longer than any crontab takes, and the pattern's cost grows with it.
  if (line.length > 4_000) return null;
  const match = NICKNAME.exec(line) ?? FIELDS.exec(line);
  return match === null
    ? null
    : { schedule: (match[1] as string).trim(), command: (match[2] as string).trim() };
}

/** Whether a text is a crontab: each line that says something is a schedule or a variable, one at least a schedule. */
export function isCrontab(text: string): boolean {
  const lines = text.split("\n").filter((line) => line.trim() !== "" && !/^\s*#/.test(line));
  const schedules = lines.filter((line) => parseCronLine(line) !== null);
  return (
    schedules.length > 0 && lines.every((line) => /^\s*\w+\s*=/.test(line) || parseCronLine(line) !== null)
  );
}
