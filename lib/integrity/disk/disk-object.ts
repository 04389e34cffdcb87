import { printable } from "../../core/printable";
import { isObject, MalformedError } from "../../oci/descriptor";
import type { Digest } from "../../oci/digest";
import { parseManifest } from "../../oci/manifest";
import { isInSlice } from "../byte-slice";
import type { Role } from "../object-graph";
import { broken, missingKind, type Verdict } from "../verdict";
import type { LinkFolder, LinkLook, StorageContext } from "./repository-links";
import type { Look } from "./storage-files";

/** Manifests up to 4 MiB are legal; nothing above this is read. */
const MAX_MANIFEST_BYTES = 10 * 1024 * 1024;

export interface ObjectPlace {
  readonly storage: StorageContext;
  readonly revisions: LinkFolder;
  readonly layers: LinkFolder;
  /** Looks at each file itself, whatever the inventory says. */
  readonly isFresh: boolean;
}

/** What the registry would answer for a manifest, were it to start now. @param size by the descriptor, -1 without one */
export function lookAtManifest(place: ObjectPlace, digest: Digest, size: number, role: Role): Verdict {
  const link = manifestLink(place, digest);
  if (link.kind === "absent") return broken(missingKind(role), withoutLink(place, digest, "revision"));
  if (link.kind === "malformed") return broken("unservable", `revision link: ${link.detail}`);
  if (link.kind === "unknown") return undetermined(link, "revision link");
  const body = place.storage.blobs.read(link.value, MAX_MANIFEST_BYTES, place.isFresh);
  if (body.kind === "absent") return broken(missingKind(role), "the link is there, the data is gone");
  if (body.kind === "unknown") return undetermined(body, "data");
  const content = body.value;
  const bytes = content.length;
  if (!digest.verifies(content)) {
    // What it cannot parse the registry answers with 500; what it can it serves without hashing.
    return isJsonObject(content)
      ? broken("digest_mismatch", `the ${bytes} bytes on disk have another digest`)
      : broken(
          "unservable",
          bytes === 0 ? "the data is empty" : `the ${bytes} bytes on disk are no manifest`,
        );
  }
  if (size >= 0 && bytes !== size) {
    return broken("size_mismatch", `the manifest has ${bytes} bytes, its descriptor says ${size}`);
  }
  try {
    return { kind: "whole", manifest: parseManifest(content, null), bytes, hashed: true };
  } catch (error) {
    if (error instanceof MalformedError) return broken("malformed_manifest", printable(error.message));
    throw error;
  }
}

export function lookAtBlob(place: ObjectPlace, digest: Digest, size: number, role: Role): Verdict {
  const { slice, blobs } = place.storage;
  const served = servedData(place, digest, role);
  if (served.kind !== "linked") return served;
  const { at, bytes } = served;
  if (bytes !== size) {
    return broken(
      bytes < size ? "truncated" : "size_mismatch",
      `${bytes} bytes are on disk, the descriptor says ${size}`,
    );
  }
  // What is pushed by its sha512 the registry keeps by its sha256: another algorithm contradicts nothing.
  if (!at.equals(digest) && at.algorithm === digest.algorithm) {
    return broken("digest_mismatch", `the layer link names ${at}`);
  }
  if (slice === null || !isInSlice(digest, slice)) {
    return { kind: "whole", manifest: null, bytes: 0, hashed: false };
  }
  const read = blobs.verify(digest, at);
  if (read.kind === "absent") return broken(missingKind(role), "the link is there, the data is gone");
  if (read.kind === "unknown") return undetermined(read, "data");
  return read.value.digest.equals(digest)
    ? { kind: "whole", manifest: null, bytes: read.value.bytes, hashed: true }
    : broken("digest_mismatch", `the bytes on disk have the digest ${read.value.digest}`);
}

interface Linked {
  readonly kind: "linked";
  /** By which digest the data is kept. */
  readonly at: Digest;
  readonly bytes: number;
}

/** The registry looks a layer up by its link, and what that names by its link again: there a 404 becomes a 500. */
function servedData(place: ObjectPlace, digest: Digest, role: Role): Linked | Verdict {
  const first = linkedData(place, digest, role);
  if (first.kind !== "linked" || first.at.equals(digest)) return first;
  const second = linkedData(place, first.at, role);
  if (second.kind !== "broken") return second;
  return broken("unservable", `the layer link names ${first.at}: ${second.detail}`);
}

function linkedData(place: ObjectPlace, digest: Digest, role: Role): Linked | Verdict {
  const link = place.layers.read(digest);
  if (link.kind === "absent") return broken(missingKind(role), withoutLink(place, digest, "layer"));
  if (link.kind === "malformed") return broken("unservable", `layer link: ${link.detail}`);
  if (link.kind === "unknown") return undetermined(link, "layer link");
  const stored = place.storage.blobs.size(link.value, place.isFresh);
  if (stored.kind === "absent") return broken(missingKind(role), "the link is there, the data is gone");
  if (stored.kind === "unknown") return undetermined(stored, "data");
  return { kind: "linked", at: link.value, bytes: stored.value };
}

/** An index may list plain blobs (build caches): what its type does not call a manifest may be either. */
export function lookAtEither(place: ObjectPlace, digest: Digest, size: number, role: Role): Verdict {
  const verdict = lookAtBlob(place, digest, size, role);
  const isMissing = verdict.kind === "broken" && verdict.finding === missingKind(role);
  return isMissing ? lookAtManifest(place, digest, size, role) : verdict;
}

/** The registry looks for manifests among the layers too, where its versions before 2.1 linked them. */
function manifestLink(place: ObjectPlace, digest: Digest): LinkLook {
  const link = place.revisions.read(digest);
  return link.kind === "absent" ? place.layers.read(digest) : link;
}

function withoutLink({ storage }: ObjectPlace, digest: Digest, link: string): string {
  const isThere = storage.blobs.size(digest, false).kind === "there";
  return `the repository has no ${link} link to it; ${isThere ? "its data is still there" : "its data is gone too"}`;
}

function undetermined(
  look: Extract<Look<never>, { kind: "unknown" }>,
  what: string,
): Extract<Verdict, { kind: "undetermined" }> {
  return { kind: "undetermined", reason: look.reason, detail: `its ${what} ${look.detail}` };
}

function isJsonObject(content: Buffer): boolean {
  try {
    return isObject(JSON.parse(content.toString("utf8")));
  } catch {
    return false;
  }
}
