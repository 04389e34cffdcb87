import { Schedule } from "../../../core/schedule";
import type { Grade } from "../../change";
import type { Delta } from "../../delta";
import { DeltaIndex } from "../common/delta-index";
import type { DomainRule, Judged, RuleInput } from "../domain-rule";
import { changedCarriers, textOf } from "./carriers";
import { compareOptions } from "./compare-options";
import { type Finding, judge } from "./finding";
import { formatSeconds } from "./format-seconds";
import { probedRegistries } from "./probe-arguments";
import { matchWorkloads, type Workload, type WorkloadPair, workloadOf } from "./workload";

/** When what runs by a schedule runs, and whether it runs at all. */
export const scheduleRule: DomainRule = { name: "schedule", judge: judgeSchedules };

/** https://pkg.go.dev/github.com/robfig/cron/v3#hdr-Predefined_schedules */
const MACROS: ReadonlyMap<string, string> = new Map([
  ["@hourly", "0 * * * *"],
  ["@daily", "0 0 * * *"],
  ["@midnight", "0 0 * * *"],
  ["@weekly", "0 0 * * 0"],
  ["@monthly", "0 0 1 * *"],
  ["@yearly", "0 0 1 1 *"],
  ["@annually", "0 0 1 1 *"],
]);

/** What one key of a workload says before and after. */
interface Statement {
  readonly grade: Grade;
  readonly kind: string;
  readonly text: string;
}

function judgeSchedules(input: RuleInput): readonly Judged[] {
  const { base, head } = changedCarriers(input);
  const before = base.flatMap((one) => workloadOf(one) ?? []);
  const after = head.flatMap((one) => workloadOf(one) ?? []);
  const pairs = matchWorkloads(before, after);
  if (pairs.length === 0) return [];
  const index = DeltaIndex.of(input);
  const findings = pairs.flatMap((pair) => [
    ...(pair.after.isCronJob ? cronJobFindings(input, pair, index) : []),
    ...replicaFindings(input, pair),
  ]);
  return judge(findings);
}

function cronJobFindings(
  input: RuleInput,
  { before, after }: WorkloadPair,
  index: DeltaIndex,
): readonly Finding[] {
  const say = sayer(input, after);
  const value = (workload: Workload, ...keys: readonly string[]) => textOf(workload.spec, ...keys) ?? null;
  const [oldSchedule, newSchedule] = [value(before, "schedule"), value(after, "schedule")];
  const schedule = compareSchedules(oldSchedule, newSchedule);
  const startKeys = ["starting_deadline_seconds", "startingDeadlineSeconds"];
  return [
    // The deadline for a start follows from the schedule.
    ...say(
      ["schedule", ...(schedule === null ? [] : startKeys)],
      oldSchedule,
      newSchedule,
      schedule,
      toldInterval({ before, after }, index),
    ),
    ...suspension(say, value(before, "suspend"), value(after, "suspend")),
    ...plain(say, ["timezone", "time_zone", "timeZone"], "time zone", before, after),
    ...concurrency(say, before, after),
    ...(schedule === null ? plain(say, startKeys, "deadline for a start (seconds)", before, after) : []),
    ...activeDeadline(say, before, after),
  ];
}

/** The probe's `--interval`, which only repeats the schedule: its deltas, where no other option differs. */
function toldInterval({ before, after }: WorkloadPair, index: DeltaIndex): readonly Delta[] {
  const old = probedRegistries(before);
  return probedRegistries(after).flatMap((now) => {
    const known = old.find(
      (one) => one.instance === now.instance && one.container.name === now.container.name,
    );
    const changes = known === undefined ? [] : compareOptions(known, now);
    if (changes.length === 0 || changes.some(({ option }) => option !== "interval")) return [];
    return now.container.lists.flatMap((list) => index.within(list));
  });
}

type Say = (
  keys: readonly string[],
  before: string | null,
  after: string | null,
  statement: Statement | null,
  further?: readonly Delta[],
) => readonly Finding[];

