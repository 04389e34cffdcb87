import fc from "fast-check";
import { importCatalog } from "../../../lib/catalog/markdown/import-markdown";
import { renderCatalogMarkdown } from "../../../lib/catalog/markdown/render-markdown";
import { randomCatalog } from "./random-catalog";

test("name, description, stack, tier, status, replacement, note and tags of services, groups, lists of domains, surfaces and sections come back from Markdown", () => {
  fc.assert(
    fc.property(randomCatalog, (catalog) => {
      const markdown = renderCatalogMarkdown(catalog);
      expect(importCatalog(markdown)).toEqual({ catalog, problems: [] });
    }),
    { numRuns: 100 },
  );
});

test("any text is either told wrong, or settles after one import", () => {
  const lines = fc.constantFrom(
    ...[
      "",
      "# T",
      "## A",
      "## B (Tier: core)",
      "### C",
      "words",
      "    code",
      "```",
      "- a",
      "> q",
      "<!--",
      "-->",
      "---",
    ],
    ...[
      "| Service | Description | Stack |",
      "|---|---|---|",
      "| a | b (GPU) | c |",
      "| ~~a~~ | b | — |",
      "| x |",
    ],
    ...["## Cloudflare Domains", "### Proxied", "### Special Subdomains", "- `*.a` - b", "blog, send"],
    ...["## Key Runbooks", "| Surface | Runbook |", "|---|---|", "| a | [b](c) |"],
  );
  fc.assert(
    fc.property(fc.array(lines, { maxLength: 12 }), (parts) => {
      const { catalog } = importCatalog(parts.join("\n"));
      if (catalog === null) return;
      const markdown = renderCatalogMarkdown(catalog);
      const again = importCatalog(markdown);
      expect(again.problems).toEqual([]);
      expect(again.catalog && renderCatalogMarkdown(again.catalog)).toBe(markdown);
    }),
    { numRuns: 200 },
  );
});
