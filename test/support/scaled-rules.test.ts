import { parseYaml, renderYaml } from "../../lib/text/yaml";
import { promtool } from "./prometheus";
import { scalePromql, scaleRuleFile } from "./scaled-rules";

describe("an expression, sixty times faster", () => {
  test.each([
    ["age", 'time() - max by (instance) (last_run_timestamp{instance="a:1"}) > 2700', "> 2700", "> 45"],
    ["age, bracketed", "(time() - (a_timestamp)) >= 60", ">= 60", ">= 1"],
    ["number first", "600 < time() - a", "600 <", "10 <"],
    ["rest", "a_timestamp - time() < 86400", "< 86400", "< 1440"],
    ["seconds by name", "max by (instance) (walk_duration_seconds) > 450", "> 450", "> 7.5"],
    [
      "seconds over time",
      "max_over_time(walk_duration_seconds[1h]) > 450",
      "[1h]) > 450",
      "[60000ms]) > 7.5",
    ],
    ["left of and", "(time() - a > 120) and on (b) (c > 120)", "a > 120", "a > 2"],
    ["range", "rate(a_total[5m]) > 3", "[5m]", "[5000ms]"],
    ["several units", "rate(a_total[1h30m]) > 3", "[1h30m]", "[90000ms]"],
    ["subquery", "changes((a > bool 0)[1h:1m]) > 4", "[1h:1m]", "[60000ms:1000ms]"],
    ["offset", "a - a offset 1d > 0", "offset 1d", "offset 1440000ms"],
  ])("%s", (_name, expr, before, after) => {
    expect(expr).toContain(before);
    expect(scalePromql(expr, 60)).toBe(expr.replace(before, after));
  });

  test.each([
    "failures > 60",
    "coverage_ratio < 0.5 * b",
    "absent(last_run_timestamp)",
    "absent(last_run_timestamp) == 1",
    "count(time() - a_timestamp > b) > 60",
    "walk_duration_seconds / other_seconds > 60",
    'a{name="time() > 60"} > 60',
    'label_replace(a, "x", "[5m]", "y", "(.*)")',
    "last_run_timestamp > 1798675200",
    "push_failure_time_seconds > push_time_seconds",
  ])("%s stays", (expr) => {
    expect(scalePromql(expr, 60)).toBe(expr);
  });

  test("what is no PromQL is refused", () => {
    expect(() => scalePromql("max by (", 60)).toThrow("no PromQL");
  });
});

test("a rule file keeps its labels and annotations, and is still one", () => {
  const file = (duration: string, keep: string, expr: string) => ({
    groups: [
      {
        name: "one",
        rules: [
          {
            alert: "Late",
            expr,
            for: duration,
            keep_firing_for: keep,
            labels: { severity: "warning", for: "16m", expr: "time() - a > 60" },
            annotations: { summary: "after 16m, {{ $value }}", expr: "[5m]" },
          },
        ],
      },
    ],
  });
  const scaled = scaleRuleFile(renderYaml(file("16m", "30m", "time() - a > 2700")), 60);
  expect(parseYaml(scaled)).toEqual(file("16000ms", "30000ms", "time() - a > 45"));
  expect(promtool(["check", "rules", "rules.yml"], { "rules.yml": scaled })).toMatchObject({ ok: true });
});

test("no time at all stays none, and a short one does not vanish", () => {
  const file = (duration: string) => renderYaml({ groups: [{ name: "a", interval: duration, rules: [] }] });
  expect(scaleRuleFile(file("0s"), 60)).toBe(file("0s"));
  expect(scaleRuleFile(file("1ms"), 60)).toBe(file("1ms"));
  expect(() => scaleRuleFile(file("soon"), 60)).toThrow("no duration");
});
