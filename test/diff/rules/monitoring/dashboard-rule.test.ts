import { dashboardRule } from "../../../../lib/diff/rules/monitoring/dashboard-rule";
import { holdsForOddJson, judgeWith, output } from "./judge-with";

function showing(...panels: readonly string[]) {
  const dashboard = {
    uid: "a",
    title: "Registry",
    schemaVersion: 42,
    panels: panels.map((expr, id) => ({ id, title: `Panel ${id}`, targets: [{ expr }] })),
  };
  return output(
    {
      "kubernetes_config_map_v1.d": { data: { "d.json": { "(document)": dashboard } } },
      "null_resource.a": {},
    },
    { "monitoring/dashboard.json": dashboard },
  );
}

test("any number of differences is one change, in every place", () => {
  const found = judgeWith(dashboardRule, showing("a", "b", "c"), showing("a", "x", "y", "z"));
  expect(found.lines).toEqual([
    "info dashboard_changed monitoring/kubernetes_config_map_v1.d Registry: Dashboard Registry changed (Panel 1, Panel 2, Panel 3).",
  ]);
  expect(found.open).toEqual([]);
});

test("one that came or went is told", () => {
  const none = output({ "kubernetes_config_map_v1.d": { data: {} }, "null_resource.a": {} });
  const gone = judgeWith(dashboardRule, showing("a"), none);
  expect(gone.lines).toEqual([
    expect.stringMatching(/^notice dashboard_removed .*: Dashboard Registry removed\.$/),
  ]);
  expect(gone.open).toEqual(["artifacts/monitoring/dashboard.json "]);
  expect(judgeWith(dashboardRule, none, showing("a")).lines).toEqual([
    expect.stringMatching(/^info dashboard_added /),
  ]);
});

test("nothing is said where nothing differs, or what differs is no dashboard", () => {
  expect(judgeWith(dashboardRule, showing("a"), showing("a")).judged).toEqual([]);
  const at = (title: string) => output({}, { "a.json": { title, panels: "none" } });
  expect(judgeWith(dashboardRule, at("a"), at("b")).judged).toEqual([]);
});

test("random outputs", () => {
  holdsForOddJson(dashboardRule, "kubernetes_config_map_v1", ["title", "panels", "schemaVersion", "uid"]);
});
