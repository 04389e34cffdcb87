/**
 * What a registry demands with a 401.
 * https://www.rfc-editor.org/rfc/rfc9110#name-www-authenticate
 * https://distribution.github.io/distribution/spec/auth/token/
 */

export interface Challenge {
  /** Lower case: `bearer`, `basic` … */
  readonly scheme: string;
  /** By lower-case name; of a name given twice, the first. */
  readonly parameters: ReadonlyMap<string, string>;
}

const SEPARATORS = /[\s,]*/y;
const TOKEN = /[!#$%&'*+.^_`|~0-9A-Za-z-]+/y;
const EQUALS = /\s*=\s*/y;
const QUOTED = /"((?:[^"\\]|\\.)*)"/sy;
const TOKEN68 = /\s+[A-Za-z0-9._~+/-]+=*(?=\s*(?:,|$))/y;

/**
 * All challenges of a WWW-Authenticate header, several headers joined by commas. From the first thing that is no
 * grammar on, the rest is ignored.
 */
export function parseChallenges(header: string): Challenge[] {
  const found: Challenge[] = [];
  let parameters: Map<string, string> | null = null;
  let position = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = position;
    const match = pattern.exec(header);
    if (match !== null) position = pattern.lastIndex;
    return match;
  };
  for (;;) {
    take(SEPARATORS);
    const name = take(TOKEN)?.[0].toLowerCase();
    if (name === undefined) return found;
    if (parameters !== null && take(EQUALS) !== null) {
      const value: string | undefined = take(QUOTED)?.[1]?.replace(/\\(.)/gs, "$1") ?? take(TOKEN)?.[0];
      if (value === undefined) return found;
      if (!parameters.has(name)) parameters.set(name, value);
    } else {
      parameters = new Map();
      found.push({ scheme: name, parameters });
      take(TOKEN68);
    }
  }
}
