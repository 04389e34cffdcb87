/** https://prometheus.io/docs/prometheus/latest/querying/operators/ */

/** What a changed expression does to an alert, as far as its text alone tells. */
export interface ExpressionChange {
  readonly isLessSensitive: boolean;
  /** `threshold 2700 → 10800`; null where it is more than numbers and selectors. */
  readonly detail: string | null;
}

interface Token {
  readonly kind: "number" | "word" | "text" | "sign";
  readonly text: string;
}

/** Numbers, durations among them; names; strings; comparisons; any other sign. Blanks and comments are left out. */
const TOKENS =
  /\s+|#[^\n]*|(?<number>\d[\w.]*)|(?<word>(?:[A-Za-z_]|:(?!\d))[\w:.]*)|(?<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`)|(?<sign>[<>=!]=|=~|!~|.)/gsu;
/** Beyond this an expression is compared as a text alone. */
const MAX_TOKENS = 2_000;
const MORE_THAN = [">", ">="];
const LESS_THAN = ["<", "<="];

/** Compares two expressions; null where they mean the same. */
export function compareExpressions(before: string, after: string): ExpressionChange | null {
  const [old, now] = [tokensOf(before), tokensOf(after)];
  if (old.length > MAX_TOKENS || now.length > MAX_TOKENS) {
    return before === after ? null : { isLessSensitive: false, detail: null };
  }
  if (sameText(old) === sameText(now)) return null;
  const shards = shardsChanged(before, after);
  if (shards !== null) return { isLessSensitive: false, detail: shards };
  const narrowed = narrowing(old, now);
  if (narrowed !== null) return { isLessSensitive: true, detail: narrowed };
  const [outlineBefore, outlineAfter] = [outlineOf(old), outlineOf(now)];
  if (sameText(outlineBefore.tokens) !== sameText(outlineAfter.tokens)) {
    return { isLessSensitive: false, detail: null };
  }
  const numbers = compareNumbers(outlineBefore, outlineAfter);
  const selectors = compareSelectors(outlineBefore, outlineAfter);
  const details = [...numbers.details, ...selectors.details];
  return {
    isLessSensitive: numbers.isLess || selectors.isLess,
    detail: details.length === 0 ? null : [...new Set(details)].join(", "),
  };
}

/** The number of a probe's shards, by which it selects, divides and counts, where nothing but that differs. */
function shardsChanged(before: string, after: string): string | null {
  const [old, now] = [before, after].map((text) => /shard=~"\[0-9\]\+\/(\d+)"/.exec(text)?.[1]);
  if (old === undefined || now === undefined || old === now) return null;
  const without = (text: string, shards: string): string =>
    text.replaceAll(`+/${shards}"`, '+/n"').replace(new RegExp(`(?<=\\) [/<] )${shards}\\b`, "g"), "n");
  return without(before, old) === without(after, now) ? `shards ${old} → ${now}` : null;
}

/** An expression without its numbers and selectors, with those beside it. */
interface Outline {
  readonly tokens: readonly Token[];
  /** With the comparison before each, and whether it stands behind `unless`, which turns what it does. */
  readonly numbers: readonly { readonly text: string; readonly sign: string; readonly isTurned: boolean }[];
  readonly selectors: readonly { readonly matchers: ReadonlySet<string>; readonly isTurned: boolean }[];
}

function outlineOf(all: readonly Token[]): Outline {
  const tokens: Token[] = [];
  const numbers: Outline["numbers"][number][] = [];
  const selectors: Outline["selectors"][number][] = [];
  let isTurned = false;
  for (let at = 0; at < all.length; at += 1) {
    const token = all[at];
    if (token === undefined) break;
    if (
      token.kind === "word" &&
      ["unless", "absent", "absent_over_time"].includes(token.text.toLowerCase())
    ) {
      isTurned = true;
    }
    if (token.kind === "word" && token.text.toLowerCase() === "or") isTurned = false;
    if (token.text === "{" && token.kind === "sign") {
      const end = all.findIndex((one, i) => i > at && one.kind === "sign" && one.text === "}");
      const inside = all.slice(at + 1, end < 0 ? all.length : end);
      selectors.push({ matchers: matchersOf(inside), isTurned });
      tokens.push({ kind: "sign", text: "{}" });
      at = end < 0 ? all.length : end;
    } else if (token.kind === "number") {
      const previous = all[at - 1];
      numbers.push({ text: token.text, sign: previous?.kind === "sign" ? previous.text : "", isTurned });
      tokens.push({ kind: "number", text: "0" });
    } else {
      tokens.push(token);
    }
  }
  return { tokens, numbers, selectors };
}

