import type { Digest } from "../../oci/digest";
import type { BodySource } from "../../registry-client/http-message";
import type { Finding } from "../report";

/** A blob and where its bytes come from. */
export interface FoundBlob {
  readonly source: string;
  readonly body: BodySource;
}

/** One write to the registry. Steps stand in the order in which a registry takes them: leaves first. */
export type RepairStep =
  | {
      readonly do: "mount_blob";
      readonly digest: Digest;
      /** Bytes. */
      readonly size: number;
      /** Repository of the same registry. */
      readonly from: string;
      /** What is uploaded where the registry does not mount. */
      readonly fallback: FoundBlob | null;
    }
  | { readonly do: "upload_blob"; readonly digest: Digest; readonly size: number; readonly found: FoundBlob }
  | {
      readonly do: "put_manifest";
      /** A tag; null puts it under its digest alone. */
      readonly tag: string | null;
      /** What the tag resolved to when the plan was made: null for nothing. It must still be so. */
      readonly expected: string | null;
      readonly digest: Digest;
      readonly mediaType: string;
      readonly body: Buffer;
      readonly source: string;
    };

/**
 * What is to be done about a finding. `restore`: the same bytes come back. `retag`: the tag is pointed at other
 * content. `restart_first` and `remove_data_first`: a person acts, then the command runs again. `none`: the object
 * answers now.
 */
export type RepairAction =
  | "restore"
  | "retag"
  | "restart_first"
  | "remove_data_first"
  | "rebuild"
  | "undetermined"
  | "none";

export interface RebuildHint {
  readonly service: string;
  readonly stack: string | null;
  readonly pipeline: string | null;
}

export interface RepairItem {
  readonly finding: Finding;
  readonly action: RepairAction;
  /** Empty for what a person has to do. */
  readonly steps: readonly RepairStep[];
  /** Why, and what to do, for people. */
  readonly detail: string;
  /** Data files in the way, relative to the storage root: a registry does not overwrite what is there. */
  readonly removeFiles: readonly string[];
  readonly rebuild: readonly RebuildHint[];
}
