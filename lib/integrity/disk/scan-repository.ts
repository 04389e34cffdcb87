import type { Digest } from "../../oci/digest";
import type { Undetermined } from "../report";
import { draftFindings } from "./repository-findings";
import type { StorageContext } from "./repository-links";
import { RepositoryPass } from "./repository-pass";
import type { ScanDraft } from "./scan-model";

/** What one pass saw of one repository. */
export interface RepositoryScan {
  readonly repository: string;
  readonly findings: readonly ScanDraft[];
  readonly undetermined: readonly Undetermined[];
  readonly tags: number;
  readonly indexes: number;
  readonly manifests: number;
  readonly blobs: number;
  readonly layerLinks: number;
  readonly bytesRead: number;
  readonly orphanedImages: number;
  /** Layer links whose data is gone and that no tag reaches. */
  readonly danglingLayerLinks: readonly Digest[];
}

/** Looks once at everything that a repository has on disk. @param isFresh trusts nothing that was read before */
export function scanRepository(
  storage: StorageContext,
  repository: string,
  isFresh: boolean,
): RepositoryScan {
  const pass = new RepositoryPass(storage, repository, isFresh);
  pass.walk();
  const { findings, orphanedImages, danglingLayerLinks } = draftFindings(pass);
  const { undetermined, tags, indexes, manifests, blobs, bytesRead } = pass;
  const counts = { tags: tags.length, indexes, manifests, blobs, bytesRead };
  const linkCount = pass.place.layers.table.count;
  return {
    repository,
    findings,
    undetermined,
    ...counts,
    layerLinks: linkCount,
    orphanedImages,
    danglingLayerLinks,
  };
}
