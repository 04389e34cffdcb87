/** The catalogue, in Markdown and JSON and as a page; two synthesized outputs, and what is said of them. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { parseCatalogContext } from "../../lib/catalog/catalog-context-json";
import { catalogFiles } from "../../lib/catalog/catalog-files";
import { formatCatalog, parseCatalog } from "../../lib/catalog/catalog-json";
import { catalogContext } from "../../lib/catalog/checks/catalog-rule";
import { checkCatalog, formatCatalogProblem } from "../../lib/catalog/checks/check-catalog";
import { importCatalog } from "../../lib/catalog/markdown/import-markdown";
import { renderCatalogMarkdown } from "../../lib/catalog/markdown/render-markdown";
import { ConfigurationError } from "../../lib/core/problem";
import {
  DiffFormatError,
  diffOutputs,
  parseDiff,
  readOutput,
  renderDiffJson,
  renderDiffMarkdown,
  renderDiffTerminal,
} from "../../lib/diff";
import { renderYaml } from "../../lib/text/yaml";
import { fuzz, only, plainly } from "./fuzz";
import { mutated, mutatedJson } from "./mutated";

const MARKDOWN = `# Service Catalog

Words with \`code\`, [a link](docs/runbooks/a.md#b) & <b>more</b>.

## Critical - Network (Tier: core)
| Service | Description | Stack |
|---------|-------------|-------|
| registry | Keeps *images*, see [runbook](docs/runbooks/a.md) | registry |
| ~~old~~ | Gone; replaced by registry | - |

## Cloudflare Domains

### Proxied
\`\`\`
registry.example.com, blog
\`\`\`

## Key Runbooks

| Surface | Runbook |
|---|---|
| Registry down | [Registry](docs/runbooks/a.md) |
`;
const IMPORTED = importCatalog(MARKDOWN);
const RUNBOOK =
  "---\nkey: value\n---\n# Title\n\n## Meaning\n\nIt means <b>this</b>.\n\n- [x](javascript:alert(1)) ![y](z)\n";
const JSON_TEXT = formatCatalog(
  IMPORTED.catalog ??
    parseCatalog(
      '{"schema":"tallyman.catalog/1","groups":[],"domains":{"proxied":[],"direct":[],"special":[]},"surfaces":[],"sections":[]}',
    ),
);

test("the Markdown that is mutated is a catalogue", () => {
  expect(IMPORTED.problems).toEqual([]);
});

fuzz("a catalogue in Markdown, which is written back as it was read", mutated([MARKDOWN]), (text) => {
  const { catalog, problems } = importCatalog(text);
  for (const problem of problems) expect(JSON.stringify(problem)).not.toMatch(/[\u007f-\u009f\u202a-\u202e]/);
  if (catalog === null) return;
  const again = importCatalog(renderCatalogMarkdown(catalog));
  expect(again).toEqual({ catalog, problems: [] });
});

fuzz(
  "a catalogue in JSON, its checks and its page",
  fc.tuple(fc.oneof(mutatedJson([JSON.parse(JSON_TEXT)]), mutated([JSON_TEXT])), mutated([RUNBOOK])),
  ([text, markdown]) => {
    const catalog = only([ConfigurationError], () => parseCatalog(text));
    if (catalog === null) return;
    expect(parseCatalog(formatCatalog(catalog))).toEqual(catalog);
    const context = catalogContext(catalog, { runbooks: new Map([["docs/runbooks/a.md", new Set(["b"])]]) });
    for (const problem of checkCatalog(context)) {
      const said = formatCatalogProblem(problem);
      expect(said).toBe(plainly(said));
    }
    const documents = [{ file: "docs/runbooks/a.md", markdown }];
    const files = catalogFiles({
      context,
      rules: {},
      runbooks: documents,
      externalRunbooks: [],
      postMortems: documents,
    });
    const page = files["site/index.html"] ?? "";
    // Of tags alone: as words of a text they are what somebody wrote.
    const tags = page.match(/<[a-z][^>]*>/gi)?.join("\n") ?? "";
    expect(tags).not.toMatch(/<(?:img|iframe|object|embed|svg|form|base|link)\b|javascript:|\son\w+=/i);
    expect(page.match(/<script\b/g)).toHaveLength(1);
    only([ConfigurationError], () => parseCatalogContext(files["context.json"] ?? ""));
  },
  40,
);

fuzz(
  "a catalogue's context",
  mutated([
    '{"schema":"tallyman.catalog-context/1","alerts":null,"stacks":null,"tiers":[],"externalRunbooks":[],"rules":{},"baseDomain":null}',
  ]),
  (text) => {
    only([ConfigurationError], () => parseCatalogContext(text));
  },
);

const TERRAFORM = {
  "//": { metadata: { version: "0.21.0", stackName: "s", backend: "local" } },
  terraform: {
    backend: { local: { path: "x" } },
    required_providers: { kubernetes: { source: "kubernetes", version: "2" } },
  },
  provider: { kubernetes: [{}] },
  moved: [{ from: "kubernetes_config_map_v1.a", to: "kubernetes_config_map_v1.b" }],
  resource: {
    kubernetes_config_map_v1: {
      b: {
        "//": { metadata: { path: "s/p/b" } },
        metadata: { name: "b", namespace: "m" },
        data: { "rules.yml": "groups:\n- name: g\n" },
      },
    },
    kubernetes_cron_job_v1: {
      c: {
        "//": { metadata: { path: "s/p/c" } },
        metadata: { name: "c" },
        spec: {
          schedule: "*/15 * * * *",
          job_template: {
            spec: {
              template: {
                spec: {
                  container: [
                    { name: "probe", image: "node:22", args: ["probe", "r.example.com", "--interval=15m"] },
                  ],
                },
              },
            },
          },
        },
      },
    },
    kubernetes_secret_v1: { d: { metadata: { name: "d" }, data: { password: "hunter2" } } },
  },
};
const MANIFEST = {
  version: "0.21.0",
  stacks: {
    s: {
      name: "s",
      constructPath: "s",
      workingDirectory: "stacks/s",
      synthesizedStackPath: "stacks/s/cdk.tf.json",
      annotations: [],
      dependencies: [],
    },
  },
};
const RULES = renderYaml({
  groups: [
    {
      name: "g",
      rules: [
        {
          alert: "RegistryDown",
          expr: 'up{job="r"} == 0',
          for: "5m",
          labels: { severity: "critical", instance: "r" },
          annotations: { summary: "s", runbook_url: "https://x/docs/runbooks/registry-down.md" },
        },
      ],
    },
  ],
});
const COMPOSE =
  "services:\n  registry:\n    image: registry:2\n    ports: ['5000:5000']\n    volumes: ['./c.yml:/etc/docker/registry/config.yml']\n";

