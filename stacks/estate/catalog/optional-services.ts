import type { ServiceDefinitions } from "../../../lib/catalog/define-catalog";

/** The second half of the group Optional, in its order. */
export const optionalServices = {
  "real-estate-crawler": { description: "Property crawler", stack: "real-estate-crawler" },
  "tor-proxy": { description: "Tor proxy", stack: "tor-proxy" },
  forgejo: { description: "Git forge", stack: "forgejo", domains: { direct: ["forgejo"] } },
  freshrss: { description: "RSS reader", stack: "freshrss", domains: { direct: ["freshrss"] } },
  navidrome: { description: "Music streaming", stack: "navidrome", domains: { direct: ["navidrome"] } },
  "networking-toolbox": { description: "Network tools", stack: "networking-toolbox" },
  "stirling-pdf": { description: "PDF tools", stack: "stirling-pdf", domains: { proxied: ["stirling-pdf"] } },
  speedtest: { description: "Speed testing", stack: "speedtest", domains: { direct: ["speedtest"] } },
  freedify: {
    description: "Music streaming",
    stack: "freedify",
    tags: ["factory pattern"],
    domains: { direct: ["freedify"] },
  },
  phpipam: {
    description: "IP Address Management (IPAM) + auto-discovery",
    stack: "phpipam",
    domains: { proxied: ["phpipam"] },
  },
  netbox: {
    description: "Network documentation",
    stack: "netbox",
    replacedBy: "phpipam",
    domains: { proxied: ["netbox"] },
  },
  "infra-maintenance": { description: "Maintenance jobs", stack: "infra-maintenance" },
  ollama: { description: "LLM server", stack: "ollama", tags: ["GPU"], domains: { direct: ["ollama"] } },
  frigate: { description: "NVR/camera", stack: "frigate", tags: ["GPU"] },
  ebook2audiobook: { description: "E-book to audio", stack: "ebook2audiobook", tags: ["GPU"] },
  affine: {
    description: "Visual canvas/whiteboard (PostgreSQL + Redis)",
    stack: "affine",
    domains: { direct: ["affine"] },
    dependsOn: ["redis"],
  },
  health: {
    description: "Apple Health data dashboard (PostgreSQL)",
    stack: "health",
    domains: { direct: ["health"] },
  },
  whisper: { description: "Wyoming Faster Whisper STT (CPU on GPU node)", stack: "whisper" },
  grampsweb: { description: "Genealogy web app (Gramps Web)", stack: "grampsweb" },
  openclaw: {
    description: "AI agent gateway (OpenClaw)",
    stack: "openclaw",
    domains: { direct: ["openclaw"] },
  },
  "poison-fountain": { description: "Anti-AI scraping (tarpit + poison)", stack: "poison-fountain" },
  "priority-pass": { description: "Boarding pass color transformer", stack: "priority-pass" },
  "status-page": { description: "Status page", stack: "status-page" },
  "plotting-book": { description: "Book plotting/world-building app", stack: "plotting-book" },
} as const satisfies ServiceDefinitions;
