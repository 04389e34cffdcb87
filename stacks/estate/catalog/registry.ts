import type { GroupDefinition } from "../../../lib/catalog/define-catalog";
import type { AlertRef } from "../../../lib/core/references";

/** The registry that everything above is pulled from, with the alerts that are about it. */
export function registryGroup(alerts: readonly AlertRef[]) {
  return {
    title: "Container Registry",
    tier: "core",
    services: {
      registry: {
        description:
          "Private container registry at `registry.viktorbarzin.me:5050`, with pull-through caches beside it (VM 10.0.20.10)",
        stack: "registry",
        domains: { direct: ["registry"] },
        alerts,
        runbooks: ["docs/runbooks/registry-vm.md", "docs/runbooks/registry-rebuild-image.md"],
        images: ["registry", "nginx", "joxit/docker-registry-ui", "infra-ci"],
        pipeline: ".woodpecker/build-ci-image.yml",
      },
    },
  } as const satisfies GroupDefinition;
}
