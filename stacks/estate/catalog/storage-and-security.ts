import type { GroupDefinition } from "../../../lib/catalog/define-catalog";

export const storageAndSecurity = {
  title: "Storage & Security",
  tier: "cluster",
  services: {
    vaultwarden: {
      description: "Bitwarden-compatible password manager",
      stack: "platform",
      domains: { direct: ["vaultwarden"] },
    },
    redis: {
      description:
        "Shared Redis 8.x via HAProxy at `redis-master.redis.svc.cluster.local` — 3-pod raw StatefulSet `redis-v2` (redis+sentinel+exporter per pod), quorum=2. Clients use HAProxy only, no sentinel fallback.",
      stack: "redis",
    },
    immich: {
      description: "Photo management",
      stack: "immich",
      tags: ["GPU"],
      domains: { direct: ["immich"] },
    },
    nvidia: { description: "GPU device plugin", stack: "nvidia" },
    "metrics-server": { description: "K8s metrics", stack: "metrics-server" },
    "uptime-kuma": {
      description: "Status monitoring",
      stack: "uptime-kuma",
      domains: { direct: ["uptime"] },
    },
    crowdsec: { description: "Security/WAF (PostgreSQL backend)", stack: "crowdsec" },
    kyverno: { description: "Policy engine", stack: "kyverno" },
  },
} as const satisfies GroupDefinition;
