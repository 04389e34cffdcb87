import type { ByteSlice } from "../byte-slice";
import { FINDING_SEVERITY, type Severity } from "../contract";
import { BlobInventory } from "./blob-inventory";
import { type FoundRegistries, findRepositories, type RegistryFolder } from "./find-registries";
import type { DanglingLink } from "./layer-link-repair";
import { RegistryLedger } from "./registry-ledger";
import type { StorageContext } from "./repository-links";
import {
  addCounts,
  NO_COUNTS,
  type RegistryScan,
  SCAN_SCHEMA,
  type ScanFinding,
  type ScanReport,
  type ScanUndetermined,
  type StorageRole,
} from "./scan-model";
import { type RepositoryScan, scanRepository } from "./scan-repository";
import { ScanThreads } from "./scan-threads";

/** A push or a collection may be under way: what seems broken is looked at again not sooner than this. */
const SECOND_LOOK_AFTER_MS = 200;
const MAX_LOOKS = 4;
/** Fewer are scanned before another thread has started. */
const LEAST_SHARED_REPOSITORIES = 8;

export interface ScanOptions {
  readonly root: string;
  readonly found: Extract<FoundRegistries, { kind: "found" }>;
  readonly roleOf: (registry: string) => StorageRole;
  /** Blobs of this slice are read whole and hashed; null: none. */
  readonly slice: ByteSlice | null;
  /** Unguessable 32 bits for hash tables. */
  readonly seed: number;
  /** This one included; what is found is the same with any number. */
  readonly threads: number;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  /** Called after each repository. */
  readonly onProgress?: (registry: string, repositories: number) => void;
}

export interface ScanResult {
  readonly report: ScanReport;
  /** Layer links that could go, with the storage folders that they are in. */
  readonly danglingLinks: readonly DanglingLink[];
}

/** Reads every storage folder that was found, one after the other. Never throws for what a disk can hold. */
export async function scanStorage(options: ScanOptions): Promise<ScanResult> {
  const startedAtMs = options.now();
  const registries: RegistryScan[] = [];
  const findings: ScanFinding[] = [];
  const undetermined: ScanUndetermined[] = [];
  const danglingLinks: DanglingLink[] = [];
  let findingsTruncated = 0;
  for (const folder of options.found.registries) {
    const ledger = await scanRegistry(options, folder);
    registries.push(ledger.summary());
    for (const finding of ledger.findings) findings.push(finding);
    for (const entry of ledger.undetermined) undetermined.push(entry);
    for (const link of ledger.danglingLinks) danglingLinks.push(link);
    findingsTruncated += ledger.findingsTruncated;
  }
  for (const { name, look } of options.found.unknown) {
    const place = { registry: name, repository: null, reference: null };
    undetermined.push({ ...place, reason: look.reason, detail: `the folder ${look.detail}` });
  }
  const report: ScanReport = {
    schema: SCAN_SCHEMA,
    root: options.root,
    startedAt: new Date(startedAtMs).toISOString(),
    durationMs: Math.round(options.now() - startedAtMs),
    complete: undetermined.length === 0,
    registries,
    checked: registries.reduce((sum, { checked }) => addCounts(sum, checked), NO_COUNTS),
    findings: findings.sort(byPlace),
    findingsTruncated,
    undetermined,
  };
  return { report, danglingLinks };
}

async function scanRegistry(options: ScanOptions, folder: RegistryFolder): Promise<RegistryLedger> {
  // The other threads load their program while this one lists the blobs.
  const threads = new ScanThreads(holdsMany(folder.root) ? options.threads - 1 : 0);
  try {
    return await scanWith(threads, options, folder);
  } finally {
    await threads.stop();
  }
}

function holdsMany(root: string): boolean {
  let count = 0;
  for (const { kind } of findRepositories(root)) {
    if (kind === "repository" && ++count === LEAST_SHARED_REPOSITORIES) return true;
  }
  return false;
}

async function scanWith(
  threads: ScanThreads,
  options: ScanOptions,
  folder: RegistryFolder,
): Promise<RegistryLedger> {
  const role = options.roleOf(folder.name);
  const { slice, seed } = options;
  // Before the manifests: what comes while these are read is then named by them, and not taken for unreferenced.
  const blobs = BlobInventory.list(folder.root, seed);
  const storage: StorageContext = { root: folder.root, isCache: role === "cache", blobs, slice, seed };
  const ledger = new RegistryLedger(folder, role, blobs);
  const repositories: string[] = [];
  for (const found of findRepositories(folder.root)) {
    if (found.kind === "repository") repositories.push(found.name);
    else {
      const detail = `${found.path} ${found.look.detail}`;
      ledger.doubt({ reason: found.look.reason, repository: null, reference: null, detail });
    }
  }
  const suspicious: RepositoryScan[] = [];
  let done = 0;
  await threads.scan(storage, repositories, (scan) => {
    if (damageOf(scan).size > 0) suspicious.push(scan);
    else ledger.add(scan);
    options.onProgress?.(folder.name, ++done);
  });
  await confirm(options, storage, suspicious, ledger);
  ledger.end();
  return ledger;
}

/** Damage counts once two looks in a row, both after the first, saw the same. */
async function confirm(
  options: ScanOptions,
  storage: StorageContext,
  suspicious: readonly RepositoryScan[],
  ledger: RegistryLedger,
): Promise<void> {
  let open = suspicious;
  for (let look = 2; open.length > 0; look++) {
    await options.sleep(SECOND_LOOK_AFTER_MS);
    const next: RepositoryScan[] = [];
    for (const before of open) {
      const scan = scanRepository(storage, before.repository, true);
      const known = damageOf(before);
      const isSame = [...damageOf(scan)].every((key) => known.has(key));
      if (isSame) ledger.add(scan);
      else if (look < MAX_LOOKS) next.push(scan);
      else ledger.add(withoutNewDamage(scan, known));
    }
    open = next;
  }
}

/** What the last look alone saw is no proof. */
function withoutNewDamage(scan: RepositoryScan, known: ReadonlySet<string>): RepositoryScan {
  const { repository } = scan;
  const doubts = scan.findings
    .filter((finding) => isDamage(finding) && !known.has(keyOf(finding)))
    .map(({ digest, tags, detail }) => {
      return { reason: "moved" as const, repository, reference: digest ?? tags[0] ?? null, detail };
    });
  return {
    ...scan,
    findings: scan.findings.filter((finding) => !isDamage(finding) || known.has(keyOf(finding))),
    undetermined: [...scan.undetermined, ...doubts],
  };
}

type Drafted = RepositoryScan["findings"][number];

function damageOf(scan: RepositoryScan): Set<string> {
  return new Set(scan.findings.filter(isDamage).map(keyOf));
}

function isDamage({ kind }: Drafted): boolean {
  return FINDING_SEVERITY[kind] === "damage";
}

/** Of an object, whatever tags reach it by now; of a tag that does not resolve, where it points too. */
function keyOf({ kind, digest, path }: Drafted): string {
  return `${kind} ${digest ?? path.join(" ")}`;
}

const RANK: Readonly<Record<Severity, number>> = { damage: 0, warning: 1, information: 2 };

function byPlace(a: ScanFinding, b: ScanFinding): number {
  return (
    RANK[a.severity] - RANK[b.severity] ||
    compareText(a.registry, b.registry) ||
    compareText(a.repository ?? "", b.repository ?? "") ||
    compareText(a.tags[0] ?? "", b.tags[0] ?? "") ||
    compareText(a.digest ?? "", b.digest ?? "")
  );
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
