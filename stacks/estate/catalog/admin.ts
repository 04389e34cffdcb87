import type { GroupDefinition } from "../../../lib/catalog/define-catalog";

export const admin = {
  title: "Admin",
  services: {
    "k8s-dashboard": { description: "Kubernetes dashboard", stack: "k8s-dashboard" },
    "reverse-proxy": { description: "Generic reverse proxy", stack: "reverse-proxy" },
  },
} as const satisfies GroupDefinition;
