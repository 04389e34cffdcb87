import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KubernetesProvider } from "@cdktf/provider-kubernetes/lib/provider";
import { App, TerraformStack } from "cdktf";
import { alertLabels, renderAlertRelabeling } from "../../lib/catalog/alert-labels";
import { defineCatalog } from "../../lib/catalog/define-catalog";
import { externalRunbook } from "../../lib/catalog/runbooks-of";
import { ServiceCatalog, type ServiceCatalogProps } from "../../lib/catalog/service-catalog";
import { alertRef, runbookRef } from "../../lib/core/references";
import { parseYaml } from "../../lib/text/yaml";

let folder = "";
let app: App;
let stack: TerraformStack;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tallyman-catalog-"));
  app = new App({ outdir: join(folder, "out") });
  stack = new TerraformStack(app, "stack");
  new KubernetesProvider(stack, "kubernetes", {});
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const runbook = { file: "docs/runbooks/down.md", markdown: "# Down\n\n## Meaning\n\nIt is down.\n" };
const catalog = defineCatalog({
  registry: {
    // What Terraform would take for expressions.
    // biome-ignore lint/suspicious/noTemplateCurlyInString: that is the point
    description: "${var.x} %{ if true }",
    tier: "core",
    alerts: [alertRef("Down", runbookRef("docs/runbooks/down.md"))],
  },
});

function make(props: Partial<ServiceCatalogProps> = {}): ServiceCatalog {
  return new ServiceCatalog(stack, "catalog", { catalog, runbooks: [runbook], ...props });
}

function synth(): string {
  app.synth();
  return readFileSync(join(folder, "out/stacks/stack/cdk.tf.json"), "utf8");
}

function resourcesOf(text: string): Record<string, unknown> {
  const root: unknown = JSON.parse(text);
  return Object.fromEntries(
    Object.entries(Object(Object.entries(Object(root)).find(([key]) => key === "resource")?.[1])),
  );
}

test("without a namespace: files alone", () => {
  make();
  expect(Object.keys(resourcesOf(synth()))).toEqual([]);
  expect(readdirSync(join(folder, "out/artifacts/catalog")).sort()).toEqual([
    ...[
      "alert-labels.json",
      "alert-labels.yml",
      "catalog.json",
      "context.json",
      "service-catalog.md",
      "site",
    ],
  ]);
  expect(readFileSync(join(folder, "out/artifacts/runbooks/down.md"), "utf8")).toBe(runbook.markdown);
});

test("with one: a ConfigMap whose contents no plan shows", () => {
  make({ namespace: "monitoring" });
  const text = synth();
  expect(Object.keys(resourcesOf(text))).toEqual(["kubernetes_config_map_v1"]);
  const [, path = ""] = /sensitive\(file\(\\"\.\/(assets\/[^"\\]*catalog\.json)/.exec(text) ?? [];
  expect(readFileSync(join(folder, "out/stacks/stack", path), "utf8")).toContain("var.x");
  expect(text).not.toContain("var.x");
  expect(text).toMatch(/"checksum\/catalog": "[0-9a-f]{64}"/);
});

test("with a site: what the restricted standard asks for, every boolean written", () => {
  const { site } = make({ namespace: "monitoring", site: {} });
  expect(site?.networkPolicy).toBeDefined();
  const [deployment] = Object.values(Object(resourcesOf(synth()).kubernetes_deployment_v1));
  expect(deployment).toMatchObject({
    spec: {
      template: {
        spec: {
          automount_service_account_token: false,
          security_context: { run_as_non_root: true, seccomp_profile: { type: "RuntimeDefault" } },
          container: [
            {
              image: expect.stringMatching(/^nginx:[0-9]+\.[0-9]+\.[0-9]+/),
              security_context: {
                allow_privilege_escalation: false,
                capabilities: { drop: ["ALL"] },
                privileged: false,
                read_only_root_filesystem: true,
                run_as_non_root: true,
              },
            },
          ],
        },
      },
    },
  });
});

