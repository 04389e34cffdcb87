/**
 * What the constructs run, pinned: a floating tag is how an estate breaks on a quiet day. Node's own images are
 * multi-platform; the slim variant on Debian bookworm is the smallest with glibc.
 * https://hub.docker.com/_/node
 */

/** Runs the program; any Node from 20.9 on will do. */
export const NODE_IMAGE = "node:22.20.0-bookworm-slim";
