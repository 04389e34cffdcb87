import type { CatalogSection } from "../../../lib/catalog/catalog";

/** Text around the tables, in its places. */
export const sections = [
  {
    after: null,
    markdown:
      "# Service Catalog\n\n> Auto-maintained reference. See `.claude/CLAUDE.md` for operational guidance.",
  },
  {
    after: "Key Runbooks",
    markdown:
      "Operational surfaces that aren't k8s services (VMs, pipelines, host-side\nprocedures) are documented in `infra/docs/runbooks/`:",
  },
] as const satisfies readonly CatalogSection[];
