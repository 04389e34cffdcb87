/** Secrets that show by their own shape, wherever in a text they stand. */

export interface SecretSpan {
  readonly from: number;
  readonly to: number;
  readonly why: string;
}

interface Shape {
  readonly why: string;
  /** With the flags g and d; the secret is the group `secret`, or all of it. */
  readonly pattern: RegExp;
  /** A word of which the text must have one: most texts are passed over by it. */
  readonly hints: readonly string[];
}

/** Each is linear: no two neighbouring parts can take the same characters. */
const SHAPES: readonly Shape[] = [
  {
    why: "a private key in PEM",
    pattern:
      /-----BEGIN (?:[A-Z0-9]+ ){0,4}PRIVATE KEY(?: BLOCK)?-----(?<secret>[\s\S]*?)(?:-----END [A-Z0-9 ]{0,60}-----|$)/dg,
    hints: ["PRIVATE KEY"],
  },
  { why: "a token of GitHub", pattern: /\bgh[pousr]_[A-Za-z0-9]{20,}/dg, hints: ["gh"] },
  { why: "a token of GitHub", pattern: /\bgithub_pat_\w{20,}/dg, hints: ["github_pat_"] },
  { why: "a token of GitLab", pattern: /\bglpat-[\w-]{16,}/dg, hints: ["glpat-"] },
  { why: "a token of Docker Hub", pattern: /\bdckr_(?:pat|oat)_[\w-]{16,}/dg, hints: ["dckr_"] },
  { why: "a token of Slack", pattern: /\bxox[abeoprs]-[A-Za-z0-9-]{10,}/dg, hints: ["xox"] },
  {
    why: "a webhook of Slack",
    pattern: /\bhooks\.slack\.com\/services\/(?<secret>[\w/-]{20,})/dg,
    hints: ["hooks.slack.com"],
  },
  { why: "an access key of AWS", pattern: /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/dg, hints: ["AKIA", "ASIA"] },
  { why: "a token of Vault", pattern: /\bhvs\.[\w-]{20,}/dg, hints: ["hvs."] },
  { why: "a token of npm", pattern: /\bnpm_[A-Za-z0-9]{30,}/dg, hints: ["npm_"] },
  {
    why: "a JSON Web Token",
    pattern: /\beyJ[\w-]{8,}\.eyJ[\w-]{4,}\.[\w-]{8,}/dg,
    hints: ["eyJ"],
  },
  {
    why: "a line of htpasswd",
    pattern:
      /(?:\$2[abxy]?\$\d\d\$[./A-Za-z0-9]{53}|\$apr1\$[./A-Za-z0-9]{1,8}\$[./A-Za-z0-9]{22}|\{SHA\}[A-Za-z0-9+/]{27}=)/dg,
    hints: ["$2", "$apr1$", "{SHA}"],
  },
  {
    why: "a password in a URL",
    pattern: /\b[A-Za-z][A-Za-z0-9+.-]{0,20}:\/\/[^\s/:@?#"'<>`]{0,200}:(?<secret>[^\s/@"'<>`]{1,500})@/dg,
    hints: ["://"],
  },
  {
    why: "an Authorization header",
    pattern:
      /\bauthorization["']?\s{0,4}[:=]\s{0,4}["']?(?:basic|bearer|token)\s{1,4}(?<secret>[\w+/=.~-]{8,})/dgi,
    hints: ["uthorization", "UTHORIZATION"],
  },
];

/** `$VAR`, `${…}`, `{{ … }}`, `%{…}`, `<password>`, `***`, `…`: what stands in for a value. */
const STAND_IN =
  /^(?:\$[A-Za-z_]\w*|\$?\$\{[^}]*\}?|\$\([^)]*\)?|\{\{[^}]*(?:\}\})?|%\{.*|<[^>]*>?|\*+|x{3,}|\.{3}|…)$/s;

/** Where they stand, by place, none within another. */
export function secretSpans(text: string): readonly SecretSpan[] {
  const found: SecretSpan[] = [];
  for (const { why, pattern, hints } of SHAPES) {
    if (!hints.some((hint) => text.includes(hint))) continue;
    for (const match of text.matchAll(pattern)) {
      const [from, to] = match.indices?.groups?.secret ?? match.indices?.[0] ?? [0, 0];
      if (to > from && !STAND_IN.test(text.slice(from, to))) found.push({ from, to, why });
    }
  }
  found.sort((a, b) => a.from - b.from || b.to - a.to);
  let end = 0;
  return found.filter((span) => {
    const isOutside = span.from >= end;
    if (isOutside) end = span.to;
    return isOutside;
  });
}

/** Whether the text only stands in for a value that another program fills in. */
export function isStandIn(text: string): boolean {
  return STAND_IN.test(text.trim());
}
