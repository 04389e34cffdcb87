import { formatPlatform, isObject } from "../oci/descriptor";
import { type Digest, Digest as DigestValue } from "../oci/digest";
import type { IndexManifest, Manifest } from "../oci/manifest";
import { isIndexType } from "../oci/media-type";
import { FINDING_SEVERITY, type Reason } from "./contract";
import { resolveTag } from "./resolve-tag";
import { SECOND_LOOK_AFTER_MS } from "./settle";
import type { FindingDraft, Ledger, WalkContext } from "./walk-context";

/** What a push was meant to bring about, beyond being whole. */
export interface Expectations {
  /** `os/architecture[/variant]` */
  readonly platforms: readonly string[];
  readonly digest: Digest | null;
}

export type ExpectationContext = Pick<WalkContext, "client" | "ledger" | "sleep">;

const MAX_DEPTH = 4;
const MAX_CONFIG_BYTES = 4 * 1024 * 1024;

/**
 * Holds one reference, after the walk, against the expectations. What the walk has already found broken or in doubt
 * is not said again; what could be read then and cannot be read now is in doubt.
 *
 * @param reference a tag or a digest
 */
export async function checkExpectations(
  context: ExpectationContext,
  repository: string,
  reference: string,
  expectations: Expectations,
): Promise<void> {
  const resolution = await resolveTag(context.client, repository, reference);
  if (resolution.kind !== "resolved") {
    const reason = resolution.kind === "broken" ? "moved" : resolution.reason;
    doubtUnlessSaid(context.ledger, repository, reference, reason, resolution.detail);
    return;
  }
  const { digest, verdict } = resolution;
  const tags = DigestValue.parse(reference) === null ? [reference] : [];
  const place = { repository, tags, digest: digest.toString(), path: [...tags, digest.toString()] };
  if (expectations.digest !== null && !digest.equals(expectations.digest)) {
    const detail = `resolves to another digest than the expected ${expectations.digest}`;
    context.ledger.find({ ...place, kind: "digest_mismatch", platform: null, detail }, true);
    return;
  }
  if (expectations.platforms.length === 0) return;
  if (verdict.kind !== "whole" || verdict.manifest === null) {
    const detail = verdict.kind === "whole" ? "no manifest" : verdict.detail;
    doubtUnlessSaid(context.ledger, repository, reference, "bad_response", detail);
    return;
  }
  const present = await platformsOf(context, place, reference, verdict.manifest);
  if (present === null) return;
  const lacking = expectations.platforms.filter(
    (platform) => !present.some((entry) => isSame(entry, platform)),
  );
  if (lacking.length === 0) return;
  const has = present.length === 0 ? "names no platform" : `has ${present.join(", ")}`;
  const detail = `the image has no ${lacking.join(", ")}: it ${has}`;
  context.ledger.find({ ...place, kind: "index_child_missing", platform: lacking[0] ?? null, detail }, true);
}

/** Nothing that could not be checked may pass for met, and nothing is said twice. */
function doubtUnlessSaid(
  ledger: Ledger,
  repository: string,
  reference: string,
  reason: Reason,
  detail: string,
): void {
  const isSaid =
    isDamageSaid(
      ledger,
      repository,
      ({ tags, digest }) => tags.includes(reference) || digest === reference,
    ) ||
    ledger.undetermined.some(
      (entry) =>
        entry.repository === repository && (entry.reference === null || entry.reference === reference),
    );
  if (isSaid) return;
  ledger.doubt({ reason, repository, reference, detail: `the expectation was not checked: ${detail}` });
}

/** An expected `linux/arm64` is met by `linux/arm64/v8`; an expected variant is met by that variant alone. */
function isSame(present: string, expected: string): boolean {
  return present === expected || (expected.split("/").length === 2 && present.startsWith(`${expected}/`));
}

function isDamageSaid(
  ledger: Ledger,
  repository: string,
  concerns: (finding: FindingDraft) => boolean,
): boolean {
  return ledger.findings.some(
    (finding) =>
      FINDING_SEVERITY[finding.kind] === "damage" && finding.repository === repository && concerns(finding),
  );
}

type Place = Pick<FindingDraft, "repository" | "tags" | "digest" | "path">;

/** null where it cannot be told, which is then said. */
async function platformsOf(
  context: ExpectationContext,
  place: Place,
  reference: string,
  manifest: Manifest,
): Promise<string[] | null> {
  if (manifest.kind === "index") return platformsOfIndex(context, place, reference, manifest);
  if (manifest.kind !== "image" || manifest.config === null) return [];
  const config = await readConfig(context, place, reference, manifest.config.digest);
  return config === null ? null : platformIn(config);
}

/** An index within the index counts with what it lists. */
async function platformsOfIndex(
  context: ExpectationContext,
  place: Place,
  reference: string,
  { manifests }: IndexManifest,
  depth = 0,
): Promise<string[] | null> {
  const named = manifests.flatMap(({ platform, isAttestation }) =>
    platform === null || isAttestation ? [] : [formatPlatform(platform)],
  );
  for (const { digest } of manifests.filter(({ mediaType }) => isIndexType(mediaType))) {
    const inner =
      depth < MAX_DEPTH ? await resolveTag(context.client, place.repository, digest.toString()) : null;
    const manifest =
      inner?.kind === "resolved" && inner.verdict.kind === "whole" ? inner.verdict.manifest : null;
    if (manifest?.kind !== "index") {
      doubtUnlessSaid(
        context.ledger,
        place.repository,
        reference,
        "bad_response",
        `the index ${digest} cannot be read`,
      );
      return null;
    }
    const listed = await platformsOfIndex(context, place, reference, manifest, depth + 1);
    if (listed === null) return null;
    named.push(...listed);
  }
  return named;
}

/** The walk by ranges reads no config whole, so that other bytes of the right length may first be seen here. */
async function readConfig(
  context: ExpectationContext,
  place: Place,
  reference: string,
  digest: Digest,
): Promise<Buffer | null> {
  const { client, ledger, sleep } = context;
  const read = () => client.readBlob(place.repository, digest, MAX_CONFIG_BYTES);
  const first = await read();
  if (first.kind === "present") return first.body;
  await sleep(SECOND_LOOK_AFTER_MS);
  const second = await read();
  if (second.kind === "present") return second.body;
  if (first.kind === "digest_mismatch" && second.kind === "digest_mismatch") {
    const isSaid = isDamageSaid(ledger, place.repository, (finding) => finding.digest === digest.toString());
    if (isSaid) return null;
    const path = [...place.path, digest.toString()];
    const detail = `the bytes have the digest ${second.actual}`;
    const kind = "digest_mismatch";
    ledger.find({ ...place, digest: digest.toString(), path, kind, platform: null, detail }, true);
    return null;
  }
  const detail = `the config ${digest} is ${second.kind}`;
  doubtUnlessSaid(ledger, place.repository, reference, "bad_response", detail);
  return null;
}

function platformIn(body: Buffer): string[] {
  let config: unknown;
  try {
    config = JSON.parse(body.toString("utf8"));
  } catch {
    return [];
  }
  if (!isObject(config) || typeof config.os !== "string" || typeof config.architecture !== "string")
    return [];
  const variant = typeof config.variant === "string" && config.variant !== "" ? `/${config.variant}` : "";
  return [`${config.os}/${config.architecture}${variant}`];
}
