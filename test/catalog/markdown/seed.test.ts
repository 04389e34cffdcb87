import { readFileSync } from "node:fs";
import { join } from "node:path";
import { formatCatalog, parseCatalog } from "../../../lib/catalog/catalog-json";
import { importCatalog } from "../../../lib/catalog/markdown/import-markdown";
import { renderCatalogMarkdown } from "../../../lib/catalog/markdown/render-markdown";

const text = readFileSync(join(__dirname, "../fixtures/service-catalog.md"), "utf8");
const { catalog, problems } = importCatalog(text);
const service = (name: string) =>
  catalog?.groups.flatMap(({ services }) => services).find((one) => one.name === name);

test("an estate's own catalogue is read without a problem, and written byte for byte", () => {
  expect(problems).toEqual([]);
  expect(catalog && renderCatalogMarkdown(catalog)).toBe(text);
});

test("by way of its JSON too", () => {
  expect(catalog && renderCatalogMarkdown(parseCatalog(formatCatalog(catalog)))).toBe(text);
});

test("as fields, not as text", () => {
  expect(catalog?.groups.map(({ title, tier, services }) => [title, tier, services.length])).toEqual([
    ["Critical - Network & Auth", "core", 9],
    ["Storage & Security", "cluster", 8],
    ["Admin", null, 2],
    ["Active Use", null, 17],
    ["Optional", null, 54],
  ]);
  expect(service("netbox")).toMatchObject({
    description: "Network documentation",
    stack: "netbox",
    status: "disabled",
    replacedBy: "phpipam",
    statusNote: null,
  });
  expect(service("immich")).toMatchObject({ description: "Photo management", tags: ["GPU"] });
  expect(service("freedify")).toMatchObject({ description: "Music streaming", tags: ["factory pattern"] });
  expect(service("whisper")).toMatchObject({
    description: "Wyoming Faster Whisper STT (CPU on GPU node)",
    tags: [],
    status: "active",
  });
  expect(service("calibre")).toMatchObject({
    description: "E-book management",
    status: "planned_merge",
    statusNote: "may be merged into ebooks stack",
    replacedBy: null,
  });
  expect(service("redis")?.description).toContain("`redis-master.redis.svc.cluster.local` — 3-pod");
  expect(catalog?.domains.proxied).toHaveLength(23);
  expect(catalog?.domains.direct).toHaveLength(40);
  expect(catalog?.domains.special[1]).toEqual({
    pattern: "*.freedify",
    description: "Freedify factory instances",
  });
  expect(catalog?.surfaces).toHaveLength(7);
  expect(catalog?.surfaces[0]).toEqual({
    surface: "Private Docker registry VM (10.0.20.10)",
    title: "registry-vm.md",
    href: "../../docs/runbooks/registry-vm.md",
  });
  expect(catalog?.sections).toEqual([
    { after: null, markdown: expect.stringMatching(/^# Service Catalog\n\n> Auto-maintained/) },
    { after: "Key Runbooks", markdown: expect.stringMatching(/^Operational surfaces/) },
  ]);
});
