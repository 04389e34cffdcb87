import fc from "fast-check";
import { type PushedGroup, PushTimeReader } from "../../lib/integrity/push-times";

const ALL = (): boolean => true;

function read(text: string, cut = text.length, isWanted: (group: PushedGroup) => boolean = ALL) {
  const reader = new PushTimeReader(isWanted);
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += cut) reader.feed(bytes.subarray(at, at + cut));
  return reader.end();
}

const METRICS = `# HELP push_time_seconds Last Unix time when changing this group in the Pushgateway succeeded.
# TYPE push_time_seconds gauge
push_failure_time_seconds{instance="",job="a"} 0
push_time_seconds{instance="",job="a"} 1.7e+09
push_time_seconds{instance="r:5050",job="tallyman",shard="1/4"} 1.8e+09
push_time_seconds{instance="a\\"b\\\\c\\nd,e=\\"f\\"}",job="名"} 0
push_time_seconds{instance="r"} 1
push_time_seconds{job="b"} NaN
push_time_seconds{job="b" 5
push_time_secondsx{job="b"} 5
thing{job="push_time_seconds{"} 5
`;
const GROUPS = [
  {
    key: [
      ["job", "a"],
      ["instance", ""],
    ],
    pushedAtSeconds: 1.7e9,
  },
  {
    key: [
      ["job", "tallyman"],
      ["instance", "r:5050"],
      ["shard", "1/4"],
    ],
    pushedAtSeconds: 1.8e9,
  },
  {
    key: [
      ["job", "名"],
      ["instance", 'a"b\\c\nd,e="f"}'],
    ],
    pushedAtSeconds: 0,
  },
];

test("every group is read, however the text comes in pieces", () => {
  expect(read(METRICS)).toEqual(GROUPS);
  expect(read(METRICS.trimEnd())).toEqual(GROUPS);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 200 }), (cut) => expect(read(METRICS, cut)).toEqual(GROUPS)),
  );
});

test("what is not wanted is not kept", () => {
  expect(read(METRICS, 7, ({ key }) => key[0]?.[1] === "tallyman")).toEqual([GROUPS[1]]);
});

test("anything else is no group, and no error", () => {
  fc.assert(
    fc.property(fc.string(), (text) => expect(read(`push_time_seconds{${text}} 1`).length).toBeLessThan(2)),
  );
});

test("a line without end costs no memory, and a text without end is refused", () => {
  const reader = new PushTimeReader(ALL);
  const chunk = Buffer.alloc(1024 * 1024, "x");
  const feedAll = (): void => {
    for (let i = 0; i < 300; i++) reader.feed(chunk);
  };
  expect(feedAll).toThrow(/its metrics are longer than 268435456 bytes/);
  expect(read(`${"y".repeat(70_000)}\n${METRICS}`, 1_000)).toEqual(GROUPS);
});