function sayer(input: RuleInput, workload: Workload): Say {
  const { place, kind, name } = workload;
  return (keys, before, after, statement, further = []) => {
    if (statement === null) return [];
    const covers = [...DeltaIndex.of(input).ofKeys(place, keys), ...further];
    const [own] = covers.filter(({ path }) => path[path.length - 1] === keys[0]);
    const subject = (own ?? covers[0])?.path.join(".") ?? keys[0] ?? "";
    const text = `${kind} ${name}: ${statement.text}`;
    return [{ ...statement, place, subject, before, after, text, covers }];
  };
}

function compareSchedules(before: string | null, after: string | null): Statement | null {
  if (before === null || after === null || before.trim() === after.trim()) return null;
  const [old, now] = [gapSeconds(before), gapSeconds(after)];
  const written = `${before} → ${after}`;
  if (old === null || now === null) {
    return {
      grade: "notice",
      kind: "schedule_changed",
      text: `schedule ${written}, which cannot be compared`,
    };
  }
  if (old.seconds === now.seconds) {
    return {
      grade: "info",
      kind: "schedule_changed",
      text: `schedule ${written}, still every ${now.text} at worst`,
    };
  }
  const isSlower = now.seconds > old.seconds;
  return {
    grade: isSlower ? "risk" : "info",
    kind: isSlower ? "schedule_slower" : "schedule_faster",
    text: `runs every ${old.text} → ${now.text} at worst (${written})`,
  };
}

function gapSeconds(written: string): { readonly seconds: number; readonly text: string } | null {
  const expression = MACROS.get(written.trim().toLowerCase()) ?? written;
  if (expression.length > 500 || Schedule.check(expression, "schedule").length > 0) return null;
  const seconds = Schedule.parse(expression).interval().toSeconds();
  return { seconds, text: formatSeconds(seconds) };
}

function suspension(say: Say, before: string | null, after: string | null): readonly Finding[] {
  const [was, is] = [before === "true", after === "true"];
  if (was === is) return [];
  const statement: Statement = is
    ? { grade: "danger", kind: "cron_job_suspended", text: "suspended, it no longer runs" }
    : { grade: "info", kind: "cron_job_resumed", text: "no longer suspended" };
  return say(["suspend"], before, after, statement);
}

function plain(say: Say, keys: readonly string[], words: string, before: Workload, after: Workload) {
  const [old, now] = [textOf(before.spec, ...keys) ?? null, textOf(after.spec, ...keys) ?? null];
  if (old === now) return [];
  const text = `${words} ${old ?? "none"} → ${now ?? "none"}`;
  return say(keys, old, now, { grade: "notice", kind: "schedule_changed", text });
}

function concurrency(say: Say, before: Workload, after: Workload): readonly Finding[] {
  const keys = ["concurrency_policy", "concurrencyPolicy"];
  const [old, now] = [before, after].map(({ spec }) => textOf(spec, ...keys) ?? null);
  // Allow is what Kubernetes takes where nothing is written.
  if ((old ?? "Allow") === (now ?? "Allow")) return [];
  const text = `concurrency policy ${old ?? "Allow"} → ${now ?? "Allow"}`;
  return say(keys, old ?? null, now ?? null, { grade: "notice", kind: "concurrency_policy_changed", text });
}

function activeDeadline(say: Say, before: Workload, after: Workload): readonly Finding[] {
  const keys = ["active_deadline_seconds", "activeDeadlineSeconds"];
  const [old, now] = [before, after].map(({ jobSpec }) => textOf(jobSpec, ...keys) ?? null);
  if (old === undefined || now === undefined || old === now) return [];
  if (now === null) {
    const text = `deadline of a run (${old} s) removed: one that hangs is never ended`;
    return say(keys, old, now, { grade: "risk", kind: "deadline_removed", text });
  }
  const text = `deadline of a run ${old === null ? "none" : `${old} s`} → ${now} s`;
  return say(keys, old, now, { grade: "notice", kind: "deadline_changed", text });
}

/** A program that serves what it probes stops by having no replica. */
function replicaFindings(input: RuleInput, { before, after }: WorkloadPair): readonly Finding[] {
  const [old, now] = [textOf(before.spec, "replicas") ?? null, textOf(after.spec, "replicas") ?? null];
  if (now !== "0" || old === "0") return [];
  const text = "replicas → 0, it no longer runs";
  return sayer(input, after)(["replicas"], old, now, { grade: "danger", kind: "workload_stopped", text });
}
