import { formatPlatform, isObject, type Platform } from "../oci/descriptor";
import { type Digest, Digest as DigestValue } from "../oci/digest";
import type { Manifest } from "../oci/manifest";
import type { RegistryClient } from "../registry-client/registry-client";
import { resolveTag } from "./resolve-tag";
import type { WalkContext } from "./walk-context";

/** What a push was meant to bring about, beyond being whole. */
export interface Expectations {
  /** `os/architecture[/variant]` */
  readonly platforms: readonly string[];
  readonly digest: Digest | null;
}

const MAX_CONFIG_BYTES = 4 * 1024 * 1024;

/**
 * Holds one reference against the expectations; what cannot be read is left to the walk, which reports it.
 *
 * @param reference a tag or a digest
 */
export async function checkExpectations(
  context: Pick<WalkContext, "client" | "ledger">,
  repository: string,
  reference: string,
  expectations: Expectations,
): Promise<void> {
  const { client, ledger } = context;
  const resolution = await resolveTag(context, repository, reference);
  if (resolution.kind !== "resolved") return;
  const { digest, verdict } = resolution;
  const tags = DigestValue.parse(reference) === null ? [reference] : [];
  const place = { repository, tags, digest: digest.toString(), path: [...tags, digest.toString()] };
  if (expectations.digest !== null && !digest.equals(expectations.digest)) {
    const detail = `resolves to another digest than the expected ${expectations.digest}`;
    ledger.find({ ...place, kind: "digest_mismatch", platform: null, detail }, true);
    return;
  }
  if (expectations.platforms.length === 0 || verdict.kind !== "whole" || verdict.manifest === null) return;
  const present = await platformsOf(client, repository, verdict.manifest);
  if (present === null) return;
  const lacking = expectations.platforms.filter(
    (platform) => !present.some((entry) => isSame(entry, platform)),
  );
  if (lacking.length === 0) return;
  const has = present.length === 0 ? "names no platform" : `has ${present.join(", ")}`;
  const detail = `the image has no ${lacking.join(", ")}: it ${has}`;
  ledger.find({ ...place, kind: "index_child_missing", platform: lacking[0] ?? null, detail }, true);
}

/** An expected `linux/arm64` is met by `linux/arm64/v8`; an expected variant is met by that variant alone. */
function isSame(present: string, expected: string): boolean {
  return present === expected || (expected.split("/").length === 2 && present.startsWith(`${expected}/`));
}

async function platformsOf(
  client: RegistryClient,
  repository: string,
  manifest: Manifest,
): Promise<string[] | null> {
  if (manifest.kind === "index") {
    return manifest.manifests
      .filter((entry) => entry.platform !== null && !entry.isAttestation)
      .map((entry) => formatPlatform(entry.platform as Platform));
  }
  if (manifest.kind !== "image" || manifest.config === null) return [];
  const answer = await client.readBlob(repository, manifest.config.digest, MAX_CONFIG_BYTES);
  if (answer.kind !== "present") return null;
  let config: unknown;
  try {
    config = JSON.parse(answer.body.toString("utf8"));
  } catch {
    return [];
  }
  if (!isObject(config) || typeof config.os !== "string" || typeof config.architecture !== "string")
    return [];
  const variant = typeof config.variant === "string" && config.variant !== "" ? `/${config.variant}` : "";
  return [`${config.os}/${config.architecture}${variant}`];
}
