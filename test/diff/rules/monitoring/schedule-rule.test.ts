import type { JsonObject } from "../../../../lib/diff/json";
import { scheduleRule } from "../../../../lib/diff/rules/monitoring/schedule-rule";
import { holdsForOddJson, judgeWith, kindsOf, output } from "./judge-with";

/** The same CronJob as the provider's own resource, with blocks as lists, and as a manifest. */
const FORMS: Readonly<Record<string, (spec: JsonObject, job: JsonObject) => JsonObject>> = {
  "kubernetes_cron_job_v1.a": (spec, job) => ({
    metadata: { name: "probe" },
    spec: { schedule: "*/15 * * * *", ...spec, job_template: { spec: job } },
  }),
  "kubernetes_cron_job.a": (spec, job) => ({
    metadata: [{ name: "probe" }],
    spec: [{ schedule: "*/15 * * * *", ...spec, job_template: [{ spec: [job] }] }],
  }),
  "kubernetes_manifest.a": (spec, job) => ({
    manifest: {
      kind: "CronJob",
      metadata: { name: "probe" },
      spec: { schedule: "*/15 * * * *", ...camel(spec), jobTemplate: { spec: camel(job) } },
    },
  }),
};

function camel(value: JsonObject): JsonObject {
  const entries = Object.entries(value).map(([key, one]) => [
    key.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase()),
    one,
  ]);
  return Object.fromEntries(entries);
}

const CASES: readonly [string, JsonObject, JsonObject, string, string][] = [
  [
    "slower",
    {},
    { schedule: "0 * * * *" },
    "risk schedule_slower",
    "CronJob probe: runs every 15m → 1h at worst (*/15 * * * * → 0 * * * *).",
  ],
  [
    "faster",
    {},
    { schedule: "*/5 * * * *" },
    "info schedule_faster",
    "CronJob probe: runs every 15m → 5m at worst (*/15 * * * * → */5 * * * *).",
  ],
  [
    "slower at night",
    {},
    { schedule: "*/15 8-20 * * *" },
    "risk schedule_slower",
    "CronJob probe: runs every 15m → 11h15m at worst (*/15 * * * * → */15 8-20 * * *).",
  ],
  [
    "a macro",
    {},
    { schedule: "@hourly" },
    "risk schedule_slower",
    "CronJob probe: runs every 15m → 1h at worst (*/15 * * * * → @hourly).",
  ],
  [
    "at other minutes",
    {},
    { schedule: "7-59/15 * * * *" },
    "info schedule_changed",
    "CronJob probe: schedule */15 * * * * → 7-59/15 * * * *, still every 15m at worst.",
  ],
  [
    "unreadable",
    {},
    { schedule: "@every 1h" },
    "notice schedule_changed",
    "CronJob probe: schedule */15 * * * * → @every 1h, which cannot be compared.",
  ],
  [
    "suspended",
    {},
    { suspend: true },
    "danger cron_job_suspended",
    "CronJob probe: suspended, it no longer runs.",
  ],
  [
    "resumed",
    { suspend: true },
    { suspend: false },
    "info cron_job_resumed",
    "CronJob probe: no longer suspended.",
  ],
  [
    "overlapping",
    { concurrency_policy: "Forbid" },
    {},
    "notice concurrency_policy_changed",
    "CronJob probe: concurrency policy Forbid → Allow.",
  ],
  [
    "start later",
    { starting_deadline_seconds: 100 },
    { starting_deadline_seconds: 50 },
    "notice schedule_changed",
    "CronJob probe: deadline for a start (seconds) 100 → 50.",
  ],
];

describe.each(Object.keys(FORMS))("%s", (address) => {
  const form = FORMS[address];
  const at = (spec: JsonObject, job: JsonObject = {}) =>
    output(form === undefined ? {} : { [address]: form(spec, job) });

  test.each(CASES)("%s", (_name, before, after, kind, text) => {
    const found = judgeWith(scheduleRule, at(before), at(after));
    expect(kindsOf(found)).toEqual([kind]);
    expect(found.judged[0]?.change.text).toBe(text);
    expect(found.judged[0]?.change.where).toMatch(
      /^monitoring\/kubernetes_\w+\.a .*(schedule|suspend|olicy|econds)$/i,
    );
    expect(found.open).toEqual([]);
  });

  test("the deadline of a run", () => {
    const shorter = judgeWith(
      scheduleRule,
      at({}, { active_deadline_seconds: 810 }),
      at({}, { active_deadline_seconds: 60 }),
    );
    expect(shorter.lines).toEqual([expect.stringContaining("deadline of a run 810 s → 60 s")]);
    expect(shorter.open).toEqual([]);
    const none = judgeWith(scheduleRule, at({}, { active_deadline_seconds: 810 }), at({}, {}));
    expect(kindsOf(none)).toEqual(["risk deadline_removed"]);
  });

  test("a new CronJob, a removed one and an unchanged one are nothing of this rule", () => {
    expect(judgeWith(scheduleRule, at({}), at({})).judged).toEqual([]);
    expect(judgeWith(scheduleRule, output(), at({ suspend: true })).judged).toEqual([]);
    expect(judgeWith(scheduleRule, at({}), output()).judged).toEqual([]);
    expect(judgeWith(scheduleRule, at({}), at({ suspend: false })).judged).toEqual([]);
  });
});

test("what only follows from the schedule is not told again", () => {
  const at = (schedule: string, interval: string, deadline: number) =>
    output({
      "kubernetes_cron_job_v1.a": {
        metadata: { name: "probe" },
        spec: {
          schedule,
          starting_deadline_seconds: deadline,
          job_template: {
            spec: {
              template: {
                spec: { container: [{ name: "a", args: ["probe", "a", "--interval", interval] }] },
              },
            },
          },
        },
      },
    });
  const found = judgeWith(scheduleRule, at("*/15 * * * *", "15m", 450), at("0 * * * *", "1h", 1800));
  expect(kindsOf(found)).toEqual(["risk schedule_slower"]);
  expect(found.open).toEqual([]);
});

test("a Deployment without replicas has stopped", () => {
  const at = (replicas: string) =>
    output({ "kubernetes_deployment_v1.a": { metadata: { name: "exporter" }, spec: { replicas } } });
  const found = judgeWith(scheduleRule, at("1"), at("0"));
  expect(found.lines).toEqual([
    expect.stringMatching(
      /^danger workload_stopped .*: Deployment exporter: replicas → 0, it no longer runs\.$/,
    ),
  ]);
  expect(found.open).toEqual([]);
  expect(judgeWith(scheduleRule, at("0"), at("1")).judged).toEqual([]);
});

test("random outputs", () => {
  for (const type of ["kubernetes_cron_job_v1", "kubernetes_manifest"]) {
    holdsForOddJson(scheduleRule, type, [
      "schedule",
      "suspend",
      "job_template",
      "CronJob",
      "replicas",
      "template",
      "args",
      "container",
    ]);
  }
});
