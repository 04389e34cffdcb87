import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "cdktf";
import { parseCatalogContext } from "../../lib/catalog/catalog-context-json";
import { parseCatalog } from "../../lib/catalog/catalog-json";
import { importCatalog } from "../../lib/catalog/markdown/import-markdown";
import { renderCatalogMarkdown } from "../../lib/catalog/markdown/render-markdown";
import { Duration } from "../../lib/core/duration";
import { alertRef } from "../../lib/core/references";
import type { AlertingRule, RuleGroup } from "../../lib/monitoring/alert-model";
import { type CatalogEstate, CatalogStack, catalogAlerts, estateCatalog } from "../../stacks/catalog";
import { catalogEstate } from "../../stacks/estate/catalog/service-catalog";
import { monitoringEstate } from "../../stacks/estate/monitoring";
import { MonitoringStack } from "../../stacks/monitoring";

const ROOT = join(__dirname, "../..");
const { runbookBaseUrl } = monitoringEstate;
let folder = "";
let stack: CatalogStack;
/** Those that the estate's stack really raises. */
let ruleGroups: readonly RuleGroup[];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tallyman-catalog-stack-"));
  const programFile = join(folder, "tallyman.mjs");
  writeFileSync(programFile, "console.log('the program');\n");
  const app = new App({ outdir: folder });
  ruleGroups = new MonitoringStack(app, "monitoring", monitoringEstate, { programFile }).alerts.groups;
  stack = new CatalogStack(app, "catalog", catalogEstate, {
    ruleGroups,
    runbookBaseUrl,
    repositoryRoot: ROOT,
  });
  app.synth();
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const artifact = (path: string) => readFileSync(join(folder, "artifacts", path), "utf8");

test("the estate has no error, and its warnings are those that are known", () => {
  const { problems, warnings } = stack.serviceCatalog;
  expect(problems).toEqual(warnings);
  const count = (rule: string) => warnings.filter((one) => one.rule === rule).length;
  expect(warnings.map(({ message }) => message)).toContain(
    "netbox is disabled, and still has the domain netbox.",
  );
  expect(count("core-without-runbook")).toBe(8);
  expect(count("disabled-in-use")).toBe(1);
  expect(warnings.map(({ rule }) => rule)).toContain("domain-without-service");
  // The manifest tells of them, without a path of this machine.
  const manifest = readFileSync(join(folder, "manifest.json"), "utf8");
  expect(manifest).toContain("disabled-in-use");
  expect(manifest).not.toContain(ROOT);
});

test("it is the estate's own catalogue and the registry: all else renders to the same bytes", () => {
  const seed = readFileSync(join(ROOT, "test/catalog/fixtures/service-catalog.md"), "utf8");
  const { groups, domains, ...rest } = estateCatalog(
    catalogEstate,
    catalogAlerts(ruleGroups, runbookBaseUrl),
  );
  const without = {
    ...rest,
    groups: groups.slice(0, -1),
    domains: { ...domains, direct: domains.direct.filter((name) => name !== "registry") },
  };
  expect(renderCatalogMarkdown(without)).toBe(seed);
  const { catalog } = importCatalog(seed);
  const names = (all: typeof groups) => all.map((one) => one.services.map(({ name }) => name));
  expect(names(without.groups)).toEqual(names(catalog?.groups ?? []));
});

test("every alert of the rules leads to the registry and to a runbook that is there", () => {
  const catalog = parseCatalog(artifact("catalog/catalog.json"));
  const registry = catalog.groups.at(-1)?.services[0];
  const raised = ruleGroups.flatMap(({ rules }) => rules.map(({ alert }) => alert));
  expect(registry?.alerts).toEqual([...new Set(raised)]);
  expect(raised.length).toBeGreaterThan(10);
  const labels: unknown = JSON.parse(artifact("catalog/alert-labels.json"));
  expect(labels).toMatchObject({ schema: "tallyman.alert-labels/1" });
  expect(JSON.stringify(labels)).toContain(
    '{"alert":"RegistryDown","services":["registry"],"runbook":"docs/runbooks/registry-down.md"}',
  );
  expect(artifact("runbooks/registry-down.md")).toBe(
    readFileSync(join(ROOT, "docs/runbooks/registry-down.md"), "utf8"),
  );
  expect(parseCatalogContext(artifact("catalog/context.json")).externalRunbooks).toHaveLength(5);
});

test("the page holds the whole estate in less than 300 KiB", () => {
  const page = artifact("catalog/site/index.html");
  expect(Buffer.byteLength(page)).toBeLessThan(300 * 1024);
  expect(page).toContain("wireguard");
  for (const { rules } of ruleGroups) {
    for (const { alert } of rules) expect(page).toContain(`id="/alert/${alert}"`);
  }
  const [rule] = ruleGroups[0]?.rules ?? [];
  expect(page).toContain(rule?.annotations.summary?.split(/[&<>"'{]/)[0] ?? "no summary");
});

test("an alert's words are those of its rule, its runbook what its URL says", () => {
  const rule: AlertingRule = {
    alert: "RegistryDown",
    expr: "up == 0",
    for: Duration.minutes(5),
    labels: { severity: "critical" },
    annotations: { summary: "S", runbook_url: "https://elsewhere.example/x.md" },
  };
  const alerts = catalogAlerts([{ name: "g", rules: [rule] }], runbookBaseUrl);
  expect(alerts.find(({ name }) => name === "RegistryDown")).toEqual({
    name: "RegistryDown",
    runbook: null,
    severity: "critical",
    summary: "S",
  });
  expect(alerts).toHaveLength(1);
});

test("a service that names an alert that no rule raises is told, and stops nobody", () => {
  const outdir = mkdtempSync(join(tmpdir(), "tallyman-catalog-stack-"));
  try {
    const app = new App({ outdir });
    const estate = { ...catalogEstate, definition: () => ({ web: { alerts: [alertRef("LeftOver")] } }) };
    const options = { ruleGroups, runbookBaseUrl, repositoryRoot: ROOT };
    const { serviceCatalog } = new CatalogStack(app, "catalog", estate as unknown as CatalogEstate, options);
    expect(serviceCatalog.problems.map(({ rule, severity }) => [rule, severity])).toContainEqual([
      "unknown-alert",
      "warning",
    ]);
    app.synth();
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
});