function matchersOf(inside: readonly Token[]): ReadonlySet<string> {
  const matchers: string[] = [];
  let open = "";
  for (const { kind, text } of inside) {
    if (kind === "sign" && text === ",") {
      if (open !== "") matchers.push(open);
      open = "";
    } else open += text;
  }
  return new Set(open === "" ? matchers : [...matchers, open]);
}

function compareNumbers(before: Outline, after: Outline) {
  let isLess = false;
  const details: string[] = [];
  before.numbers.forEach((old, at) => {
    const now = after.numbers[at];
    if (now === undefined || now.text === old.text) return;
    const isThreshold = [...MORE_THAN, ...LESS_THAN, "==", "!="].includes(old.sign);
    const name = isThreshold ? "threshold" : old.sign === "[" ? "window" : "number";
    details.push(`${name} ${old.text} → ${now.text}`);
    const change = Number(now.text) - Number(old.text);
    const less = MORE_THAN.includes(old.sign) ? change > 0 : LESS_THAN.includes(old.sign) && change < 0;
    const more = MORE_THAN.includes(old.sign) ? change < 0 : LESS_THAN.includes(old.sign) && change > 0;
    if (old.isTurned ? more : less) isLess = true;
  });
  return { isLess, details };
}

function compareSelectors(before: Outline, after: Outline) {
  let isLess = false;
  const details: string[] = [];
  before.selectors.forEach(({ matchers, isTurned }, at) => {
    const now = after.selectors[at]?.matchers ?? new Set<string>();
    const [gone, come] = [minus(matchers, now), minus(now, matchers)];
    if (gone.length === 0 && come.length === 0) return;
    details.push(`selector {${[...matchers].join(",")}} → {${[...now].join(",")}}`);
    const isNarrower = come.length > 0 && gone.length === 0;
    const isWider = gone.length > 0 && come.length === 0;
    if (isTurned ? isWider : isNarrower || losesAlternatives(gone, come)) isLess = true;
  });
  return { isLess, details };
}

/** `registry=~"a|b"` that became `registry=~"a"` or `registry="a"`. */
function losesAlternatives(gone: readonly string[], come: readonly string[]): boolean {
  const read = (matcher: string | undefined) => /^([^=!~]+)=~?["'`](.*)["'`]$/s.exec(matcher ?? "");
  const [old, now] = [read(gone[0]), read(come[0])];
  if (gone.length !== 1 || come.length !== 1 || old === null || now === null || old[1] !== now[1])
    return false;
  const [many, few] = [new Set(old[2]?.split("|")), new Set(now[2]?.split("|"))];
  return few.size < many.size && minus(few, many).length === 0;
}

/** The whole of what was, with `and` or `unless` behind it; or one side of an `or` less. */
function narrowing(old: readonly Token[], now: readonly Token[]): string | null {
  const [before, after] = [sameText(old), sameText(now)];
  for (const whole of [before, `( ${before} )`]) {
    const rest = after.startsWith(`${whole} `) ? after.slice(whole.length + 1) : "";
    const word = rest.split(" ")[0]?.toLowerCase();
    if (word === "and" || word === "unless") return `further condition ${JSON.stringify(rest)}`;
  }
  for (const whole of [after, `( ${after} )`]) {
    if (before.startsWith(`${whole} or `)) return "a condition that also fired it is gone";
  }
  return null;
}

function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  for (const { groups = {} } of text.matchAll(TOKENS)) {
    const [kind, value] = Object.entries(groups).find(([, one]) => one !== undefined) ?? [];
    if (value !== undefined && isKind(kind)) tokens.push({ kind, text: value });
    if (tokens.length > MAX_TOKENS) break;
  }
  return tokens;
}

function isKind(kind: string | undefined): kind is Token["kind"] {
  return kind === "number" || kind === "word" || kind === "text" || kind === "sign";
}

function sameText(tokens: readonly Token[]): string {
  return tokens.map(({ text }) => text).join(" ");
}

function minus(some: ReadonlySet<string>, others: ReadonlySet<string>): readonly string[] {
  return [...some].filter((one) => !others.has(one));
}
