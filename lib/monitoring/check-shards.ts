import type { Problem } from "../core/problem";
import { MAX_SHARDS } from "../integrity/contract";
import { type CronJobRun, type ExporterRun, type ProbeRun, shardsOf } from "./probe-run";
import { CRON_JOB_PATHS } from "./render-cron-job";

/** @param path of the run */
export function checkShards({ shards = 1 }: CronJobRun, path: string): readonly Problem[] {
  if (Number.isInteger(shards) && shards >= 1 && shards <= MAX_SHARDS) return [];
  const fix = "Leave it out for one pod that walks all.";
  const rule = `be a whole number from 1 to ${MAX_SHARDS}`;
  return [{ path: `${path}.shards`, rule, value: shards, fix }];
}

/** Not every caller is typed, and what is ignored in silence is taken for done. */
export function checkNoShards(run: ExporterRun, path: string): readonly Problem[] {
  const value: unknown = Reflect.get(run, "shards");
  if (value === undefined || value === 1) return [];
  const fix = "Take ProbeRun.cronJob, whose pods share the walk, or leave it out.";
  return [{ path, rule: "be left out, as of an exporter one pod walks all", value, fix }];
}

/** A CronJob whose number of pods is left as it is runs some of the shards, or some twice. */
export function checkShardsArrive(
  run: ProbeRun,
  ignoreChanges: readonly string[] = [],
  path = "pod.ignoreChanges",
): readonly Problem[] {
  const { completions } = CRON_JOB_PATHS;
  if (shardsOf(run) === null || !ignoreChanges.includes(completions)) return [];
  const fix = "Take it out: an adopted CronJob is made anew with its shards.";
  return [{ path, rule: "not hold the number of pods where there are shards", value: completions, fix }];
}
