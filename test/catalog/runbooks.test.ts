import { readFileSync } from "node:fs";
import { join, posix } from "node:path";
import type { LRParser } from "@lezer/lr";
import { readDocuments } from "../../lib/catalog/catalog-document";
import { externalRunbook, runbooksOf } from "../../lib/catalog/runbooks-of";
import { runbookOf } from "../../lib/core/references";
import { HOST_METRICS, METRICS, metricName } from "../../lib/integrity/contract";
import { ALERT_NAMES } from "../../lib/monitoring/alerts/alert-names";
import { checkPromql } from "../../lib/monitoring/alerts/check-promql";
import { FOREIGN_METRICS } from "../../lib/monitoring/alerts/foreign-metrics";
import { headingAnchors } from "../../lib/text/markdown/heading-anchors";
import { nodesWithin } from "../../lib/text/markdown/nodes-within";
import { parseMarkdown } from "../../lib/text/markdown/parse-markdown";
import { externalRunbooks, surfaces } from "../../stacks/estate/catalog/surfaces";

const { parser }: { readonly parser: LRParser } = require("@prometheus-io/lezer-promql");

const ROOT = join(__dirname, "../..");
const runbooks = readDocuments(ROOT, "docs/runbooks");
const documents = [...runbooks, ...readDocuments(ROOT, "docs/post-mortems")];
const ofAlerts = ALERT_NAMES.map((alert) => ({ alert, file: runbookOf(alert).path }));

function textOf(file: string): string {
  return readFileSync(join(ROOT, file), "utf8");
}

/** What stands in fences of that language. */
function codeOf(markdown: string, language: string): string[] {
  return nodesWithin(parseMarkdown(markdown))
    .filter(({ position }) => markdown.startsWith(`\`\`\`${language}\n`, position.start.offset))
    .flatMap(({ type, value }) => (type === "code" && value !== undefined ? [value] : []));
}

test.each(ofAlerts)("the runbook of $alert ends in a look anew, under a name that is free", ({ file }) => {
  const [, mitigation = ""] = textOf(file).split("## Mitigation");
  const commands = codeOf(mitigation, "console").join("\n");
  expect(commands).toMatch(/^kubectl -n \S+ create job --from=cronjob\/\S+ "\$JOB"$/m);
  expect(commands).toMatch(/^JOB=\S+-\$\(date \+%s\)$/m);
});

describe("of the incident", () => {
  /** Each stands behind the one before it. */
  function misplaced(text: string, parts: readonly string[]): string[] {
    let from = 0;
    return parts.filter((part) => {
      const at = text.indexOf(part, from);
      if (at < 0) return true;
      from = at + part.length;
      return false;
    });
  }

  const orders: [file: string, parts: readonly string[]][] = [
    [
      "docs/runbooks/registry-rebuild-image.md",
      [
        ...["## Diagnose", "npx tallyman verify "],
        ...["## Repair before you rebuild", "npx tallyman repair ", "--apply"],
        ...["## Restart before you push", "docker restart registry-private"],
        ...["## Rebuild by CI", "manual event", "curl -fsS -X POST", "/pipelines"],
        ...["## Build on the VM when CI is down", "docker login", "docker buildx build", "--push"],
        ...["## Verify", "npx tallyman verify ", "--expect-platform", "--recheck-after"],
        ...["## Sweep the rest", "create job --from=cronjob/registry-integrity-probe", "npx tallyman probe "],
      ],
    ],
    [
      "docs/runbooks/registry-vm.md",
      [
        ...["## Diagnose", "npx tallyman verify "],
        ...["## Repair an image", "systemctl stop registry-maintenance.timer"],
        ...["docker restart registry-private", "tallyman scan /data/private"],
        ...["tallyman repair http://registry-private:5000 --from-disk /data/private\n", "--apply"],
        ...["RESTART THE REGISTRY FIRST", "REMOVE DATA FILES FIRST", "registry-rebuild-image.md"],
        ...["## Prove it", "create job --from=cronjob/registry-integrity-probe", "npx tallyman probe "],
      ],
    ],
  ];

  test.each(orders)("%s holds the order in which it helps", (file, parts) => {
    expect(misplaced(textOf(file), parts)).toEqual([]);
  });

  test("a step too early or left out is told", () => {
    expect(misplaced("## B push\n## A restart\n", ["restart", "push"])).toEqual(["push"]);
    expect(misplaced("## A", ["restart"])).toEqual(["restart"]);
  });
});

describe("PromQL", () => {
  const metrics = new Set<string>([
    ...Object.values(FOREIGN_METRICS),
    ...Object.keys(HOST_METRICS),
    ...(Object.keys(METRICS) as (keyof typeof METRICS)[]).map(metricName),
  ]);

  function errorsOf(text: string): string[] {
    const errors = checkPromql(text, "promql").map(({ rule }) => rule);
    parser.parse(text).iterate({
      enter: ({ name, from, to, node }) => {
        if (name !== "Identifier" || node.parent?.name !== "VectorSelector") return;
        const metric = text.slice(from, to);
        if (!metrics.has(metric)) errors.push(`unknown metric ${metric}`);
      },
    });
    return errors;
  }

  test("of every runbook parses, and reads metrics that there are", () => {
    const all = documents.flatMap(({ file, markdown }) =>
      codeOf(markdown, "promql").map((text) => ({ file, text })),
    );
    expect(all.length).toBeGreaterThanOrEqual(10);
    expect(all.flatMap(({ file, text }) => errorsOf(text).map((error) => `${file}: ${error}`))).toEqual([]);
  });

  test.each([
    ["sum by (", "be PromQL"],
    ["registry_manifest_integrity_failure > 0", "unknown metric registry_manifest_integrity_failure"],
    ["rate(registry_gc_errors[5m])", "unknown metric registry_gc_errors"],
  ])("%j is told", (text, error) => {
    expect(errorsOf(text)).toEqual(expect.arrayContaining([expect.stringContaining(error)]));
  });
});

