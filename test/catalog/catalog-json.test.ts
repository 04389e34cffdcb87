import fc from "fast-check";
import {
  CATALOG_SCHEMA,
  type Catalog,
  type CatalogService,
  SERVICE_STATUSES,
} from "../../lib/catalog/catalog";
import { formatCatalogContext, parseCatalogContext } from "../../lib/catalog/catalog-context-json";
import { formatCatalog, parseCatalog } from "../../lib/catalog/catalog-json";
import { defineCatalog } from "../../lib/catalog/define-catalog";
import { ConfigurationError } from "../../lib/core/problem";
import { alertRef, runbookRef, serviceRef } from "../../lib/core/references";

const catalog = defineCatalog({
  groups: [
    {
      title: "First",
      tier: "core",
      services: {
        registry: {
          description: "Images",
          stack: "registry",
          domains: { direct: ["registry"] },
          alerts: [alertRef("RegistryDown"), "Other"],
          runbooks: [runbookRef("docs/runbooks/a.md"), "docs/runbooks/b.md#c"],
          dependsOn: ["dns"],
        },
        old: { replacedBy: serviceRef("registry") },
      },
    },
    { title: "Second", services: { dns: { tier: "edge", status: "planned_merge", statusNote: "may go" } } },
  ],
  domains: { proxied: ["blog"], special: [{ pattern: "*.x", description: "y" }] },
  surfaces: [{ surface: "VM", title: "vm.md", href: "docs/runbooks/vm.md" }],
  sections: [{ after: null, markdown: "# T" }],
});

test("a definition: every field has its value, names stand for references, claims are in the lists", () => {
  expect(catalog.groups[0]?.services[0]).toEqual({
    name: "registry",
    description: "Images",
    stack: "registry",
    tier: null,
    status: "active",
    replacedBy: null,
    statusNote: null,
    tags: [],
    domains: { proxied: [], direct: ["registry"] },
    alerts: ["RegistryDown", "Other"],
    runbooks: ["docs/runbooks/a.md", "docs/runbooks/b.md#c"],
    images: [],
    dependsOn: ["dns"],
    owner: null,
    pipeline: null,
  });
  expect(catalog.groups[0]?.services[1]).toMatchObject({ status: "disabled", replacedBy: "registry" });
  expect(catalog.domains).toEqual({
    proxied: ["blog"],
    direct: ["registry"],
    special: [{ pattern: "*.x", description: "y" }],
  });
  expect(catalog.alertRefs.map(({ name }) => name)).toEqual(["RegistryDown"]);
});

test("the short form is one group; a service may be called groups", () => {
  const short = defineCatalog({ groups: { stack: "x" }, other: { dependsOn: ["groups"] } });
  expect(short.groups.map(({ services }) => services.map(({ name }) => name))).toEqual([["groups", "other"]]);
});

test("literal names are checked by the compiler", () => {
  // @ts-expect-error no service is called dsn
  defineCatalog({ registry: { dependsOn: ["dsn"] }, dns: {} });
  // @ts-expect-error no service is called dsn
  defineCatalog({ groups: [{ title: "A", services: { a: { replacedBy: "dsn" } } }] });
  const known = defineCatalog({
    groups: [
      { title: "A", services: { a: { dependsOn: ["b"] } } },
      { title: "B", tier: "aux", services: { b: {} } },
    ],
  });
  expect(known.groups).toHaveLength(2);
});

test("JSON and back; references to alerts are no part of it", () => {
  const text = formatCatalog(catalog);
  const { alertRefs: _, ...plain } = catalog;
  expect(parseCatalog(text)).toEqual(plain);
  expect(formatCatalog(parseCatalog(text))).toBe(text);
  expect(Object.keys(JSON.parse(text))).toEqual(["schema", "groups", "domains", "surfaces", "sections"]);
});

