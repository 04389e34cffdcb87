import { createHash } from "node:crypto";
import fc from "fast-check";
import { CATALOG_SCHEMA, type CatalogService } from "../../../lib/catalog/catalog";
import { externalRunbook } from "../../../lib/catalog/runbooks-of";
import { withoutFrontMatter } from "../../../lib/catalog/site/front-matter";
import { renderSite, type SiteInput } from "../../../lib/catalog/site/render-site";
import { SiteIndex, viewId } from "../../../lib/catalog/site/site-index";
import { html, jsonData } from "../../../lib/core/html";

const service = (change: Partial<CatalogService> = {}): CatalogService => ({
  ...{ name: "web", description: "A site", stack: "web", tier: null, status: "active", replacedBy: null },
  ...{
    statusNote: null,
    tags: [],
    domains: { proxied: [], direct: [] },
    alerts: [],
    runbooks: [],
    images: [],
  },
  ...{ dependsOn: [], owner: null, pipeline: null },
  ...change,
});

const site = (
  services: readonly CatalogService[] = [service()],
  change: Partial<SiteInput> = {},
): SiteInput => ({
  catalog: {
    schema: CATALOG_SCHEMA,
    groups: [{ title: "All", tier: "core", services }],
    domains: { proxied: ["web", "lone"], direct: [], special: [] },
    surfaces: [],
    sections: [],
  },
  runbooks: [
    {
      file: "docs/runbooks/a.md",
      title: "A",
      markdown: "# A\n\n## Do\n\nthis",
      sections: [{ title: "Do", anchor: "do" }],
      whenToUse: "It is broken.",
    },
  ],
  externalRunbooks: [externalRunbook("docs/runbooks/host.md", "The host is ill.")],
  postMortems: [{ file: "docs/post-mortems/p.md", title: "P", markdown: "# P\n" }],
  alerts: [
    {
      name: "Down",
      severity: "critical",
      summary: "It is down",
      runbookFile: "docs/runbooks/a.md",
      service: "web",
    },
  ],
  generatedAt: null,
  ...change,
});

const count = (text: string, part: string): number => text.split(part).length - 1;

test("the policy lets through what stands in the page, and nothing else", () => {
  const page = renderSite(site());
  const policy = /Content-Security-Policy" content="([^"]+)"/.exec(page)?.[1]?.replaceAll("&#39;", "'") ?? "";
  const hash = (tag: string) => {
    const body = new RegExp(`<${tag}>([^]*?)</${tag}>`).exec(page)?.[1] ?? "";
    return `'sha256-${createHash("sha256").update(body).digest("base64")}'`;
  };
  expect(policy.split("; ")).toEqual([
    "default-src 'none'",
    `style-src ${hash("style")}`,
    `script-src ${hash("script")}`,
    "base-uri 'none'",
    "form-action 'none'",
  ]);
  expect(page).not.toMatch(/\s(?:src|style|on[a-z]+)=/);
});

test("equal input gives equal bytes; the time stands there where it is given", () => {
  expect(renderSite(site())).toBe(renderSite(site()));
  expect(renderSite(site())).not.toContain("<footer");
  expect(renderSite(site(undefined, { generatedAt: "2026-04-19" }))).toContain("Made 2026-04-19");
});

test("whatever the names and texts are, the page has one script, one style and no element of theirs", () => {
  const text = fc.oneof(
    fc.string(),
    fc.string({ unit: "binary" }),
    fc.constantFrom(
      "</script>",
      "<script>x</script>",
      "<img src=x>",
      "[a](javascript:x)",
      "\ud800",
      "__proto__",
      "]]>",
    ),
  );
  fc.assert(
    fc.property(text, text, text, (name, description, markdown) => {
      const one = service({
        name,
        description,
        tags: [name],
        alerts: [name],
        images: [description],
        runbooks: [name],
      });
      const page = renderSite(
        site([one], {
          runbooks: [
            {
              file: name,
              title: description,
              markdown,
              sections: [{ title: name, anchor: name }],
              whenToUse: name,
            },
          ],
          alerts: [{ name, severity: name, summary: description, runbookFile: name, service: name }],
        }),
      );
      expect([
        count(page, "<script"),
        count(page, "</script"),
        count(page, "<style"),
        count(page, "<img"),
      ]).toEqual([1, 1, 1, 0]);
      expect(page).not.toMatch(/href="\s*javascript:/i);
      expect(page).toContain(`id="${viewId("service", name).replaceAll("'", "&#39;")}"`);
    }),
    { numRuns: 60 },
  );
});

test.each([
  ["web", "/service/web"],
  ['a b/c%<"é', "/service/a%20b/c%25%3C%22%C3%A9"],
  ["\ud800", "/service/%EF%BF%BD"],
])("the address of %j is %s", (name, id) => {
  expect(viewId("service", name)).toBe(id);
});

describe("links", () => {
  const input = site([service({ alerts: ["Down", "Unheard"], runbooks: ["docs/runbooks/b.md"] })]);
  const index = new SiteIndex(input);
  const [runbook] = input.runbooks;
  const [postMortem] = input.postMortems;

  test.each([
    ["https://example.com/x", undefined, "https://example.com/x"],
    ["mailto:a@example.com", undefined, "mailto:a@example.com"],
    ["../../docs/runbooks/a.md#do", undefined, "#/runbook/docs/runbooks/a.md/do"],
    ["docs/runbooks/a.md", undefined, "#/runbook/docs/runbooks/a.md"],
    ["../runbooks/a.md", postMortem, "#/runbook/docs/runbooks/a.md"],
    ["../post-mortems/p.md", runbook, "#/post-mortem/docs/post-mortems/p.md"],
    ["a.md", runbook, "#/runbook/docs/runbooks/a.md"],
    ["#do", runbook, "#/runbook/docs/runbooks/a.md/do"],
    ["docs/runbooks/b.md", undefined, null],
    ["javascript:alert(1)", undefined, null],
    ["//example.com/a.md", undefined, null],
    ["#do", undefined, null],
  ])("%s leads to its place on the page", (href, document, expected) => {
    expect(index.mapHref(href, document)).toBe(expected);
  });

  test("go both ways between services, alerts, runbooks and domains", () => {
    expect(index.servicesOfRunbook("docs/runbooks/a.md")).toEqual(["web"]);
    expect(index.alertsOfRunbook("docs/runbooks/a.md").map(({ name }) => name)).toEqual(["Down"]);
    expect(index.alertsOfService("web").map(({ name }) => name)).toEqual(["Down", "Unheard"]);
    expect(index.serviceOfDomain("web")).toBe("web");
    expect(index.serviceOfDomain("lone")).toBeNull();
    const page = renderSite(input);
    expect(page).toContain('id="/alert/Unheard"');
    expect(page).toContain("<code>docs/runbooks/b.md</code>");
  });
});

test("texts without a field stand in their places, and none is lost", () => {
  const input = site();
  const sections = [
    { after: null, markdown: "# The estate\n\nbegin" },
    { after: "All", markdown: "before the services" },
    { after: "All", markdown: "## Other\n\nbehind the services" },
    { after: "Gone", markdown: "without a place" },
  ];
  const page = renderSite({ ...input, catalog: { ...input.catalog, sections } });
  expect(page).toContain("<title>The estate</title>");
  expect(count(page, ">The estate<")).toBe(2);
  const places = [
    "<p>begin",
    "<p>before",
    'id="part-group-0"',
    "<p>behind",
    'id="part-proxied"',
    "<p>without",
  ];
  const found = places.map((part) => page.indexOf(part));
  expect(Math.min(...found)).toBeGreaterThan(0);
  expect(found).toEqual([...found].sort((a, b) => a - b));
});

describe("attributes", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom("\u202e", "\ud800", '"]', "&quot;", "\r\n"),
  );
  const decoded = (value: string) =>
    value
      .replaceAll("&lt;", "<")
      .replaceAll("&gt;", ">")
      .replaceAll("&quot;", '"')
      .replaceAll("&#39;", "'")
      .replaceAll("&amp;", "&");

  test("carry data whole, whatever is in it, while text is cut", () => {
    fc.assert(
      fc.property(fc.array(text), (some) => {
        const tags = [...some, "t".repeat(5_000)];
        const written = html`<i data-x="${jsonData(tags)}">${"t".repeat(5_000)}</i>`.text;
        const [, value = "", shown = ""] = /^<i data-x="([^"]*)">(.*)<\/i>$/.exec(written) ?? [];
        expect(value).toMatch(/^[ -~]*$/);
        expect(JSON.parse(decoded(value))).toEqual(tags);
        expect(shown).toHaveLength(2_001);
      }),
    );
  });

  test("a link to a name beyond all measure still leads to its view", () => {
    const name = `${"n".repeat(5_000)}/x`;
    const page = renderSite(site([service({ name })]));
    expect(page).toContain(`id="/service/${name}"`);
    expect(page).toContain(`href="#/service/${name}"`);
  });
});

