import fc from "fast-check";
import { MediaType } from "../../../lib/oci/media-type";
import { MemoryTarget } from "./memory-target";

export const NOW = Date.UTC(2026, 5, 1);
const DAY_MS = 86_400_000;

/** Ages in days of an image; null for a config that says nothing, 30000 for the epoch's kind. */
const age = fc.constantFrom(0.5, 2, 5, 10, 20, 50, 100, 200, 300, 400, 500, 600, 30_000, null);

/** Index numbers below point, by remainder, to what was built before. */
const node = fc.record({
  kind: fc.constantFrom("image", "image", "image", "index"),
  age,
  blobs: fc.array(fc.nat(5), { minLength: 1, maxLength: 3 }),
  children: fc.array(fc.nat(20), { minLength: 1, maxLength: 2 }),
  subject: fc.option(fc.nat(20), { nil: null, freq: 1 }),
});

const tag = fc.record({
  at: fc.nat(20),
  kind: fc.constantFrom("plain", "plain", "plain", "schema", "sig"),
  of: fc.nat(20),
});

export interface RepositorySpec {
  readonly nodes: readonly {
    readonly kind: string;
    readonly age: number | null;
    readonly blobs: readonly number[];
    readonly children: readonly number[];
    readonly subject: number | null;
  }[];
  readonly tags: readonly { readonly at: number; readonly kind: string; readonly of: number }[];
}

export const repositories: fc.Arbitrary<RepositorySpec> = fc.record({
  nodes: fc.array(node, { minLength: 4, maxLength: 14 }),
  tags: fc.array(tag, { minLength: 3, maxLength: 10 }),
});

/** The repository as bytes: nested indexes, shared children, referrers, companion tags. */
export function build(spec: RepositorySpec): MemoryTarget {
  const target = new MemoryTarget();
  const built: { digest: string; size: number; mediaType: string }[] = [];
  spec.nodes.forEach((entry, at) => {
    const pick = (number: number): (typeof built)[number] | undefined =>
      built[number % Math.max(1, built.length)];
    const subject = entry.subject === null ? undefined : pick(entry.subject);
    const extra = {
      schemaVersion: 2,
      annotations: { at: `${at}` },
      ...(subject === undefined ? {} : { subject }),
    };
    const isIndex = entry.kind === "index" && built.length > 0;
    const mediaType = isIndex ? MediaType.ociIndex : MediaType.ociManifest;
    const digest = target.addManifest(
      isIndex
        ? { ...extra, mediaType, manifests: entry.children.map(pick) }
        : { ...extra, mediaType, ...imageParts(target, entry.age, entry.blobs, at) },
    );
    built.push({ digest, mediaType, size: target.revisions.get(digest)?.length ?? 0 });
  });
  spec.tags.forEach(({ at, kind, of }, number) => {
    const digest = built[at % built.length]?.digest ?? "";
    const about = built[of % built.length]?.digest.replace(":", "-") ?? "";
    const name = kind === "plain" ? `v${number}` : kind === "schema" ? about : `${about}.sig`;
    target.tagLinks.set(name, digest);
  });
  return target;
}

function imageParts(target: MemoryTarget, days: number | null, blobs: readonly number[], at: number): object {
  const created = days === null ? {} : { created: new Date(NOW - days * DAY_MS).toISOString() };
  const config = target.addBlob(JSON.stringify({ ...created, at }));
  const layers = blobs.map((blob) => ({ mediaType: MediaType.ociLayer, ...target.addBlob(`layer ${blob}`) }));
  return { config: { mediaType: MediaType.ociConfig, ...config }, layers };
}