test("an error of the checks stops the synthesis", () => {
  const wrong = make({ runbooks: [], externalRunbooks: [] });
  expect(wrong.problems.map(({ rule, severity }) => `${severity} ${rule}`)).toEqual([
    "error alert-without-runbook",
  ]);
  expect(() => app.synth()).toThrow("docs/runbooks/down.md");
});

test("a warning does not: it is told in the manifest, and everything is written", () => {
  const unused = defineCatalog({ web: { description: "A site", tier: "core" } });
  const { problems, warnings } = make({ catalog: unused });
  expect(warnings.map(({ rule }) => rule)).toContain("core-without-runbook");
  expect(problems).toEqual(warnings);
  synth();
  expect(readFileSync(join(folder, "out/manifest.json"), "utf8")).toContain("core-without-runbook");
  expect(readFileSync(join(folder, "out/artifacts/catalog/catalog.json"), "utf8")).toContain("A site");
});

test("runbooks of other repositories: what is not marked as one is none, a file alone will do", () => {
  const alerts = [{ name: "Down", runbook: "docs/runbooks/host.md", severity: null, summary: null }];
  const external = externalRunbook("docs/runbooks/host.md", "The host is ill.");
  const rulesOf = (id: string, one: typeof external | string) =>
    new ServiceCatalog(stack, id, {
      catalog,
      runbooks: [runbook],
      alerts,
      externalRunbooks: [one],
    }).problems.map(({ rule }) => rule);
  expect(rulesOf("a", external)).not.toContain("alert-without-runbook");
  expect(rulesOf("b", external.file)).not.toContain("alert-without-runbook");
  expect(rulesOf("c", { ...external, isExternal: false })).toContain("alert-without-runbook");
});

test("an estate may grade it down", () => {
  const { warnings } = make({ runbooks: [], rules: { "alert-without-runbook": "warning" } });
  expect(warnings).toHaveLength(1);
  expect(() => app.synth()).not.toThrow();
});

test.each<[string, Partial<ServiceCatalogProps>, string]>([
  ["a site without a namespace", { site: {} }, "namespace must be given"],
  ["a name that is none", { name: "A b" }, "name must be"],
  ["a floating image", { namespace: "a", site: { image: "nginx:alpine" } }, "site.image must be pinned"],
  ["half a replica", { namespace: "a", site: { replicas: 0.5 } }, "site.replicas must be a whole number"],
  [
    "two runbooks of one name",
    { runbooks: [runbook, { ...runbook, file: "other/down.md" }] },
    "runbooks[1].file must have another name",
  ],
  [
    "more than a ConfigMap holds",
    {
      namespace: "a",
      site: {},
      runbooks: [{ ...runbook, markdown: `# Down\n\n${"word ".repeat(250_000)}` }],
    },
    "fit into a ConfigMap",
  ],
])("%s is refused", (_what, props, message) => {
  expect(() => make(props)).toThrow(message);
});

test("labels: an alert of one service gets its name, one of two or none only its runbook", () => {
  const shared = defineCatalog({
    a: { alerts: ["One", "Both"] },
    b: { alerts: ["Both"] },
    $1: { alerts: ["A.b"] },
  });
  const alerts = [{ name: "None", runbook: "docs/runbooks/none.md", severity: null, summary: null }];
  const labels = alertLabels(shared, alerts);
  expect(labels.map(({ alert, services }) => [alert, services])).toEqual([
    ["A.b", ["$1"]],
    ["Both", ["a", "b"]],
    ["None", []],
    ["One", ["a"]],
  ]);
  const relabeling = parseYaml(renderAlertRelabeling(labels));
  expect(relabeling).toEqual(
    expect.arrayContaining([
      { source_labels: ["alertname"], regex: "A\\.b", target_label: "service", replacement: "$$1" },
      { source_labels: ["alertname"], regex: "One", target_label: "service", replacement: "a" },
      {
        source_labels: ["alertname"],
        regex: "None",
        target_label: "runbook",
        replacement: "docs/runbooks/none.md",
      },
    ]),
  );
  expect(JSON.stringify(relabeling)).not.toContain("Both|");
});