describe("links", () => {
  const anchors = new Map(
    documents.map(({ file, markdown }) => [file, headingAnchors(markdown).map(({ anchor }) => anchor)]),
  );

  /** As `file` or `file#anchor`, from the root. */
  function linksOf(file: string, markdown: string): string[] {
    return nodesWithin(parseMarkdown(markdown))
      .flatMap(({ type, url }) => (type === "link" && url !== undefined ? [url] : []))
      .filter((url) => !/^[a-z]+:/.test(url))
      .map((url) => (url.startsWith("#") ? file + url : posix.join(posix.dirname(file), url)));
  }

  function isLost(link: string): boolean {
    const [file = "", anchor] = link.split("#");
    const known = anchors.get(file);
    return known === undefined || (anchor !== undefined && !known.includes(anchor));
  }

  test("between runbooks and post-mortems lead to a section that is there", () => {
    const all = documents.flatMap(({ file, markdown }) => linksOf(file, markdown));
    expect(all.filter((link) => link.includes("#")).length).toBeGreaterThanOrEqual(10);
    expect(all.filter(isLost)).toEqual([]);
  });

  test("one that leads nowhere is told", () => {
    const text = "[a](registry-down.md#meaning) [b](registry-down.md#no) [c](no.md) [d](#no)";
    expect(linksOf("docs/runbooks/registry-vm.md", text).filter(isLost)).toEqual([
      "docs/runbooks/registry-down.md#no",
      "docs/runbooks/no.md",
      "docs/runbooks/registry-vm.md#no",
    ]);
  });

  test("lead from an alert's runbook to every procedure, and from there to every post-mortem", () => {
    const reached = new Set(
      documents.flatMap(({ file, markdown }) =>
        linksOf(file, markdown)
          .map((link) => link.replace(/#.*/, ""))
          .filter((target) => target !== file),
      ),
    );
    const own = new Set(ofAlerts.map(({ file }) => file));
    const lost = documents.filter(({ file }) => !own.has(file) && !reached.has(file));
    expect(lost.map(({ file }) => file)).toEqual([]);
  });

  test("another alert that a runbook names is linked there", () => {
    const missing = ofAlerts.flatMap(({ alert, file }) => {
      const markdown = textOf(file);
      const links = linksOf(file, markdown);
      const named = ofAlerts.filter((other) => other.alert !== alert && markdown.includes(other.alert));
      return named.filter((other) => !links.includes(other.file)).map((other) => `${file}: ${other.alert}`);
    });
    expect(missing).toEqual([]);
  });

  test("of the estate's surfaces are here, or another repository's", () => {
    const targets = surfaces.map(({ href }) => posix.join("docs/runbooks", posix.basename(href)));
    const external: readonly string[] = externalRunbooks.map(({ file }) => file);
    expect(targets.filter((file) => !external.includes(file) && isLost(file))).toEqual([]);
    expect(targets.filter((file) => external.includes(file))).toHaveLength(5);
  });
});

describe("as values", () => {
  const values = runbooksOf(runbooks);

  test("every runbook has its title, its sections and one sentence that says when", () => {
    expect(values.map(({ file }) => file)).toEqual(runbooks.map(({ file }) => file));
    expect(values.find(({ title }) => title === "Registry VM")).toMatchObject({
      file: "docs/runbooks/registry-vm.md",
      whenToUse:
        "Pulls or pushes at registry.viktorbarzin.me:5050 fail, a cache on 10.0.20.10 does not answer, or an alert of the registry sends you to its host.",
      isExternal: false,
    });
    const ofAlert = values.filter(({ title }) => ALERT_NAMES.some((alert) => alert === title));
    expect(ofAlert).toHaveLength(ALERT_NAMES.length);
    for (const { sections } of ofAlert)
      expect(sections.map(({ anchor }) => anchor)).toEqual(["meaning", "impact", "diagnosis", "mitigation"]);
    expect(values.filter(({ whenToUse }) => !/^[A-Z`].{15,300}\.$/.test(whenToUse))).toEqual([]);
  });

  test.each([
    ["## Meaning\n\nVersion 2.8 lost `a.md`. And more.", "Version 2.8 lost a.md."],
    ["## Meaning\n\nNo.\n\n## When to use\n\nOn *any*\nday", "On any day"],
    ["## When to use\n\n- no paragraph\n\n## Meaning\n\nSee [x](y). Z.", "See x."],
  ])("%j is used when it says %j", (text, sentence) => {
    expect(runbooksOf([{ file: "a.md", markdown: `# A\n\n${text}\n` }])[0]?.whenToUse).toBe(sentence);
  });

  test("every file without title or purpose is told at once", () => {
    const files = [
      { file: "a.md", markdown: "## Meaning\n\nYes.\n" },
      { file: "b.md", markdown: "# B\n\n## Meaning\n\n## Impact\n\nNone.\n" },
    ];
    expect(() => runbooksOf(files)).toThrow(
      "a.md must have a title, got nothing. Write `# <title>` as its first line.\n" +
        "b.md must say when to use it, got nothing. Begin `## When to use` with a sentence.",
    );
  });

  test("one of another repository is named by its file", () => {
    expect(externalRunbook("docs/runbooks/proxmox-host.md", "The host is ill.")).toEqual({
      file: "docs/runbooks/proxmox-host.md",
      title: "proxmox-host.md",
      sections: [],
      whenToUse: "The host is ill.",
      isExternal: true,
    });
  });
});
