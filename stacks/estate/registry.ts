import { Duration } from "../../lib/core/duration";
import { REGISTRY_IMAGE } from "../../lib/core/versions";
import type { RegistryEstate } from "../registry";

/** The VM with the private registry and the pull-through caches. */
export const registryEstate: RegistryEstate = {
  address: "10.0.20.10",
  root: "/opt/registry",
  image: REGISTRY_IMAGE,
  private: {
    port: 5050,
    hostname: "registry.viktorbarzin.me",
    tls: {
      certificateFile: "/opt/registry/secrets/tls/fullchain.pem",
      keyFile: "/opt/registry/secrets/tls/privkey.pem",
    },
    htpasswdFile: "/opt/registry/secrets/htpasswd",
    purgeUploadsAfter: Duration.hours(168),
  },
  /** By name; none is ever walked. */
  caches: {
    dockerhub: {
      upstream: "https://registry-1.docker.io",
      port: 5000,
      /** REGISTRY_PROXY_USERNAME and REGISTRY_PROXY_PASSWORD: anonymous pulls have a quota. */
      credentialsEnvFile: "/opt/registry/secrets/dockerhub.env",
    },
    ghcr: { upstream: "https://ghcr.io", port: 5010 },
    quay: { upstream: "https://quay.io", port: 5020 },
    k8s: { upstream: "https://registry.k8s.io", port: 5030 },
    kyverno: { upstream: "https://reg.kyverno.io", port: 5040 },
  },
  /** A page to look at, which deletes nothing: nobody signs in there. */
  ui: { registry: "dockerhub", port: 8080 },
  maintenance: { weekly: "Sun 03:00", keepNewest: 10 },
};
