/**
 * What the constructs run, pinned: a floating tag is how an estate breaks on a quiet day. Node's own images are
 * multi-platform; the slim variant on Debian bookworm is the smallest with glibc.
 * https://hub.docker.com/_/node
 */

/** Runs the program; any Node from 20.9 on will do. */
export const NODE_IMAGE = "node:22.20.0-bookworm-slim";

/**
 * Charts by their exact version: a range would let an apply upgrade Prometheus. Both are the last of a major version
 * that has been in use for long; a newer one is a prop away.
 */
export const CHART_REPOSITORY = "https://prometheus-community.github.io/helm-charts";

/** Prometheus 3.8; reads `serverFiles.alerts` and `scrapeConfigFiles`. */
export const PROMETHEUS_CHART_VERSION = "27.52.0";

/** Prometheus Operator 0.83; reads `additionalPrometheusRulesMap`, and has the CRD ScrapeConfig. */
export const KUBE_PROMETHEUS_STACK_CHART_VERSION = "75.18.1";
