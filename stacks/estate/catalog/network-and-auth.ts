import type { GroupDefinition } from "../../../lib/catalog/define-catalog";

export const networkAndAuth = {
  title: "Critical - Network & Auth",
  tier: "core",
  services: {
    wireguard: { description: "VPN server", stack: "wireguard", domains: { direct: ["wg"] } },
    technitium: {
      description: "DNS server (10.0.20.201, query logging on PostgreSQL via custom PG plugin)",
      stack: "technitium",
      runbooks: ["docs/runbooks/technitium-apply.md"],
    },
    headscale: {
      description: "Tailscale control server",
      stack: "headscale",
      domains: { direct: ["headscale"] },
    },
    traefik: { description: "Ingress controller (Helm)", stack: "traefik" },
    xray: { description: "Proxy/tunnel", stack: "platform" },
    authentik: { description: "Identity provider (SSO)", stack: "authentik" },
    cloudflared: { description: "Cloudflare tunnel", stack: "cloudflared" },
    authelia: {
      description: "Auth middleware",
      stack: "platform",
      status: "planned_merge",
      statusNote: "may be merged into ebooks or removed",
    },
    monitoring: { description: "Prometheus/Grafana/Loki stack", stack: "monitoring" },
  },
} as const satisfies GroupDefinition;
