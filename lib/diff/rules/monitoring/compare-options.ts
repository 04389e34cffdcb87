import { Duration } from "../../../core/duration";
import type { Grade } from "../../change";
import type { ProbedRegistry } from "./probe-arguments";

/** One respect in which a registry is probed otherwise. */
export interface OptionChange {
  readonly option: string;
  readonly grade: Grade;
  readonly kind: string;
  readonly before: string | null;
  readonly after: string | null;
  /** Behind the registry's name and a colon. */
  readonly text: string;
}

type Values = readonly string[];
type Judgement = Pick<OptionChange, "grade" | "kind" | "text">;

const BLOBS = ["head", "range", "full"];

/** By option; what has no judge here changes something else than what is proven. */
const JUDGES: Readonly<
  Record<string, (before: Values, after: Values, registry: ProbedRegistry) => Judgement>
> = {
  repository: judgeRepositories,
  newest: ([before], [after]) =>
    judgeNumber("newest tags of a repository", numberOr(before), numberOr(after)),
  blobs: ([before = "range"], [after = "range"]) => {
    const isLess = BLOBS.indexOf(after) < BLOBS.indexOf(before);
    const blind = after === "head" ? ", a head is blind to lost data" : "";
    return coverage(isLess, `blobs asked for by ${before} → ${after}${blind}`);
  },
  "verify-bytes": ([before], [after]) =>
    coverage(isLessBytes(before, after), `bytes verified ${before ?? "none"} → ${after ?? "none"}`),
  memory: ([before], [after]) => {
    if (before === undefined)
      return other(
        "notice",
        `manifests known from ${after} are read within a day, not at each walk (--memory)`,
      );
    if (after === undefined) return other("info", "every manifest is read at each walk, as --memory is gone");
    return other("info", `memory kept at ${before} → ${after}: the next walk begins without one`);
  },
  shard: ([before], [after]) =>
    coverage(
      shareOf(after) < shareOf(before),
      `walks ${before ?? "all"} → ${after ?? "all"} of the repositories (--shard)`,
    ),
  private: (_before, after) =>
    after.length === 0
      ? coverage(true, "no longer checked that an anonymous request is refused (--private)")
      : coverage(false, "checked that an anonymous request is refused (--private)"),
  "insecure-skip-tls-verify": (_before, after) =>
    after.length > 0
      ? {
          grade: "risk",
          kind: "tls_unverified",
          text: "any certificate is accepted (--insecure-skip-tls-verify)",
        }
      : { grade: "info", kind: "tls_verified", text: "its certificate is verified again" },
  "exit-zero": (_before, after, { options }) => {
    if (after.length === 0) return other("info", "exits 1 on damage, as --exit-zero is gone");
    // Where the metrics are pushed, the alerts tell.
    const grade = options.has("push") ? "notice" : "risk";
    return other(grade, "exits 0 whatever it finds (--exit-zero)");
  },
  push: ([before], [after]) => {
    if (after === undefined) {
      return {
        grade: "risk",
        kind: "report_not_pushed",
        text: `no longer pushed to ${before}: no metric, no alert`,
      };
    }
    return other(before === undefined ? "info" : "notice", `pushed to ${before ?? "nothing"} → ${after}`);
  },
  "accept-file": ([before], [after]) =>
    other(after === undefined ? "info" : "notice", `accept file ${before ?? "none"} → ${after ?? "none"}`),
  deadline: ([before], [after]) => {
    const isShorter = millisecondsOf(after ?? "10m") < millisecondsOf(before ?? "10m");
    const cut = isShorter ? ", a walk that takes longer stays incomplete" : "";
    return {
      grade: "notice",
      kind: "deadline_changed",
      text: `deadline of a walk ${before ?? "10m"} → ${after ?? "10m"}${cut}`,
    };
  },
  "start-jitter": ([before], [after]) => ({
    grade: "notice",
    kind: "start_jitter_changed",
    text: `start delayed by up to ${before ?? "0s"} → ${after ?? "0s"}`,
  }),
  interval: ([before = "15m"], [after = "15m"], { command }) => judgeInterval(before, after, command),
};

