import { Duration } from "../../../core/duration";
import type { Grade } from "../../change";
import { RUNBOOK_ANNOTATIONS, runbookLink } from "./alert-view";
import type { AlertPair } from "./match-alerts";
import { compareExpressions } from "./promql-sensitivity";

/** One respect in which a rule changed. */
export interface Aspect {
  readonly grade: Grade;
  readonly kind: string;
  readonly before: string | null;
  readonly after: string | null;
  /** Behind the alert's name and a colon. */
  readonly text: string;
}

/** From what nobody is woken by to what pages; words beyond these cannot be compared. */
const SEVERITIES: ReadonlyMap<string, number> = new Map([
  ["none", 0],
  ["debug", 0],
  ["info", 1],
  ["notice", 1],
  ["low", 1],
  ["warning", 2],
  ["warn", 2],
  ["medium", 2],
  ["error", 3],
  ["high", 3],
  ["major", 3],
  ["critical", 4],
  ["page", 4],
  ["emergency", 5],
]);

/** What is shown before the place where two expressions begin to differ. */
const CONTEXT_LENGTH = 40;

export function isCritical(severity: string | null): boolean {
  return rankOf(severity) >= rankOf("critical");
}

/** Everything in which the two rules differ, the text of their annotations last. */
export function aspectsOf(pair: AlertPair): readonly Aspect[] {
  const aspects = [
    severityAspect(pair),
    forAspect(pair),
    expressionAspect(pair),
    keepAspect(pair),
    intervalAspect(pair),
    labelsAspect(pair),
    runbookAspect(pair),
  ].filter((one) => one !== null);
  return [...aspects, ...textAspects(pair, aspects.length > 0)];
}

function severityAspect({ before, after }: AlertPair): Aspect | null {
  const [old, now] = [before.severity, after.severity];
  if (old === now) return null;
  const shown = `severity ${old ?? "none"} → ${now ?? "none"}`;
  const common = { before: old, after: now };
  const known = [old, now].every((one) => one === null || SEVERITIES.has(one.toLowerCase()));
  if (!known) return { grade: "notice", kind: "severity_changed", ...common, text: shown };
  const isLower = rankOf(now) < rankOf(old);
  if (!isLower) return { grade: "notice", kind: "severity_raised", ...common, text: shown };
  const pages = isCritical(old) && !isCritical(now) ? ", it no longer pages" : "";
  return { grade: "risk", kind: "severity_lowered", ...common, text: `${shown}${pages}` };
}

function rankOf(severity: string | null): number {
  return severity === null ? -1 : (SEVERITIES.get(severity.toLowerCase()) ?? 0);
}

function forAspect({ before, after }: AlertPair): Aspect | null {
  if (before.for === after.for) return null;
  const [old, now] = [millisecondsOf(before.for), millisecondsOf(after.for)];
  const common = { before: before.for, after: after.for, text: `for ${before.for} → ${after.for}` };
  if (old === null || now === null) return { grade: "notice", kind: "for_changed", ...common };
  if (old === now) return null;
  return now > old
    ? { grade: "risk", kind: "for_lengthened", ...common }
    : { grade: "notice", kind: "for_shortened", ...common };
}

function expressionAspect({ before, after }: AlertPair): Aspect | null {
  const change = compareExpressions(before.expr, after.expr);
  if (change === null) return null;
  const { isLessSensitive, detail } = change;
  const how = isLessSensitive ? "less sensitive" : "changed";
  return {
    grade: isLessSensitive ? "risk" : "notice",
    kind: "expression_changed",
    ...whereTheyDiffer(before.expr, after.expr),
    text: detail === null ? `expression ${how}` : `expression ${how}: ${detail}`,
  };
}

/** From a little before the first difference on, so that what is cut to be shown still differs. */
function whereTheyDiffer(before: string, after: string): Pick<Aspect, "before" | "after"> {
  let same = 0;
  while (same < before.length && before[same] === after[same]) same += 1;
  const from = same > 2 * CONTEXT_LENGTH ? same - CONTEXT_LENGTH : 0;
  const cut = (text: string): string => (from === 0 ? text : `…${text.slice(from)}`);
  return { before: cut(before), after: cut(after) };
}

