/** The fixed words of a catalogue in Markdown: what is written, and what is looked for when it is read. */
export const CATALOG_TITLE = "# Service Catalog";

export const SERVICE_COLUMNS = ["Service", "Description", "Stack"] as const;
export const SERVICE_TABLE_HEAD = "| Service | Description | Stack |\n|---------|-------------|-------|";

/** In the Stack column of a service that no stack deploys. */
export const NO_STACK = "—";

export const DOMAINS_TITLE = "Cloudflare Domains";

/** A list of domains, each filled to a width of its own, as hands have always broken these two. */
export interface DomainListForm {
  readonly kind: "proxied" | "direct";
  readonly heading: string;
  readonly width: number;
}

export const DOMAIN_LISTS: readonly DomainListForm[] = [
  { kind: "proxied", heading: "Proxied (CDN + WAF enabled)", width: 72 },
  { kind: "direct", heading: "Non-Proxied (Direct DNS)", width: 64 },
];
export const SPECIAL_HEADING = "Special Subdomains";

export const SURFACES_TITLE = "Key Runbooks";
export const SURFACE_COLUMNS = ["Surface", "Runbook"] as const;
export const SURFACE_TABLE_HEAD = "| Surface | Runbook |\n|---|---|";
