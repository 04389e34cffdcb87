import { FINDING_SEVERITY, type Severity } from "../contract";
import type { Undetermined } from "../report";
import { WALK_LIMITS } from "../walk-context";
import type { BlobInventory } from "./blob-inventory";
import type { RegistryFolder } from "./find-registries";
import type { DanglingLink } from "./layer-link-repair";
import {
  addCounts,
  NO_COUNTS,
  type RegistryScan,
  type ScanCounts,
  type ScanDraft,
  type ScanFinding,
  type ScanUndetermined,
  type StorageRole,
} from "./scan-model";
import type { RepositoryScan } from "./scan-repository";

/** What the scan of one storage folder has seen so far. */
export class RegistryLedger {
  readonly findings: ScanFinding[] = [];
  readonly undetermined: ScanUndetermined[] = [];
  readonly danglingLinks: DanglingLink[] = [];
  /** Findings that had no place in the list. */
  findingsTruncated = 0;
  private readonly counts: Record<Severity, number> = { damage: 0, warning: 0, information: 0 };
  private checked: ScanCounts = NO_COUNTS;
  private orphanedImages = 0;

  constructor(
    private readonly folder: RegistryFolder,
    private readonly role: StorageRole,
    private readonly blobs: BlobInventory,
  ) {
    for (const { path, look } of blobs.unreadable) {
      const detail = `${path} ${look.detail}`;
      this.doubt({ reason: look.reason, repository: null, reference: null, detail });
    }
  }

  add(scan: RepositoryScan): void {
    const { tags, indexes, manifests, blobs, layerLinks, bytesRead } = scan;
    const counts = { repositories: 1, tags, indexes, manifests, blobs, layerLinks, bytesRead };
    this.checked = addCounts(this.checked, { ...NO_COUNTS, ...counts });
    this.orphanedImages += scan.orphanedImages;
    for (const draft of scan.findings) this.find(draft);
    for (const entry of scan.undetermined) this.doubt(entry);
    for (const digest of scan.danglingLayerLinks) {
      const { name: registry, root } = this.folder;
      this.danglingLinks.push({ registry, root, repository: scan.repository, digest });
    }
  }

  doubt(entry: Undetermined): void {
    // Past the limit one more says nothing that the first did not: the scan is incomplete.
    if (this.undetermined.length >= WALK_LIMITS.listed) return;
    this.undetermined.push({ registry: this.folder.name, ...entry });
  }

  /** Called once after all repositories: a blob that one of them names is not unreferenced. */
  end(): void {
    const { stored, unreferenced } = this.blobs.totals();
    const { count, bytes } = unreferenced;
    this.checked = { ...this.checked, storedBlobs: stored.count, storedBytes: stored.bytes };
    // What could not be read may well name them.
    if (count === 0 || this.undetermined.length > 0) return;
    const broken = this.counts.damage > 0 ? "; broken manifests may name them: repair before collecting" : "";
    const detail = `${count} blobs, ${bytes} bytes, that no linked manifest names${broken}`;
    const nowhere = { repository: null, tags: [], digest: null, path: [] };
    this.find({ ...nowhere, kind: "blob_unreferenced", detail });
  }

  summary(): RegistryScan {
    return {
      registry: this.folder.name,
      role: this.role,
      complete: this.undetermined.length === 0,
      orphanedImages: this.orphanedImages,
      findings: this.counts,
      checked: this.checked,
    };
  }

  private find(draft: ScanDraft): void {
    const severity: Severity = FINDING_SEVERITY[draft.kind];
    this.counts[severity]++;
    if (this.findings.length >= WALK_LIMITS.listed) {
      this.findingsTruncated++;
      return;
    }
    const { kind, repository, tags, digest, path, detail } = draft;
    const registry = this.folder.name;
    this.findings.push({ kind, severity, registry, repository, tags, digest, path, detail });
  }
}
