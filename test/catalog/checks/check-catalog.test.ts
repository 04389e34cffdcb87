import type { Catalog } from "../../../lib/catalog/catalog";
import { formatCatalog } from "../../../lib/catalog/catalog-json";
import type { CatalogRule, CatalogSurroundings } from "../../../lib/catalog/checks/catalog-rule";
import { catalogContext } from "../../../lib/catalog/checks/catalog-rule";
import {
  CATALOG_RULES,
  type CatalogRuleOptions,
  checkCatalog,
  formatCatalogProblem,
} from "../../../lib/catalog/checks/check-catalog";
import { locateProblems } from "../../../lib/catalog/checks/locate-problems";
import {
  type CatalogParts,
  defineCatalog,
  type ServiceDefinition,
} from "../../../lib/catalog/define-catalog";
import { ConfigurationError } from "../../../lib/core/problem";

type Services = Readonly<Record<string, ServiceDefinition>>;

function catalogOf(services: Services, parts: CatalogParts = {}, tier: string | null = "aux"): Catalog {
  return defineCatalog({ ...parts, groups: [{ title: "All", tier, services }] });
}

function problemsOf(catalog: Catalog, around: CatalogSurroundings = {}, options: CatalogRuleOptions = {}) {
  return checkCatalog(catalogContext(catalog, around), options);
}

/** `<rule> <service>` of each. */
function told(catalog: Catalog, around: CatalogSurroundings = {}): string[] {
  return problemsOf(catalog, around).map(({ rule, where }) => `${rule} ${where.service ?? "-"}`);
}

const RUNBOOK = "docs/runbooks/a.md";
const runbooks = new Map([[RUNBOOK, new Set(["meaning"])]]);
const down = { name: "Down", runbook: RUNBOOK, severity: null, summary: null };
const sound = catalogOf({ a: { alerts: ["Down"], dependsOn: ["b"] }, b: {} });

test("a sound catalogue has no problem", () => {
  expect(problemsOf(sound, { runbooks, alerts: [down], stacks: [] })).toEqual([]);
});

const surface = (href: string) => ({ surface: "VM", title: "x", href });

