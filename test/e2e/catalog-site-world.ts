import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Catalog, CatalogService } from "../../lib/catalog/catalog";
import { readDocuments } from "../../lib/catalog/catalog-document";
import { importCatalog } from "../../lib/catalog/markdown/import-markdown";
import { describeRunbook, externalRunbook } from "../../lib/catalog/runbooks-of";
import type { SiteInput, SiteRunbook } from "../../lib/catalog/site/render-site";
import { runbookOf } from "../../lib/core/references";

const ROOT = join(__dirname, "../..");
const SEED = join(__dirname, "../catalog/fixtures/service-catalog.md");

/** All runbooks of this repository, as the page takes them. */
export function repositoryRunbooks(): readonly SiteRunbook[] {
  return readDocuments(ROOT, "docs/runbooks").map(({ file, markdown }) => {
    return { ...describeRunbook({ file, markdown }), markdown };
  });
}

/** The seed's catalogue, with some services changed by name, and the repository's runbooks. */
export function seedSite(changes: Readonly<Record<string, Partial<CatalogService>>> = {}): SiteInput {
  const { catalog } = importCatalog(readFileSync(SEED, "utf8"));
  if (catalog === null) throw new Error("the seed's catalogue was not read");
  const alert = (name: string, severity: string, summary: string) => ({
    ...{ name, severity, summary, service: null },
    runbookFile: runbookOf(name).path,
  });
  return {
    catalog: changed(catalog, changes),
    runbooks: repositoryRunbooks(),
    externalRunbooks: [externalRunbook("docs/runbooks/proxmox-host.md", "The host is ill.")],
    postMortems: [
      {
        file: "docs/post-mortems/outage.md",
        title: "An outage",
        markdown:
          "# An outage\n\nMended by [the runbook](../runbooks/registry-down.md#diagnosis).\n\n## Timeline\n\n- 09:00 it broke\n",
      },
    ],
    alerts: [
      alert("RegistryManifestIntegrityFailure", "critical", "Images cannot be pulled"),
      alert("RegistryDown", "critical", "The registry does not answer"),
      alert("RegistryIntegrityProbeStale", "warning", "The probe stands still"),
    ],
    generatedAt: null,
  };
}

function changed(catalog: Catalog, changes: Readonly<Record<string, Partial<CatalogService>>>): Catalog {
  const groups = catalog.groups.map((group) => ({
    ...group,
    services: group.services.map((service) => ({ ...service, ...changes[service.name] })),
  }));
  return { ...catalog, groups };
}

const EVIL = `</script></style><script>alert(1)</script><img src=x onerror=alert(2)>"'\`--><svg onload=alert(3)>`;

/** Whatever a catalogue can hold, in every field of it. */
export function hostileSite(): SiteInput {
  const { catalog } = seedSite();
  const huge = "w".repeat(20_000);
  const link = `[${EVIL}](javascript:alert(4)) [x](data:text/html,<script>alert(5)</script>) ![i](http://evil.example/i.png) [y](//evil.example) <a href="javascript:alert(6)">z</a> <style>*{color:red}</style>`;
  const service: CatalogService = {
    name: EVIL,
    description: `${EVIL} ${link}`,
    stack: EVIL,
    tier: EVIL,
    status: "planned_merge",
    replacedBy: EVIL,
    statusNote: EVIL,
    tags: [EVIL, '"]', "\u202e\u0000\ud800", huge, ...Array.from({ length: 300 }, (_, i) => `tag-${i}`)],
    domains: { proxied: [EVIL], direct: [`javascript:alert(7)`, huge] },
    alerts: [EVIL, "main"],
    runbooks: [`javascript:alert(8)`, `${EVIL}.md`],
    images: [EVIL],
    dependsOn: [EVIL, huge],
    owner: EVIL,
    pipeline: huge,
  };
  const others = [huge, "search", "__proto__", "a/b c%20d#é", "\ud800\u202e\u0000", "../..", ""];
  const markdown = `# ${EVIL}\n\n## ${EVIL}\n\n## main\n\n${link}\n\n<script>alert(9)</script>\n\n\`\`\`\n${EVIL}\n\`\`\`\n\n[d](javascript:alert(10))\n\n${huge}\n`;
  return {
    catalog: {
      ...catalog,
      groups: [
        {
          title: EVIL,
          tier: huge,
          services: [service, ...others.map((name) => ({ ...service, name, description: huge }))],
        },
      ],
      domains: { proxied: [EVIL, huge], direct: [EVIL], special: [{ pattern: EVIL, description: link }] },
      surfaces: [
        { surface: EVIL, title: huge, href: "javascript:alert(11)" },
        { surface: huge, title: EVIL, href: "\u0001javascript:alert(12)" },
      ],
      sections: [{ after: null, markdown }],
    },
    runbooks: [
      {
        file: `${EVIL}.md`,
        title: EVIL,
        markdown,
        sections: [{ title: EVIL, anchor: EVIL }],
        whenToUse: EVIL,
      },
      {
        file: "docs/runbooks/huge.md",
        title: huge,
        markdown,
        sections: [{ title: huge, anchor: huge }],
        whenToUse: huge,
      },
    ],
    externalRunbooks: [externalRunbook(EVIL, huge)],
    postMortems: [{ file: EVIL, title: EVIL, markdown }],
    alerts: [{ name: EVIL, severity: EVIL, summary: EVIL + huge, runbookFile: `${EVIL}.md`, service: EVIL }],
    generatedAt: EVIL,
  };
}
