import type { FindingKind } from "./contract";

const PUT_BACK =
  "PUT the same manifest bytes again, from any copy (a mirror, a node's image store, the build's output); else rebuild";
const RESTART_THEN_PUSH =
  "restart the registry first (its cache may still claim the blob, and a push would skip it), then push the image again";

/** The cheapest safe repair for a kind of damage, in one line. */
export function repairFor(kind: FindingKind): string {
  switch (kind) {
    case "manifest_missing":
    case "index_child_missing":
    case "subject_missing":
    case "attestation_missing":
      return PUT_BACK;
    case "config_missing":
    case "layer_missing":
    case "empty_descriptor_missing":
      return RESTART_THEN_PUSH;
    case "truncated":
      return "restart the registry; if the object is still short, remove its data file from the storage (a push does not overwrite it); push the image again";
    case "size_mismatch":
      return "rebuild the image: a descriptor and its object disagree; if the stored object was changed, remove it and push again";
    case "digest_mismatch":
      return "remove the object's data file from the storage (a push does not overwrite it), restart the registry, push the image again; check the disk";
    case "malformed_manifest":
      return "rebuild the image and push it under the same tag";
    case "unservable":
      return "read the registry's log for this reference; then PUT the manifest bytes or push the blob again";
    case "layer_link_dangling":
    case "revision_dangling":
      return "remove the dangling link once no push is under way";
    case "repository_unlisted":
      return "nothing is lost; push to the repository or leave it";
    case "unknown_media_type":
    case "schema1":
    case "blob_unreferenced":
      return "none needed";
  }
}
