import { grantLines } from "./build-image-scripts";
import type { BuildImageSpec } from "./build-image-spec";

/** What has to be so on the server, above the file that cannot say it by itself. */
export function buildImageComment(spec: BuildImageSpec, pluginImage: string): string {
  const { image, manual = true, privileged = false } = spec;
  const trust = privileged
    ? [
        "The build is privileged: an administrator has to trust the repository with it (Settings, Trusted, Security).",
      ]
    : [
        "The plugin needs privileges, which the server gives to what it names, tag and digest included:",
        `  WOODPECKER_PLUGINS_PRIVILEGED=${pluginImage}`,
      ];
  return [
    `Builds ${image}, pushes it, and proves every tag of it whole. Written by Tallyman: change its spec, not this file.`,
    "",
    ...trust,
    ...(manual ? ["", ...grantLines(spec)] : []),
  ].join("\n");
}
