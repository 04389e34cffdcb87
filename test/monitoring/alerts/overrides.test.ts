import { Duration } from "../../../lib/core/duration";
import { ConfigurationError, formatProblem } from "../../../lib/core/problem";
import { ALERT_NAMES, RULE_SETS } from "../../../lib/monitoring/alerts/alert-names";
import { checkRuleOptions } from "../../../lib/monitoring/alerts/check-rule-options";
import { ruleSet } from "../../../lib/monitoring/alerts/rule-set";
import type { RuleSetOptions } from "../../../lib/monitoring/alerts/rule-set-options";
import { ALL, INSTANCE, PLAIN, probeOf } from "./rule-set-fixture";

const spec = probeOf();

/** What a caller that is not typed may give. */
function untyped(json: string): RuleSetOptions {
  return { ...PLAIN, ...JSON.parse(json) };
}

test("an alert is switched off, re-graded, labelled or made to wait, and no other", () => {
  const set = ruleSet(spec, {
    ...PLAIN,
    ruleLabels: { team: "infra", page: "no" },
    overrides: {
      RegistryIntegrityDegraded: { enabled: false },
      RegistryCatalogInaccessible: {
        severity: "warning",
        labels: { page: "yes" },
        for: Duration.minutes(30),
      },
    },
  });
  expect(set.alerts).not.toContain("RegistryIntegrityDegraded");
  const [group] = set.groups;
  const inaccessible = group?.rules.find((rule) => rule.alert === "RegistryCatalogInaccessible");
  expect(inaccessible).toMatchObject({
    labels: { severity: "warning", page: "yes", team: "infra" },
    for: Duration.minutes(30),
  });
  expect(inaccessible?.annotations.description).not.toContain("at worst");
  expect(group?.rules.find((rule) => rule.alert === "RegistryManifestIntegrityFailure")?.labels).toEqual({
    severity: "critical",
    instance: INSTANCE,
    reason: "damage",
    team: "infra",
    page: "no",
  });
});

test("a group that has no rule left is left out", () => {
  const overrides = { RegistryDown: { enabled: false }, RegistryMaintenance: { enabled: false } } as const;
  const names = (options: RuleSetOptions) => ruleSet(spec, options).groups.map((group) => group.name);
  const services = { private: { kind: "private" } } as const;
  expect(names({ ...PLAIN, services })).toHaveLength(2);
  expect(names({ ...PLAIN, services, overrides })).toHaveLength(1);
});

test("a named rule set is closed: who adds an alert must add a set", () => {
  expect(RULE_SETS["2026-11"]).toHaveLength(19);
  expect(ruleSet(spec, { ...ALL, ruleSet: "2026-11" })).toEqual(ruleSet(spec, ALL));
});

test.each([
  ['{"overrides":{"RegistryFailure":{}}}', /^overrides\.RegistryFailure must name an alert.*Known are Reg/],
  ['{"overrides":{"RegistryDown":{"enabled":true}}}', /^overrides\.RegistryDown\.enabled must be false/],
  ['{"overrides":{"RegistryDown":{"severity":"page"}}}', /severity must be a severity, got "page".*critical/],
  ['{"overrides":{"RegistryDown":{"labels":{"reason":"x"}}}}', /labels\["reason"\] must be left/],
  ['{"overrides":{"RegistryDown":{"labels":{"a-b":"x"}}}}', /labels\["a-b"\] must have a label's name/],
  ['{"overrides":{"RegistryDown":{"for":"1.5h"}}}', /RegistryDown\.for must be a Duration, got "1.5h"/],
  ['{"ruleSet":"2020-01"}', /^ruleSet must name a rule set, got "2020-01". Known are 2026-11/],
])("%s is refused", (json, message) => {
  const options = untyped(json);
  expect(checkRuleOptions(options, spec, () => false).map(formatProblem)).toEqual([
    expect.stringMatching(message),
  ]);
  expect(() => ruleSet(spec, options)).toThrow(ConfigurationError);
});

test.each([
  ['{"ruleLabels":{"tier":1}}', /^ruleLabels\["tier"\] must be text, got 1\. Write it in quotes\.$/],
  ['{"ruleLabels":{"tier":null}}', /^ruleLabels\["tier"\] must be text, got null/],
  [
    '{"overrides":{"RegistryDown":{"labels":{"a":{"b":"c"}}}}}',
    /^overrides\.RegistryDown\.labels\["a"\] must be text/,
  ],
])("%s, which the PrometheusRule's schema refuses, is refused", (json, message) => {
  const problems = checkRuleOptions(untyped(json), spec, () => false);
  expect(problems.map(formatProblem)).toEqual([expect.stringMatching(message)]);
});

test("an unknown name's error lists every known one", () => {
  const [problem] = checkRuleOptions(untyped('{"overrides":{"X":{}}}'), spec, () => false);
  for (const name of ALERT_NAMES) expect(problem?.fix).toContain(name);
});

test.each([
  [{ services: { "": { kind: "cache" } } }, 'services[""] must not be empty'],
  [{ services: { a: { kind: "cache", instance: "TOKEN" } } }, 'services["a"].instance must be literal'],
  [{ pushgateway: { job: "" } }, "pushgateway.job must not be empty"],
  [{ inUse: { imageNames: { other: ["a"] } } }, 'imageNames["other"] must be of a registry of the probe'],
  [{ inUse: { imageNames: { [INSTANCE]: [] } } }, "must name at least one"],
  [{ inUse: { imageNames: { [INSTANCE]: ["https://a"] } } }, "must be a host, with its port or path"],
  [{ inUse: { imageNames: { [INSTANCE]: ["a/"] } } }, "must be a host, with its port or path"],
] as const)("%j is refused", (more, message) => {
  const problems = checkRuleOptions({ ...PLAIN, ...more }, spec, (text) => text === "TOKEN");
  expect(problems.map(formatProblem)).toEqual([expect.stringContaining(message)]);
});

test("what is sound is taken", () => {
  expect(checkRuleOptions(ALL, spec, () => false)).toEqual([]);
});
