import { LABEL_INSTANCE } from "../contract";
import {
  blobsBrokenSample,
  blobsProvenSample,
  bytesVerifiedSample,
  type RunFacts,
  runSamples,
  type Sample,
  successSample,
} from "../exposition";
import type { Finding } from "../report";
import { FirstSeen, type Since } from "./first-seen";

/** What is known of one registry, for whoever renders it; times are epoch milliseconds. */
export interface RegistryView {
  readonly instance: string;
  /** null while no walk is under way. */
  readonly walkStartedAtMs: number | null;
  /** null while a walk is under way. */
  readonly nextWalkAtMs: number | null;
  /** The last finished walk; null before the first. */
  readonly facts: RunFacts | null;
  /** End of the last complete walk. */
  readonly lastSuccessAtMs: number | null;
  readonly since: (finding: Finding) => Since | null;
}

/** What the walks of one registry proved, kept over walks; a walk under way changes none of it until it has ended. */
export class RunMemory implements RegistryView {
  walkStartedAtMs: number | null = null;
  nextWalkAtMs: number | null = null;
  facts: RunFacts | null = null;
  lastSuccessAtMs: number | null = null;
  /** Outside the heap, which is small. */
  private reportBytes: Buffer | null = null;
  private readonly bytesVerifiedAtMs = new Map<string, number>();
  /** Of each slice of a rotation what stands until its next turn. */
  private readonly blobSlices = new Map<string, { broken?: Sample; proven?: Sample }>();
  private firstSeen = new FirstSeen();

  constructor(readonly instance: string) {}

  planned(atMs: number): void {
    this.nextWalkAtMs = atMs;
    this.walkStartedAtMs = null;
  }

  began(atMs: number): void {
    this.walkStartedAtMs = atMs;
    this.nextWalkAtMs = null;
  }

  /**
   * @param verifiedSlice `k/n` where the walk read every blob of the slice whole; else null
   * @param rotatedSlice `k/n` where the walk proved blobs by turns, complete or not; else null
   */
  ended(facts: RunFacts, verifiedSlice: string | null, rotatedSlice: string | null = null): void {
    this.walkStartedAtMs = null;
    this.facts = facts;
    this.reportBytes = null;
    this.firstSeen.update(facts.assessment, facts.endedAtMs);
    if (rotatedSlice !== null) this.turned(facts, rotatedSlice);
    if (!facts.assessment.report.complete) return;
    this.lastSuccessAtMs = facts.endedAtMs;
    if (verifiedSlice !== null) this.bytesVerifiedAtMs.set(verifiedSlice, facts.endedAtMs);
  }

  /** No walk is under way, and none comes. */
  rested(): void {
    this.walkStartedAtMs = null;
    this.nextWalkAtMs = null;
  }

  /** Another proves now: what this one did is no longer told. */
  forget(): void {
    this.facts = null;
    this.lastSuccessAtMs = null;
    this.reportBytes = null;
    this.bytesVerifiedAtMs.clear();
    this.blobSlices.clear();
    this.firstSeen = new FirstSeen();
  }

  private turned({ assessment, endedAtMs }: RunFacts, slice: string): void {
    const known = this.blobSlices.get(slice) ?? {};
    const { complete } = assessment.report;
    // An incomplete walk that found nothing does not take back what another found.
    if (complete || assessment.brokenInTurn > 0) known.broken = blobsBrokenSample(assessment, slice);
    if (complete) known.proven = blobsProvenSample(endedAtMs, slice);
    this.blobSlices.set(slice, known);
  }

  since(finding: Finding): Since | null {
    return this.firstSeen.of(finding);
  }

  /** `tallyman.report/1` of the last finished walk, as JSON; null before the first. */
  report(): Buffer | null {
    if (this.facts === null) return null;
    this.reportBytes ??= Buffer.from(`${JSON.stringify(this.facts.assessment.report)}\n`);
    return this.reportBytes;
  }

  /** With the label `instance`; none before the first walk has ended. */
  samples(): Sample[] {
    if (this.facts === null) return [];
    const samples = runSamples(this.facts);
    if (this.lastSuccessAtMs !== null) samples.push(successSample(this.lastSuccessAtMs));
    for (const [slice, atMs] of this.bytesVerifiedAtMs) samples.push(bytesVerifiedSample(atMs, slice));
    for (const { broken } of this.blobSlices.values()) if (broken !== undefined) samples.push(broken);
    for (const { proven } of this.blobSlices.values()) if (proven !== undefined) samples.push(proven);
    return samples.map((sample) => ({
      ...sample,
      labels: { [LABEL_INSTANCE]: this.instance, ...sample.labels },
    }));
  }
}
