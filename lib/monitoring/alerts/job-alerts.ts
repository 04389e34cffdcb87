import { Duration } from "../../core/duration";
import { runTimes } from "../probe-run";
import type { AlertContext } from "./alert-context";
import { objectsCommand } from "./alert-context";
import type { AlertDefinition } from "./alert-definition";
import { age, and, compare, escapeRegex, foreign, max } from "./promql";
import { stuckProof, suspendedProof } from "./proofs/job-proofs";

/** Kubernetes ends a Job at its deadline within seconds; longer it takes only where nobody answers any more. */
const GRACE_SECONDS = 120;

/** How long a Job may be active before it is stuck, in seconds. */
export function longestJobSeconds(activeDeadlineSeconds: number): number {
  return activeDeadlineSeconds + GRACE_SECONDS;
}

/** For a probe that runs by a CronJob. */
export function jobAlerts(context: AlertContext): readonly AlertDefinition[] {
  const { spec, options, thresholds } = context;
  if (options.jobStuck !== true || spec.run.kind !== "cronJob") return [];
  const longest = longestJobSeconds(runTimes(spec.run).activeDeadlineSeconds);
  const { namespace, name } = spec;
  // The controller names a Job for the CronJob and the minute; one that was started by hand has another name.
  const jobs = { namespace, job_name: { matches: `${escapeRegex(name)}-[0-9]+` } };
  const byJob = ["namespace", "job_name"] as const;
  const active = compare(max(byJob, foreign("jobActive", jobs)), ">", 0);
  const running = and(age(max(byJob, foreign("jobStartTime", jobs))), byJob, active);
  const suspended = foreign("cronJobSuspend", { namespace, cronjob: name });
  const common = {
    alert: "RegistryProbeJobStuck",
    instance: name,
    severity: "warning",
    command: objectsCommand(context),
    source: "scrape",
  } as const;
  return [
    {
      ...common,
      reason: "job_past_deadline",
      for: Duration.minutes(1),
      expr: compare(max(["namespace"], running), ">", longest),
      summary: `A Job of ${name} runs past its deadline, and holds up the next`,
      description:
        "It has been active for {{ $value | humanizeDuration }}, and Kubernetes should have ended it. Its node is " +
        "gone or does not answer. As runs do not overlap, none comes after it.",
      cases: (times) => stuckProof(context, longest, times),
    },
    {
      ...common,
      reason: "cron_job_suspended",
      for: thresholds.confirmedFor,
      expr: compare(max(["namespace"], suspended), ">", 0),
      summary: `${name} is suspended: nothing is proven meanwhile`,
      description: "Somebody suspended the CronJob. No run comes until that is undone.",
      cases: (times) => suspendedProof(context, times),
    },
  ];
}
