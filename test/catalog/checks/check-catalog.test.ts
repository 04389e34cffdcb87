import { readFileSync } from "node:fs";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
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
import { uncheckedRules } from "../../../lib/catalog/checks/unchecked-rules";
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

const families = (...patterns: readonly string[]) =>
  patterns.map((pattern) => ({ pattern, description: "" }));
const surface = (href: string) => ({ surface: "VM", title: "x", href });

/** A service whose description ends in a link. */
const described = (href: string) => catalogOf({ a: { description: `words [x](${href})` } });

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
    "an alert without one, where runbooks are not known",
    catalogOf({ a: { alerts: ["Down"] } }),
    { alerts: [{ ...down, runbook: null }] },
    ["alert-without-runbook a"],
  ],
  [
    "an alert with a section of another repository's runbook",
    catalogOf({}),
    {
      runbooks: new Map(),
      alerts: [{ ...down, runbook: "docs/runbooks/x.md#y" }],
      externalRunbooks: ["docs/runbooks/x.md"],
    },
    [],
  ],
  [
    "the runbook that a name implies, where alerts are not known",
    catalogOf({ a: { alerts: ["DiskFull", "Down"] }, b: { alerts: ["DiskFull"] } }),
    { runbooks: new Map([["docs/runbooks/down.md", new Set<string>()]]) },
    ["alert-without-runbook a"],
  ],
  ["a path that leads out", catalogOf({ a: { runbooks: ["docs/../../x.md"] } }), {}, ["unknown-runbook a"]],
  [
    "a path with detours",
    catalogOf({ a: { runbooks: ["./docs/x/../runbooks//a.md#meaning"] } }),
    { runbooks },
    [],
  ],
  [
    "a link of a description",
    described("../../docs/runbooks/x.md"),
    { runbooks: new Map() },
    ["unknown-runbook a"],
  ],
  ["one to a section that is not there", described(`${RUNBOOK}#impact`), { runbooks }, ["unknown-anchor a"]],
  ["one to anything else", described("docs/x.md"), { runbooks: new Map() }, []],
  [
    "links of free text",
    catalogOf({}, { sections: [{ after: null, markdown: "[a]\n\n[a]: docs/runbooks/x.md" }] }),
    { runbooks: new Map() },
    ["unknown-runbook -"],
  ],
  [
    "a subdomain and its whole name",
    catalogOf({ blog: {} }, { domains: { proxied: ["blog"], direct: ["Blog.example.com"] } }),
    { baseDomain: "example.com" },
    ["domain-both-ways -"],
  ],
  [
    "whole names of services that claim subdomains",
    catalogOf({ a: { domains: { direct: ["blog"] } } }, { domains: { direct: ["blog.example.com"] } }),
    { baseDomain: "example.com." },
    ["domain-twice -"],
  ],
  [
    "families of nobody's",
    catalogOf({ blog: {} }, { domains: { special: families("*.nobody", "*.x.blog", "blog.*") } }),
    {},
    ["domain-without-service -"],
  ],
  [
    "a family of a disabled service",
    catalogOf({ a: { status: "disabled" } }, { domains: { special: families("*.a") } }),
    {},
    ["disabled-in-use a"],
  ],
  [
    "a family twice",
    catalogOf({ a: {} }, { domains: { special: families("*.a", "*.A") } }),
    {},
    ["domain-twice -"],
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

test("the manual has every rule, with its grade and what it needs", () => {
  const manual = readFileSync(join(__dirname, "../../../docs/catalog.md"), "utf8");
  const rows = [...manual.matchAll(/^\| `([a-z-]+)` \| (\w+) \| ([^|]*)\|/gm)];
  expect(rows.map(([, name, grade, needs = ""]) => [name, grade, needs.trim()])).toEqual(
    CATALOG_RULES.map(({ name, severity, needs = [] }) => [name, severity, [...needs].sort().join(", ")]),
  );
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

test("ten thousand domains of ten thousand services are held against one another", () => {
  const services = Object.fromEntries(Array.from({ length: 10_000 }, (_, at) => [`s${at}`, {}]));
  const direct = Array.from({ length: 10_000 }, (_, at) => `s${at}`);
  const catalog = catalogOf(services, { domains: { direct: [...direct, "x"] } });
  const begin = performance.now();
  expect(told(catalog)).toEqual(["domain-without-service -"]);
  expect(performance.now() - begin).toBeLessThan(3_000);
});

describe("rules that say nothing for want of knowledge are told", () => {
  const names = (around: CatalogSurroundings, options: CatalogRuleOptions = {}) =>
    uncheckedRules(catalogContext(sound, around), options).map(({ unknown, rules }) => [unknown, ...rules]);

  test("by what is not known", () => {
    expect(names({ alerts: [] })).toEqual([
      ["runbooks", "unknown-runbook", "unknown-anchor", "alert-without-runbook", "runbook-not-linked"],
      ["stacks", "unknown-stack"],
    ]);
    expect(names({ alerts: [], runbooks: new Map(), stacks: [] })).toEqual([]);
  });

  test("but not those that are switched off; an estate's own are", () => {
    const around = { alerts: [], runbooks: new Map() };
    expect(names(around, { rules: { "unknown-stack": "off" } })).toEqual([]);
    const own: CatalogRule = { name: "own", severity: "error", needs: ["stacks"], check: () => [] };
    expect(names(around, { extraRules: [own] })).toEqual([["stacks", "unknown-stack", "own"]]);
  });
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