describe("a document", () => {
  const pageOf = (markdown: string) => {
    const sections = [{ title: "Restart", anchor: "restart-1" }];
    const runbook = { file: "docs/runbooks/r.md", title: "Restart", markdown, sections, whenToUse: null };
    return renderSite(site(undefined, { runbooks: [runbook] }));
  };

  test.each([
    ["as it should be", "# Restart\n\n## Restart\n\nDo.\n"],
    ["a comment first", "<!-- owner: me -->\n\n# Restart\n\n## Restart\n"],
    ["front matter first", "---\nowner: me\ntags:\n  - a\n---\n# Restart\n\n## Restart\n"],
    ["lines under the title", "Restart\n=======\n\n## Restart\n"],
    ["words first", "Hello.\n\n# *Restart*\n\n## Restart\n"],
  ])("%s: its title stands there once, and its contents lead to its headings", (_what, markdown) => {
    const page = pageOf(markdown);
    const [article = ""] = /<article class="view runbook"[\s\S]*?<\/article>/.exec(page) ?? [];
    expect(count(article, "<h2")).toBe(1);
    const [, href = ""] = /<li><a href="#([^"]+)">Restart/.exec(article) ?? [];
    expect(href).toBe("/runbook/docs/runbooks/r.md/restart-1");
    expect(article).toContain(`<h3 id="${href}">`);
    expect(article).not.toContain("owner");
  });

  test.each([
    ["---\na: b\n---\n# A", "# A"],
    ["---\r\na: b\r\n---\r\n# A", "# A"],
    ["---\n\nwords\n\n---\n# A", "---\n\nwords\n\n---\n# A"],
    ["# A\n---\na: b\n---\n", "# A\n---\na: b\n---\n"],
  ])("%j is read as %j", (markdown, expected) => {
    expect(withoutFrontMatter(markdown)).toBe(expected);
  });
});

test("when to use a runbook stands in the list and beside the alert; another repository's too", () => {
  const one = {
    name: "Ill",
    severity: null,
    summary: null,
    runbookFile: "docs/runbooks/host.md",
    service: null,
  };
  const page = renderSite(site(undefined, { alerts: [...site().alerts, one] }));
  expect(count(page, "It is broken.")).toBe(2);
  expect(count(page, "The host is ill.")).toBe(2);
  expect(page).toContain(
    '<code>docs/runbooks/host.md</code> <span class="quiet">(in another repository)</span>',
  );
});
