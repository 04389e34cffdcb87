import type { JsonObject } from "../../../../lib/diff/json";
import { acceptanceRule } from "../../../../lib/diff/rules/monitoring/acceptance-rule";
import { holdsForOddJson, judgeWith, output } from "./judge-with";

const ENTRY = {
  repository: "team/app",
  digest: "sha256:aa",
  until: "2026-12-31",
  reason: "rebuilt on Monday",
};
const TAG = { repository: "team/app", tag: "old", until: "2026-12-31", reason: "nobody pulls it" };

function accepting(...accept: readonly JsonObject[]) {
  const data = { "registry.json": { "(document)": { accept } } };
  return output({ "kubernetes_config_map_v1.accept": { data }, "null_resource.a": {} });
}

test.each<[string, readonly JsonObject[], readonly JsonObject[], string]>([
  [
    "begun",
    [TAG],
    [TAG, ENTRY],
    "notice damage_accepted team/app@sha256:aa: damage accepted until 2026-12-31 (rebuilt on Monday), it pages nobody until then.",
  ],
  [
    "begun by tag",
    [],
    [TAG],
    "notice damage_accepted team/app:old: damage accepted until 2026-12-31 (nobody pulls it), it pages nobody until then.",
  ],
  [
    "ended",
    [ENTRY, TAG],
    [ENTRY],
    "info damage_no_longer_accepted team/app:old: damage no longer accepted (was until 2026-12-31), it pages again.",
  ],
  [
    "longer",
    [ENTRY],
    [{ ...ENTRY, until: "2027-12-31" }],
    "notice damage_accepted team/app@sha256:aa: damage accepted until 2026-12-31 → 2027-12-31.",
  ],
  [
    "shorter",
    [ENTRY],
    [{ ...ENTRY, until: "2026-12-01" }],
    "info damage_accepted team/app@sha256:aa: damage accepted until 2026-12-31 → 2026-12-01.",
  ],
  [
    "reworded",
    [ENTRY],
    [{ ...ENTRY, reason: "later" }],
    "info text_reworded team/app@sha256:aa: reason of the accepted damage reworded.",
  ],
])("%s", (_name, before, after, expected) => {
  const found = judgeWith(acceptanceRule, accepting(...before), accepting(...after));
  expect(found.judged.map(({ change: { grade, kind, text } }) => `${grade} ${kind} ${text}`)).toEqual([
    expected,
  ]);
  expect(found.open).toEqual([]);
});

test("nothing is said where nothing differs; what goes with its whole file is told, and the file by itself", () => {
  expect(judgeWith(acceptanceRule, accepting(ENTRY), accepting(ENTRY)).judged).toEqual([]);
  const found = judgeWith(acceptanceRule, accepting(ENTRY), output({ "null_resource.a": {} }));
  expect(found.lines).toEqual([expect.stringMatching(/^info damage_no_longer_accepted /)]);
  expect(found.open).toEqual(["monitoring/kubernetes_config_map_v1.accept "]);
});

test("a file of accepted damage that comes into a ConfigMap is told by what it accepts", () => {
  const at = (data: JsonObject) => output({ "kubernetes_config_map_v1.accept": { data } });
  const file = { "(document)": { accept: [ENTRY] } };
  const found = judgeWith(acceptanceRule, at({ a: "b" }), at({ a: "b", "registry.json": file }));
  expect(found.lines).toEqual([expect.stringMatching(/^notice damage_accepted /)]);
  expect(found.open).toEqual([]);
});

test("random outputs", () => {
  holdsForOddJson(acceptanceRule, "kubernetes_config_map_v1", [
    "accept",
    "repository",
    "until",
    "digest",
    "data",
  ]);
});
