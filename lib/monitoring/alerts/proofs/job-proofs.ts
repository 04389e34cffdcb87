import type { AlertContext } from "../alert-context";
import type { ProofTimes } from "../alert-definition";
import { boundary, ending, never, type ProofCase, theirs } from "./proof-case";

const MORE = 5;

export function stuckProof(
  { spec }: AlertContext,
  longestSeconds: number,
  { forMinutes }: ProofTimes,
): readonly ProofCase[] {
  const labels = { namespace: spec.namespace, job_name: `${spec.name}-29000000` };
  const long = forMinutes + MORE;
  // As old as it may be at minute MORE.
  const started = MORE * 60 - longestSeconds;
  const all = MORE + 1 + long;
  return [
    {
      name: "fires for a Job past its deadline, and ends with the Job",
      series: [
        theirs("jobActive", labels, [all, 1], [MORE, 0]),
        theirs("jobStartTime", labels, [all + MORE, started]),
      ],
      expected: [...boundary(MORE + 1, forMinutes), ...ending(all, 0)],
    },
    {
      name: "is silent about Jobs that ended long ago, and about those of another CronJob",
      series: [
        theirs("jobActive", labels, [all, 0]),
        theirs("jobStartTime", labels, [all, started]),
        theirs("jobActive", { ...labels, job_name: `${spec.name}-other-29000000` }, [all, 1]),
        theirs("jobStartTime", { ...labels, job_name: `${spec.name}-other-29000000` }, [all, started]),
      ],
      expected: never(0, forMinutes, all - 1),
    },
  ];
}

export function suspendedProof({ spec }: AlertContext, { forMinutes }: ProofTimes): readonly ProofCase[] {
  const labels = { namespace: spec.namespace, cronjob: spec.name };
  const long = forMinutes + MORE;
  return [
    {
      name: "fires for a suspended CronJob at the boundary of for, and ends when it is resumed",
      series: [theirs("cronJobSuspend", labels, [MORE, 0], [long, 1], [MORE, 0])],
      expected: [...boundary(MORE, forMinutes), ...ending(MORE + long, 0)],
    },
    {
      name: "is silent about another CronJob",
      series: [theirs("cronJobSuspend", { ...labels, cronjob: "other" }, [long, 1])],
      expected: never(0, forMinutes, long - 1),
    },
  ];
}