const CASES: readonly [string, Catalog, CatalogSurroundings, readonly string[]][] = [
  [
    "a name in two groups",
    {
      ...sound,
      groups: [
        ...sound.groups,
        { title: "More", tier: null, services: catalogOf({ a: {} }).groups[0]?.services ?? [] },
      ],
    },
    {},
    ["duplicate-name a"],
  ],
  [
    "two groups of one title",
    { ...sound, groups: [...sound.groups, { title: "All", tier: null, services: [] }] },
    {},
    ["duplicate-name -"],
  ],
  [
    "a surface twice",
    catalogOf({}, { surfaces: [surface("https://a.example"), surface("https://b.example")] }),
    {},
    ["duplicate-name -"],
  ],
  ["a tier of nobody's", catalogOf({ a: { tier: "gold" } }), {}, ["unknown-tier a"]],
  ["a group's tier", catalogOf({}, {}, "gold"), {}, ["unknown-tier -"]],
  ["a tier of the estate's own", catalogOf({ a: { tier: "gold" } }), { tiers: ["gold", "aux"] }, []],
  [
    "a stack that is not there",
    catalogOf({ a: { stack: "x" }, b: {} }),
    { stacks: ["y"] },
    ["unknown-stack a"],
  ],
  ["stacks that are not known", catalogOf({ a: { stack: "x" } }), {}, []],
  ["a dependency on nothing", catalogOf({ a: { dependsOn: ["x"] } }), {}, ["unknown-service a"]],
  ["a replacement by nothing", catalogOf({ a: { replacedBy: "x" } }), {}, ["unknown-service a"]],
  ["an alert that no rule raises", catalogOf({ a: { alerts: ["Up"] } }), { alerts: [] }, ["unknown-alert a"]],
  [
    "a runbook that is not there",
    catalogOf({ a: { runbooks: ["docs/runbooks/x.md"] } }),
    { runbooks: new Map() },
    ["unknown-runbook a"],
  ],
  [
    "one of another repository",
    catalogOf({ a: { runbooks: ["docs/runbooks/x.md"] } }),
    { runbooks: new Map(), externalRunbooks: ["docs/runbooks/x.md"] },
    [],
  ],
  [
    "a surface's, by a path that climbs",
    catalogOf({}, { surfaces: [surface("../../docs/runbooks/x.md")] }),
    { runbooks: new Map() },
    ["unknown-runbook -"],
  ],
  [
    "a surface's URL",
    catalogOf({}, { surfaces: [surface("https://a.example/docs/runbooks/x.md")] }),
    { runbooks: new Map() },
    [],
  ],
  [
    "a section that is not there",
    catalogOf({ a: { runbooks: [`${RUNBOOK}#impact`] } }),
    { runbooks },
    ["unknown-anchor a"],
  ],
  ["a section that is there", catalogOf({ a: { runbooks: [`${RUNBOOK}#meaning`] } }), { runbooks }, []],
  [
    "an alert whose runbook is not there",
    catalogOf({ a: { alerts: ["Down"] } }),
    { runbooks: new Map(), alerts: [down] },
    ["alert-without-runbook a"],
  ],
  [
    "an alert without one",
    catalogOf({}),
    { runbooks: new Map(), alerts: [{ ...down, runbook: null }] },
    ["alert-without-runbook -"],
  ],
  [
    "proxied and direct",
    catalogOf({ "x.y": {} }, { domains: { proxied: ["x.y"], direct: ["X.y."] } }),
    {},
    ["domain-both-ways -"],
  ],
  [
    "claimed the other way than listed",
    catalogOf({ a: { domains: { direct: ["a"] } } }, { domains: { proxied: ["a"] } }),
    {},
    ["domain-both-ways -"],
  ],
  [
    "claimed by two",
    catalogOf({ a: { domains: { direct: ["x"] } }, b: { domains: { direct: ["x"] } } }),
    {},
    ["domain-twice b"],
  ],
  ["twice in a list", catalogOf({ x: {} }, { domains: { direct: ["x", "x"] } }), {}, ["domain-twice -"]],
  [
    "a cycle",
    catalogOf({ a: { dependsOn: ["b"] }, b: { dependsOn: ["c"] }, c: { dependsOn: ["b"] } }),
    {},
    ["dependency-cycle b"],
  ],
  ["itself", catalogOf({ a: { dependsOn: ["a"] } }), {}, ["dependency-cycle a"]],
  [
    "a diamond is no cycle",
    catalogOf({ a: { dependsOn: ["b", "c"] }, b: { dependsOn: ["d"] }, c: { dependsOn: ["d"] }, d: {} }),
    {},
    [],
  ],
  [
    "replaced in a ring",
    catalogOf({ a: { replacedBy: "b" }, b: { replacedBy: "a" } }),
    {},
    ["replacement-cycle a"],
  ],
  ["a core service on its own", catalogOf({ a: {} }, {}, "core"), {}, ["core-without-runbook a"]],
  [
    "a core service with a runbook",
    catalogOf({ a: { runbooks: [RUNBOOK] }, b: { alerts: ["X"] } }, {}, "core"),
    {},
    [],
  ],
  [
    "disabled, with its domain listed",
    catalogOf({ a: { status: "disabled" } }, { domains: { direct: ["a"] } }),
    {},
    ["disabled-in-use a"],
  ],
  [
    "disabled, its domain taken over",
    catalogOf({ a: { replacedBy: "b" }, b: { domains: { direct: ["a"] } } }),
    {},
    [],
  ],
  [
    "disabled, with an alert",
    catalogOf({ a: { status: "disabled", alerts: ["X"] } }),
    {},
    ["disabled-in-use a"],
  ],
  [
    "disabled, and needed",
    catalogOf({ a: { status: "disabled" }, b: { dependsOn: ["a"] } }),
    {},
    ["disabled-in-use b"],
  ],
  [
    "a domain of nobody's",
    catalogOf({ a: {} }, { domains: { direct: ["x", "a"] } }),
    {},
    ["domain-without-service -"],
  ],
  ["a runbook that nothing links", catalogOf({ a: {} }), { runbooks }, ["runbook-not-linked -"]],
  ["a runbook that an alert links", catalogOf({ a: { alerts: ["Down"] } }), { runbooks, alerts: [down] }, []],
];

