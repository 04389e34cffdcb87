/**
 * Everything that the constructs run, pinned, in one place: a floating tag is how an estate breaks on a quiet day.
 * `tallyman pin` resolves them to digests.
 */

/**
 * Runs the program; any Node from 20.9 on will do. Node's own images are multi-platform; the slim variant on Debian
 * bookworm is the smallest with glibc. https://hub.docker.com/_/node
 */
export const NODE_IMAGE = "node:22.20.0-bookworm-slim";

/**
 * All registry services of a host, in lockstep. The last of 2.8; its garbage collector must never delete untagged
 * manifests, which the host refuses. https://hub.docker.com/_/registry
 */
export const REGISTRY_IMAGE = "registry:2.8.3";

/** The front of a registry host: a stable branch, whose patches fix faults alone. https://hub.docker.com/_/nginx */
export const NGINX_IMAGE = "nginx:1.28.0-alpine";

/** The page that lists a registry's images. https://hub.docker.com/r/joxit/docker-registry-ui */
export const REGISTRY_UI_IMAGE = "joxit/docker-registry-ui:2.5.7";

/**
 * Charts by their exact version: a range would let an apply upgrade Prometheus. Both are the last of a major version
 * that has been in use for long; a newer one is a prop away.
 */
export const CHART_REPOSITORY = "https://prometheus-community.github.io/helm-charts";

/** Prometheus 3.8; reads `serverFiles.alerts` and `scrapeConfigFiles`. */
export const PROMETHEUS_CHART_VERSION = "27.52.0";

/** Prometheus Operator 0.83; reads `additionalPrometheusRulesMap`, and has the CRD ScrapeConfig. */
export const KUBE_PROMETHEUS_STACK_CHART_VERSION = "75.18.1";

/**
 * Builds and pushes images in Woodpecker, by BuildKit. Woodpecker 3 privileges it only where
 * WOODPECKER_PLUGINS_PRIVILEGED names it.
 * https://hub.docker.com/r/woodpeckerci/plugin-docker-buildx
 */
export const BUILDX_PLUGIN_IMAGE = "woodpeckerci/plugin-docker-buildx:6.1.1";
