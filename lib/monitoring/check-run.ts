import { Duration } from "../core/duration";
import type { Problem } from "../core/problem";
import { Schedule } from "../core/schedule";
import { checkTurns, isByTurns } from "./blob-rotation";
import { checkShards } from "./check-shards";
import { checkExporter } from "./exporter/check-exporter";
import { checkLiteral, checkPort, type IsToken } from "./literal";
import {
  BLOB_MODES,
  type CronJobRun,
  type ProbeRun,
  runTimes,
  type WalkOptions,
  walkTimes,
} from "./probe-run";
import { checkMemory } from "./walk-memory";

const MAX_CONCURRENCY = 256;
/** The most that the program takes for --interval. */
const LONGEST_INTERVAL = Duration.days(24);
const BLOBS = new RegExp(`^(?:${BLOB_MODES.join("|")})$`);
const VERIFY_BYTES = /^(?:all|(?:auto|[1-9][0-9]{0,3})\/[1-9][0-9]{0,3})$/;
/** No `$`, which a container's arguments give a meaning to. */
const REPLACE_GROUP = /^job=[^,=$\s]+(?:,[A-Za-z_][A-Za-z0-9_]*=[^,=$\s]+)*$/;

/** All that is wrong with a run. @param registries how many it has */
export function checkRun(run: ProbeRun, path: string, isToken: IsToken, registries = 1): readonly Problem[] {
  if (run.kind === "exporter") {
    return [
      ...checkExporter(run, path, isToken, registries),
      ...checkTimes(run, path),
      ...checkWalk(run, path, isToken),
      ...checkRotation(run, path),
    ];
  }
  const at = (name: string) => `${path}.${name}`;
  const schedule = checkSchedule(run, at("schedule"), isToken);
  return [
    ...checkPushgateway(run.pushgateway, at("pushgateway"), isToken),
    ...(run.pushgatewayPort === undefined ? [] : checkPort(run.pushgatewayPort, at("pushgatewayPort"))),
    ...schedule,
    ...(schedule.length > 0
      ? []
      : [...checkGap(run, at("schedule")), ...checkTimes(run, path), ...checkRotation(run, path)]),
    ...checkWalk(run, path, isToken),
    ...checkShards(run, path),
    ...checkGrammar(
      run.replaceGroup,
      REPLACE_GROUP,
      at("replaceGroup"),
      "be a grouping key that begins with job=",
      "Write job=<name>, with ,<label>=<value> for each further label.",
    ),
  ];
}

function checkWalk(run: ProbeRun, path: string, isToken: IsToken): readonly Problem[] {
  const at = (name: string) => `${path}.${name}`;
  return [
    ...checkMemory(run.memory, run.kind, at("memory"), isToken),
    ...checkConcurrency(run, at("concurrency")),
    ...checkRate(run, at("rate")),
    ...(isByTurns(run.blobs) ? [] : checkBlobs(run.blobs, at("blobs"))),
    ...checkGrammar(
      run.verifyBytes,
      VERIFY_BYTES,
      at("verifyBytes"),
      "be all, k/n or auto/n",
      "Write auto/7.",
    ),
  ];
}

function checkBlobs(blobs: string | undefined, path: string): readonly Problem[] {
  const rule = `be ${BLOB_MODES.join(", ")} or { provenWithin }`;
  return checkGrammar(blobs, BLOBS, path, rule, "Leave it out for range.");
}

/** @param run with a schedule that parses */
function checkRotation(run: ProbeRun, path: string): readonly Problem[] {
  if (!isByTurns(run.blobs)) return [];
  return checkTurns(run.blobs, `${path}.blobs`, walkTimes(run).interval);
}

function checkSchedule(run: CronJobRun, path: string, isToken: IsToken): readonly Problem[] {
  const { schedule } = run;
  if (typeof schedule !== "string") return [];
  return checkLiteral(schedule, path, isToken, Schedule.check);
}

