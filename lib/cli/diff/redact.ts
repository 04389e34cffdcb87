import { printable } from "../../core/printable";

const MAX_LINES = 20;
const HIDDEN = "…";

/** What a program's output may show of a secret: each with what is put in its place. */
const SECRETS: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, HIDDEN],
  [/([a-z][a-z0-9+.-]*:\/\/)[^\s/@]+@/gi, `$1${HIDDEN}@`],
  [/\b(bearer|basic) +[\w+/.~=-]{6,}/gi, `$1 ${HIDDEN}`],
  [/\b(?:gh[a-z]_|github_pat_|glpat-|hv[sb]\.|xox[a-z]-|npm_|dckr_pat_)[\w.-]{8,}/g, HIDDEN],
  [/\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g, HIDDEN],
  [/\beyJ[\w-]{8,}\.[\w-]+\.?[\w-]*/g, HIDDEN],
  [
    /((?:passw(?:or)?d|passphrase|token|secret|api[_-]?key|credentials?|authorization)[\w-]*["']?\s*[:=]\s*)(?:"[^"]*"|'[^']*'|[^\s,;]+)/gi,
    `$1${HIDDEN}`,
  ],
];

/** The end of what a program wrote, a line each, fit for a terminal and without what looks like a secret. */
export function redactedTail(output: string): readonly string[] {
  const text = redacted(output);
  // Colours are of no use, and as escapes hard to read.
  const plain = text.replace(/\u001b\[[0-9;]*m/g, "");
  const lines = plain.split(/\r?\n/).filter((line) => line.trim() !== "");
  return lines.slice(-MAX_LINES).map((line) => printable(line));
}

/** Without what looks like a secret. */
export function redacted(text: string): string {
  return SECRETS.reduce((shown, [pattern, replacement]) => shown.replace(pattern, replacement), text);
}