const output = fc.record({
  "manifest.json": fc.constant(JSON.stringify(MANIFEST)),
  "stacks/s/cdk.tf.json": fc.oneof(mutatedJson([TERRAFORM]), fc.constant(JSON.stringify(TERRAFORM))),
  "artifacts/monitoring/rules.yml": mutated([RULES]),
  "artifacts/registry-host/docker-compose.yml": mutated([COMPOSE]),
  "artifacts/catalog/catalog.json": fc.oneof(mutated([JSON_TEXT]), mutatedJson([JSON.parse(JSON_TEXT)])),
  "artifacts/runbooks/a.md": mutated([RUNBOOK]),
});

fuzz(
  "two outputs, and what differs, in Markdown, JSON and for a terminal",
  fc.tuple(output, output),
  (sides) => {
    const folder = mkdtempSync(join(tmpdir(), "tallyman-fuzz-"));
    try {
      const [base, head] = sides.map((files, at) => {
        const root = join(folder, `${at}`);
        for (const [path, text] of Object.entries(files)) {
          mkdirSync(dirname(join(root, path)), { recursive: true });
          writeFileSync(join(root, path), text);
        }
        return only([ConfigurationError], () => readOutput(root));
      });
      if (!base || !head) return;
      expect(diffOutputs(base, base)).toMatchObject({ grade: "none", changes: [] });
      const diff = diffOutputs(base, head);
      expect(diff.changes.filter(({ kind }) => kind === "rule_failed")).toEqual([]);
      expect(parseDiff(renderDiffJson(diff))).toEqual(diff);
      const terminal = renderDiffTerminal(diff, { isColoured: false });
      expect(terminal).toBe(plainly(terminal));
      const markdown = renderDiffMarkdown(diff);
      expect(markdown).toBe(plainly(markdown));
      expect(markdown).not.toMatch(/<(?:script|img|iframe|a|b|svg)\b/i);
      for (const said of [terminal, markdown, renderDiffJson(diff)]) expect(said).not.toContain("hunter2");
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
  25,
);

fuzz(
  "a diff as JSON",
  mutated([
    '{"schema":"tallyman.diff/1","grade":"risk","changes":[{"grade":"risk","kind":"k","where":"w","before":null,"after":"a","text":"t"}]}',
  ]),
  (text) => {
    only([DiffFormatError], () => parseDiff(text));
  },
);