/** @param run with a schedule that parses */
function checkGap(run: CronJobRun, path: string): readonly Problem[] {
  const { interval, schedule } = runTimes(run);
  if (interval.compare(LONGEST_INTERVAL) <= 0) return [];
  const rule = `leave at most ${LONGEST_INTERVAL} between two runs`;
  return [{ path, rule, value: schedule, fix: "Run once a week at least: 0 3 * * 0." }];
}

function checkPushgateway(url: string, path: string, isToken: IsToken): readonly Problem[] {
  const fix = "Write it as http://pushgateway.monitoring:9091.";
  // Not every caller is typed.
  if (typeof url !== "string") return [{ path, rule: "be an http or https URL", value: url, fix }];
  if (isToken(url)) return [];
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed === null || !/^https?:$/.test(parsed.protocol)) {
    return [{ path, rule: "be an http or https URL", value: url.replace(/\/\/.*@/, "//…@"), fix }];
  }
  if (parsed.username !== "" || parsed.password !== "") {
    const value = `${parsed.protocol}//…@${parsed.host}`;
    return [{ path, rule: "carry no credentials, as it stands in the pod's arguments", value, fix }];
  }
  if (parsed.search === "" && parsed.hash === "" && !url.includes("$")) return [];
  return [{ path, rule: "have neither query nor fragment nor $", value: `${parsed.origin}/…`, fix }];
}

/** A run that ends after the next one should have begun makes that one be left out, and look like a dead probe. */
function checkTimes(run: ProbeRun, path: string): readonly Problem[] {
  const times = walkTimes(run);
  const wholeSeconds = (["deadline", "startJitter", "timeout"] as const).flatMap((name) => {
    const value = run[name];
    return value === undefined || Number.isInteger(value.toSeconds())
      ? []
      : [{ path: `${path}.${name}`, rule: "be whole seconds", value, fix: "Take Duration.seconds." }];
  });
  const nineTenths = Math.floor(times.interval.toSeconds() * 0.9);
  const longest = Duration.seconds(run.kind === "cronJob" ? runTimes(run).activeDeadlineSeconds : nineTenths);
  const needed = times.startJitter.plus(times.deadline);
  const fix =
    "Shorten deadline or startJitter, or run less often: a tenth of the interval stays free for the pod's start and the push.";
  const tooLong =
    needed.compare(longest) <= 0
      ? []
      : [
          {
            path: `${path}.deadline`,
            rule: `with the start jitter of ${times.startJitter.toPrometheus()} end within ${longest.toPrometheus()}, nine tenths of the interval of ${times.interval.toPrometheus()}`,
            value: times.deadline,
            fix,
          },
        ];
  const none =
    times.deadline.toSeconds() > 0
      ? []
      : [
          {
            path: `${path}.deadline`,
            rule: "be longer than zero",
            value: times.deadline,
            fix: "Write Duration.minutes(5).",
          },
        ];
  return [...wholeSeconds, ...tooLong, ...none];
}

function checkConcurrency(run: WalkOptions, path: string): readonly Problem[] {
  const { concurrency = 1 } = run;
  if (Number.isInteger(concurrency) && concurrency >= 1 && concurrency <= MAX_CONCURRENCY) return [];
  const rule = `be a whole number from 1 to ${MAX_CONCURRENCY}`;
  return [{ path, rule, value: concurrency, fix: "Leave it out for 4." }];
}

function checkRate(run: WalkOptions, path: string): readonly Problem[] {
  const { rate = 0 } = run;
  if (rate >= 0 && rate <= 100_000) return [];
  const fix = "Leave it out for an adaptive rate, or write 0 for none.";
  return [{ path, rule: "be a number of requests a second, from 0 to 100000", value: rate, fix }];
}

function checkGrammar(
  text: string | undefined,
  grammar: RegExp,
  path: string,
  rule: string,
  fix: string,
): readonly Problem[] {
  return text === undefined || grammar.test(text) ? [] : [{ path, rule, value: text, fix }];
}