const text = fc.string({ maxLength: 12 });
const name = fc.string({ minLength: 1, maxLength: 12 });
const texts = fc.array(text, { maxLength: 3 });
const orNull = fc.option(text, { nil: null });
const services: fc.Arbitrary<CatalogService> = fc.record({
  name,
  description: text,
  stack: orNull,
  tier: orNull,
  status: fc.constantFrom(...SERVICE_STATUSES),
  replacedBy: orNull,
  statusNote: orNull,
  tags: texts,
  domains: fc.record({ proxied: texts, direct: texts }),
  alerts: texts,
  runbooks: texts,
  images: texts,
  dependsOn: texts,
  owner: orNull,
  pipeline: orNull,
});
const catalogs: fc.Arbitrary<Catalog> = fc.record({
  schema: fc.constant(CATALOG_SCHEMA),
  groups: fc.array(fc.record({ title: name, tier: orNull, services: fc.array(services, { maxLength: 3 }) }), {
    maxLength: 3,
  }),
  domains: fc.record({
    proxied: texts,
    direct: texts,
    special: fc.array(fc.record({ pattern: name, description: text }), { maxLength: 2 }),
  }),
  surfaces: fc.array(fc.record({ surface: name, title: text, href: text }), { maxLength: 2 }),
  sections: fc.array(fc.record({ after: orNull, markdown: text }), { maxLength: 2 }),
});

test("a random catalogue with all its fields comes back from its JSON, and gives the same JSON again", () => {
  fc.assert(
    fc.property(catalogs, (one) => {
      const json = formatCatalog(one);
      expect(parseCatalog(json)).toEqual(one);
      expect(formatCatalog(parseCatalog(json))).toBe(json);
    }),
  );
});

/** One value of the file put in the place of another. */
function broken(path: readonly (string | number)[], value: unknown): string {
  const root: unknown = JSON.parse(formatCatalog(catalog));
  let at: unknown = root;
  for (const key of path.slice(0, -1))
    at = Object.entries(Object(at)).find(([name]) => name === String(key))?.[1];
  const last = path.at(-1) ?? "";
  if (value === undefined) Reflect.deleteProperty(Object(at), last);
  else Reflect.set(Object(at), last, value);
  return JSON.stringify(root);
}

test.each([
  [["schema"], "tallyman.catalog/2", 'schema must be "tallyman.catalog/1"'],
  [["groups"], {}, "groups must be a list"],
  [["groups", 0, "services", 1, "name"], "", "groups[0].services[1].name must not be empty"],
  [["groups", 0, "services", 1, "tier"], 5, "groups[0].services[1].tier must be text, got 5"],
  [["groups", 0, "services", 1, "tier"], undefined, "groups[0].services[1].tier must be there"],
  [["groups", 0, "services", 1, "status"], "gone", "groups[0].services[1].status must be a status"],
  [["groups", 0, "services", 0, "alerts", 1], null, "groups[0].services[0].alerts[1] must be text"],
  [["groups", 0, "services", 0, "colour"], "red", "groups[0].services[0].colour must be a known key"],
  [["domains", "special", 0], [], "domains.special[0] must be an object"],
  [["surfaces", 0, "href"], undefined, "surfaces[0].href must be there"],
  [["sections", 0, "after"], 1, "sections[0].after must be text"],
])("%j as %j", (path, value, message) => {
  expect(() => parseCatalog(broken(path, value))).toThrow(ConfigurationError);
  expect(() => parseCatalog(broken(path, value))).toThrow(message);
});

test.each(["", "[", "null", "[]", "1", '"x"', "{}"])("%j is refused in words", (text) => {
  expect(() => parseCatalog(text)).toThrow(ConfigurationError);
});

test("any JSON gives a catalogue or an error of configuration", () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      expect(() => parseCatalog(text)).toThrow(ConfigurationError);
    }),
  );
});

test("the context: JSON and back, and what is wrong with it", () => {
  const context = {
    alerts: [{ name: "A", runbook: null, severity: "critical", summary: "x" }],
    stacks: null,
    tiers: ["core"],
    externalRunbooks: ["docs/runbooks/x.md"],
    rules: { "unknown-tier": "off" as const },
  };
  const text = formatCatalogContext(context);
  expect(parseCatalogContext(text)).toEqual(context);
  expect(() => parseCatalogContext(text.replace('"off"', '"on"'))).toThrow(
    "rules.unknown-tier must be a grade",
  );
  const based = { ...context, baseDomain: "example.com" };
  expect(parseCatalogContext(formatCatalogContext(based))).toEqual(based);
  expect(() => parseCatalogContext(text.replace("{", '{"baseDomain": 5,'))).toThrow(
    "baseDomain must be text",
  );
  expect(() => parseCatalogContext("{}")).toThrow("alerts must be there");
});