test.each(CASES)("%s", (_what, catalog, around, expected) => {
  expect(told(catalog, around)).toEqual(expected);
});

test("every rule is told of by one of these", () => {
  const seen = new Set(
    CASES.flatMap(([, catalog, around]) => problemsOf(catalog, around)).map(({ rule }) => rule),
  );
  expect(CATALOG_RULES.map(({ name }) => name).filter((name) => !seen.has(name))).toEqual([]);
});

test("hostile names end a line nowhere", () => {
  const name = "a\n::error::b\u202e";
  const [problem] = problemsOf(catalogOf({ [name]: { dependsOn: ["\u001b[31mx"] } }));
  expect(problem && formatCatalogProblem(problem)).not.toMatch(/[\n\u001b\u202e]/);
});

test("a chain of ten thousand services is walked", () => {
  const services = Object.fromEntries(
    Array.from({ length: 10_000 }, (_, at) => [`s${at}`, at === 9_999 ? {} : { dependsOn: [`s${at + 1}`] }]),
  );
  expect(told(catalogOf(services))).toEqual([]);
});

describe("an estate's own grades and rules", () => {
  const lonely = catalogOf({ a: {} }, {}, "core");
  const noDigits: CatalogRule = {
    name: "no-digits",
    severity: "warning",
    check: ({ services }) =>
      services
        .filter(({ service }) => /[0-9]/.test(service.name))
        .map(({ service, path }) => ({
          message: `${service.name} has a digit.`,
          fix: "Rename it.",
          where: { group: null, service: service.name, path },
        })),
  };

  test("switch, raise and add", () => {
    expect(problemsOf(lonely, {}, { rules: { "core-without-runbook": "off" } })).toEqual([]);
    expect(problemsOf(lonely, {}, { rules: { "core-without-runbook": "error" } })).toMatchObject([
      { severity: "error" },
    ]);
    expect(problemsOf(catalogOf({ a1: {} }), {}, { extraRules: [noDigits] })).toMatchObject([
      { rule: "no-digits" },
    ]);
  });

  test("errors come first", () => {
    const both = catalogOf({ a: { tier: "core" }, b: { dependsOn: ["x"] } });
    const options = { rules: { "core-without-runbook": "error", "unknown-service": "warning" } } as const;
    expect(problemsOf(both, {}, options).map(({ severity }) => severity)).toEqual(["error", "warning"]);
  });

  test.each([
    [{ rules: { "no-such-rule": "off" as const } }, "no-such-rule"],
    [{ extraRules: [{ ...noDigits, name: "unknown-tier" }] }, "unknown-tier"],
  ])("%j is refused", (options, name) => {
    expect(() => problemsOf(lonely, {}, options)).toThrow(ConfigurationError);
    expect(() => problemsOf(lonely, {}, options)).toThrow(name);
  });
});

test("a problem has the line of its value in the JSON", () => {
  const catalog = catalogOf({ a: {}, b: { dependsOn: ["a", "x"] } });
  const json = formatCatalog(catalog);
  const [problem] = locateProblems(problemsOf(catalog), "catalog.json", json);
  expect(problem).toMatchObject({ file: "catalog.json" });
  expect(json.split("\n")[(problem?.line ?? 0) - 1]?.trim()).toBe('"x"');
});