/** Every option in which the two command lines differ. */
export function compareOptions(before: ProbedRegistry, after: ProbedRegistry): readonly OptionChange[] {
  const names = [...new Set([...before.options.keys(), ...after.options.keys()])].sort();
  return names.flatMap((option) => {
    const [old, now] = [before.options.get(option), after.options.get(option)];
    if (JSON.stringify(old) === JSON.stringify(now)) return [];
    const judgement = judgeOf(option)(old ?? [], now ?? [], after);
    return [{ option, before: shown(old), after: shown(now), ...judgement }];
  });
}

/** A literal `i/n` is an n-th; by `auto/n` the pods of a Job share all of them. */
function shareOf(shard: string | undefined): number {
  const [, count = "1"] = /^\d+\/(\d+)$/.exec(shard ?? "") ?? [];
  return 1 / Number(count);
}

/** Whether it only says how many pods share the walk, which is told of the Job. */
export function isSharedWalk({ option, before, after }: OptionChange): boolean {
  return option === "shard" && [before, after].every((one) => one === null || one.startsWith("auto/"));
}

function judgeOf(option: string) {
  const judge = Object.hasOwn(JUDGES, option) ? JUDGES[option] : undefined;
  return judge ?? ((before: Values, after: Values) => other("notice", textOf(option, before, after)));
}

function textOf(option: string, before: Values, after: Values): string {
  return `--${option} ${shown(before) ?? "none"} → ${shown(after) ?? "none"}`;
}

function judgeRepositories(before: Values, after: Values): Judgement {
  const text = `repositories walked ${shown(before) ?? "all"} → ${shown(after) ?? "all"}`;
  // Without any, the catalogue is walked.
  if (after.length === 0) return coverage(false, text);
  return coverage(before.length === 0 || before.some((name) => !after.includes(name)), text);
}

function judgeNumber(what: string, before: number, after: number): Judgement {
  const show = (value: number): string => (Number.isFinite(value) ? String(value) : "all");
  return coverage(after < before, `${what} ${show(before)} → ${show(after)}`);
}

function judgeInterval(before: string, after: string, command: ProbedRegistry["command"]): Judgement {
  // A CronJob runs by its schedule: the option only tells the walk how much time it has.
  if (command === "probe") return other("notice", `told to expect a run every ${before} → ${after}`);
  const [old, now] = [millisecondsOf(before), millisecondsOf(after)];
  const text = `walked every ${before} → ${after}`;
  if (now > old) return { grade: "risk", kind: "schedule_slower", text };
  return { grade: "info", kind: now < old ? "schedule_faster" : "schedule_changed", text };
}

/** `all` is everything at each run; `auto/n` in n runs; `k/n` never more than its slice. */
function isLessBytes(before: string | undefined, after: string | undefined): boolean {
  const [old, now] = [bytesOf(before), bytesOf(after)];
  return now.eventual < old.eventual || (now.eventual === old.eventual && now.perRun < old.perRun);
}

function bytesOf(text: string | undefined): { readonly perRun: number; readonly eventual: number } {
  if (text === "all") return { perRun: 1, eventual: 1 };
  const [, slice, count] = /^(auto|\d+)\/(\d+)$/.exec(text ?? "") ?? [];
  const perRun = count === undefined || Number(count) === 0 ? 0 : 1 / Number(count);
  return { perRun, eventual: slice === "auto" ? 1 : perRun };
}

function coverage(isReduced: boolean, text: string): Judgement {
  return isReduced
    ? { grade: "risk", kind: "coverage_reduced", text }
    : { grade: "info", kind: "coverage_widened", text };
}

function other(grade: Grade, text: string): Judgement {
  return { grade, kind: "probe_option_changed", text };
}

function numberOr(text: string | undefined): number {
  return text === undefined || !/^\d+$/.test(text) ? Number.POSITIVE_INFINITY : Number(text);
}

function millisecondsOf(text: string): number {
  return Duration.check(text, "duration").length > 0 ? Number.NaN : Duration.parse(text).toMilliseconds();
}

function shown(values: Values | undefined): string | null {
  if (values === undefined || values.length === 0) return null;
  return values.map((value) => (value === "" ? "set" : value)).join(", ");
}
