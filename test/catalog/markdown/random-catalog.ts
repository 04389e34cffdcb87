import fc from "fast-check";
import {
  CATALOG_SCHEMA,
  type Catalog,
  type CatalogGroup,
  type CatalogSection,
  type CatalogService,
} from "../../../lib/catalog/catalog";

const SHARDS = [
  ..."redis webhook_handler a* *b ~~ ` `x` | \\ ( ) [ ] < > # & &amp; _ __x__ <b> — - + . ! 1. : , ; é 日本 (GPU) (x) (Tier: core) disabled".split(
    " ",
  ),
  "(disabled, replaced by x)",
  "(may be merged into y)",
  "replaced by z",
  "[a](b)",
  "http://a.example",
];
/** One line of words with everything in it that could be mark-up; neither empty nor padded. */
const words = fc
  .array(fc.constantFrom(...SHARDS), { minLength: 1, maxLength: 5 })
  .chain((shards) => fc.constantFrom("", " ").map((gap) => shards.join(gap).trim()))
  .filter((text) => text !== "");

/** Inline Markdown in the form that is kept: without an escaped pipe and an escaped mark at its end. */
const inline = fc
  .oneof(words, fc.constantFrom("a `b|c` **d**", "[t](u(v)) x", "plain", "", "x | y"))
  .filter((text) => !/\\+\||\\\)$|\\$/.test(text) && !/^~~.*~~(?: \(.*\))*$/.test(text));
const note = fc.constantFrom(
  "may be merged into ebooks stack",
  "may be merged (or not) into x, y",
  "waits for (hardware",
  "note: x",
  "replaced by hand",
  "until `a|b`",
  ") (",
);
const domain = fc.constantFrom("blog", "a.b.example", "*.x", "mailserver-antispam", "über", "a_b", "x.");
const orNull = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: null });

const service: fc.Arbitrary<CatalogService> = fc.record({
  name: words,
  description: inline,
  stack: orNull(words),
  tier: orNull(words),
  status: fc.constantFrom("active", "disabled", "planned_merge"),
  replacedBy: orNull(words),
  statusNote: orNull(note),
  tags: fc.array(fc.oneof(fc.constantFrom("GPU", "factory pattern", "stateful"), words), { maxLength: 3 }),
  domains: fc.constant({ proxied: [], direct: [] }),
  alerts: fc.constant([]),
  runbooks: fc.constant([]),
  images: fc.constant([]),
  dependsOn: fc.constant([]),
  owner: fc.constant(null),
  pipeline: fc.constant(null),
});

const group: fc.Arbitrary<CatalogGroup> = fc.record({
  title: words,
  tier: orNull(fc.oneof(fc.constantFrom("core", "cluster"), words)),
  services: fc.array(service, { maxLength: 4 }),
});

const INTROS = [
  "Some *words*.\n\n- a\n- b",
  "<!-- note -->",
  "    code",
  "### Below\n\n| Port |\n|---|\n| 1 |",
];
const PARTS = [
  "## Notes\n\ntext",
  "## Empty",
  "Setext\n---\n\n> quote",
  "# Another title\n\n```\n## no heading\n```",
];

/** What may stand after one part: an introduction, what is behind the table, parts of one's own. */
function sectionsAfter(after: string | null, hasTable: boolean): fc.Arbitrary<readonly CatalogSection[]> {
  const texts = fc.tuple(
    after === null
      ? fc.constantFrom([], ["# Mine\n\n> words"], ["only words"])
      : hasTable
        ? fc.constantFrom([], [INTROS[0]], [INTROS[1]], [INTROS[2]], ["", "Behind."], [INTROS[3], "Behind."])
        : fc.constantFrom([], [INTROS[0]]),
    // Before the first ## a # belongs to the beginning.
    after === null ? fc.subarray(PARTS.slice(0, 3)) : fc.subarray(PARTS),
  );
  return texts.map(([own, parts]) => [...own, ...parts].map((markdown = "") => ({ after, markdown })));
}

/** Catalogues in the form that Markdown keeps: no fields that it has no place for. */
export const randomCatalog: fc.Arbitrary<Catalog> = fc
  .record({
    groups: fc
      .uniqueArray(group, { minLength: 1, maxLength: 3, selector: ({ title }) => title })
      .filter((groups) => groups.some(({ services }) => services.length > 0)),
    domains: fc.record({
      proxied: fc.array(domain, { maxLength: 20 }),
      direct: fc.array(domain, { maxLength: 20 }),
      special: fc.array(fc.record({ pattern: words, description: inline }), { maxLength: 3 }),
    }),
    surfaces: fc.array(
      fc.record({
        surface: words,
        title: words,
        href: fc.oneof(words, fc.constant("../../docs/a_b.md#c__d")),
      }),
      { maxLength: 3 },
    ),
  })
  .chain((fields) =>
    fc
      .tuple(
        sectionsAfter(null, false),
        ...fields.groups.map(({ title }) => sectionsAfter(title, true)),
        fc.constant([]),
        sectionsAfter("Key Runbooks", fields.surfaces.length > 0),
      )
      .map((sections) => ({ schema: CATALOG_SCHEMA, ...fields, sections: sections.flat() })),
  );