function keepAspect({ before, after }: AlertPair): Aspect | null {
  const [old, now] = [before.keepFiringFor, after.keepFiringFor];
  if (old === now || (old !== null && now !== null && millisecondsOf(old) === millisecondsOf(now)))
    return null;
  const text = `keep_firing_for ${old ?? "none"} → ${now ?? "none"}`;
  return { grade: "notice", kind: "keep_firing_changed", before: old, after: now, text };
}

function intervalAspect({ before, after }: AlertPair): Aspect | null {
  const [old, now] = [before.groupInterval, after.groupInterval];
  if (old === now) return null;
  const [oldMs, nowMs] = [old, now].map((one) => (one === null ? null : millisecondsOf(one)));
  const isSlower = nowMs !== null && nowMs !== undefined && nowMs > (oldMs ?? 60_000);
  const text = `evaluated every ${old ?? "default interval"} → ${now ?? "default interval"}`;
  const kind = isSlower ? "evaluation_slower" : "evaluation_changed";
  return { grade: isSlower ? "risk" : "notice", kind, before: old, after: now, text };
}

function labelsAspect({ before, after }: AlertPair): Aspect | null {
  const keys = [...new Set([...before.labels.keys(), ...after.labels.keys()])].sort();
  const changed = keys.filter(
    (key) => key !== "severity" && before.labels.get(key) !== after.labels.get(key),
  );
  if (changed.length === 0) return null;
  const show = (labels: ReadonlyMap<string, string>): string =>
    changed.map((key) => `${key}=${labels.get(key) ?? ""}`).join(", ");
  const text = `labels ${show(before.labels)} → ${show(after.labels)}, which routes and silences may select by`;
  return {
    grade: "notice",
    kind: "alert_labels_changed",
    before: show(before.labels),
    after: show(after.labels),
    text,
  };
}

function runbookAspect(pair: AlertPair): Aspect | null {
  const [old, now] = [runbookLink(pair.before), runbookLink(pair.after)];
  if (old === now) return null;
  const common = { before: old, after: now };
  if (now === null)
    return { grade: "risk", kind: "runbook_removed", ...common, text: `runbook link ${old} removed` };
  if (old === null)
    return { grade: "info", kind: "runbook_added", ...common, text: `runbook link ${now} added` };
  const [before, after] = [old, now].map(splitLink);
  // Many runbooks have one base: what changed is that.
  if (before !== undefined && after !== undefined && before.file === after.file && before.file !== "") {
    const text = `runbook link below ${before.base} → ${after.base}`;
    return { grade: "info", kind: "runbook_changed", before: before.base, after: after.base, text };
  }
  return { grade: "info", kind: "runbook_changed", ...common, text: `runbook link ${old} → ${now}` };
}

function splitLink(link: string): { readonly base: string; readonly file: string } {
  const at = link.lastIndexOf("/");
  return { base: link.slice(0, at), file: link.slice(at + 1) };
}

/** @param isChanged whether the rule changed in more than its words: numbers in the words only follow from that */
function textAspects({ before, after }: AlertPair, isChanged: boolean): readonly Aspect[] {
  const keys = [...new Set([...before.annotations.keys(), ...after.annotations.keys()])].sort();
  const reworded = keys.filter((key) => {
    if (RUNBOOK_ANNOTATIONS.some((one) => one === key)) return false;
    const [old, now] = [before.annotations.get(key), after.annotations.get(key)];
    return old !== now && !(isChanged && withoutNumbers(old) === withoutNumbers(now));
  });
  if (reworded.length === 0) return [];
  const [key = ""] = reworded;
  const [old, now] = [before.annotations.get(key) ?? null, after.annotations.get(key) ?? null];
  return [
    {
      grade: "info",
      kind: "text_reworded",
      ...(old === null || now === null ? { before: old, after: now } : whereTheyDiffer(old, now)),
      text: `${reworded.join(" and ")} reworded`,
    },
  ];
}

function withoutNumbers(text: string | undefined): string | undefined {
  return text?.replace(/\d+(?:ms|[dhms])?(?:\d+(?:ms|[dhms]))*/g, "0");
}

function millisecondsOf(text: string): number | null {
  return Duration.check(text, "for").length > 0 ? null : Duration.parse(text).toMilliseconds();
}
