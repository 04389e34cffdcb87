import { Duration } from "../../../../lib/core/duration";
import type { JsonObject } from "../../../../lib/diff/json";
import { timeToPageRule } from "../../../../lib/diff/rules/monitoring/time-to-page-rule";
import { worstCaseTimeToPage } from "../../../../lib/monitoring/detection-time";
import { readDetectionTimes, renderDetectionTimes } from "../../../../lib/monitoring/detection-times";
import { holdsForOddJson, judgeWith, output } from "./judge-with";

function entry(over: JsonObject = {}): JsonObject {
  const parts = [
    { name: "interval", seconds: 900 },
    { name: "for", seconds: 960 },
  ];
  const severity = "critical";
  return { alert: "Broken", reason: "damage", instance: "a", severity, parts, totalSeconds: 1860, ...over };
}

function grown(over: JsonObject = {}): JsonObject {
  const parts = [
    { name: "interval", seconds: 3600 },
    { name: "for", seconds: 3660 },
  ];
  return entry({ parts, totalSeconds: 7260, ...over });
}

function file(...alerts: readonly JsonObject[]) {
  const document = { schema: "tallyman.detection-times/1", alerts };
  return output({}, { "monitoring/detection-times.json": document });
}

test.each<[string, readonly JsonObject[], readonly JsonObject[], readonly string[]]>([
  [
    "grown, as a page",
    [entry()],
    [grown()],
    [
      "risk time_to_page_grown Broken: worst-case time to page 31 → 121 min (interval 15m → 1h, for 16m → 1h1m).",
    ],
  ],
  [
    "shrunk",
    [grown()],
    [entry()],
    [
      "info time_to_page_shrunk Broken: worst-case time to page 121 → 31 min (interval 1h → 15m, for 1h1m → 16m).",
    ],
  ],
  [
    "of what pages nobody",
    [entry({ severity: "warning" })],
    [grown({ severity: "warning" })],
    [
      "notice time_to_page_grown Broken: worst-case time to alert 31 → 121 min (interval 15m → 1h, for 16m → 1h1m).",
    ],
  ],
  [
    "by less than a minute",
    [entry()],
    [entry({ totalSeconds: 1870, parts: [{ name: "push", seconds: 10 }] })],
    [
      "risk time_to_page_grown Broken: worst-case time to page 31m → 31m10s (interval 15m → 0s, for 16m → 0s, push 0s → 10s).",
    ],
  ],
  [
    "several alike are one sentence",
    [entry(), entry({ alert: "Unreadable" }), entry({ alert: "Open", totalSeconds: 1 })],
    [grown(), grown({ alert: "Unreadable" }), entry({ alert: "Open", totalSeconds: 1 })],
    [
      "risk time_to_page_grown Broken, Unreadable: worst-case time to page 31 → 121 min (interval 15m → 1h, for 16m → 1h1m).",
    ],
  ],
  [
    "one registry of two",
    [entry(), entry({ instance: "b" })],
    [grown(), entry({ instance: "b" })],
    [
      "risk time_to_page_grown Broken (a): worst-case time to page 31 → 121 min (interval 15m → 1h, for 16m → 1h1m).",
    ],
  ],
  ["an alert that came or went", [entry()], [entry({ alert: "New" })], []],
])("%s", (_name, before, after, expected) => {
  const found = judgeWith(timeToPageRule, file(...before), file(...after));
  expect(found.judged.map(({ change: { grade, kind, text } }) => `${grade} ${kind} ${text}`)).toEqual(
    expected,
  );
  if (expected.length > 0) expect(found.open).toEqual([]);
  for (const { change } of found.judged)
    expect(change.where).toMatch(/^artifacts\/monitoring\/detection-times\.json Broken/);
});

test("nothing is said where nothing differs, and where one output has no such file", () => {
  expect(judgeWith(timeToPageRule, file(entry()), file(entry())).judged).toEqual([]);
  expect(judgeWith(timeToPageRule, output(), file(grown())).judged).toEqual([]);
  expect(judgeWith(timeToPageRule, file(grown()), output()).judged).toEqual([]);
});

test("the file holds what was written, and only what it understands is read", () => {
  const [hour, minute] = [Duration.hours(1), Duration.minutes(1)];
  const time = worstCaseTimeToPage({ interval: hour, startJitter: minute, deadline: minute, for: hour });
  const page = {
    alert: "RegistryDown",
    reason: "target_down",
    instance: "a",
    severity: "critical",
    time,
  } as const;
  const text = renderDetectionTimes([page]);
  const parsed: unknown = JSON.parse(text);
  expect(readDetectionTimes(parsed)).toEqual([
    {
      alert: "RegistryDown",
      reason: "target_down",
      instance: "a",
      severity: "critical",
      parts: time.parts,
      totalSeconds: time.total.toSeconds(),
    },
  ]);
  expect(text.endsWith("}\n")).toBe(true);
  expect(readDetectionTimes({ schema: "tallyman.detection-times/2", alerts: [] })).toBeNull();
  expect(readDetectionTimes([])).toBeNull();
  expect(
    readDetectionTimes({
      schema: "tallyman.detection-times/1",
      alerts: [null, { alert: 1 }, entry({ totalSeconds: -1 })],
    }),
  ).toEqual([]);
  expect(
    readDetectionTimes({
      schema: "tallyman.detection-times/1",
      alerts: [entry({ parts: [null, { name: "for" }] })],
    }),
  ).toMatchObject([{ parts: [] }]);
});

test("random outputs", () => {
  holdsForOddJson(timeToPageRule, "kubernetes_manifest", [
    "schema",
    "alerts",
    "alert",
    "parts",
    "totalSeconds",
  ]);
});
