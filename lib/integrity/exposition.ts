/**
 * The metrics of a run in the text format of Prometheus.
 * https://prometheus.io/docs/instrumenting/exposition_formats/
 */
import type { Assessment } from "./assess";
import { LABEL_INSTANCE, MAX_BROKEN_REFERENCE_SERIES, METRICS, type MetricKey, metricName } from "./contract";

export interface Sample {
  readonly metric: MetricKey;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface RunFacts {
  readonly assessment: Assessment;
  readonly endedAtMs: number;
  /** null where the registry is not declared private, or it could not be told. */
  readonly authEnforced: boolean | null;
  /** Epoch milliseconds; null over plain HTTP. */
  readonly tlsNotAfterMs: number | null;
}

/** What every run says of itself. A catalogue that could not be read leaves out what only it can prove. */
export function runSamples(facts: RunFacts): Sample[] {
  const { assessment, endedAtMs } = facts;
  const { report } = assessment;
  const samples: Sample[] = [];
  const add = (metric: MetricKey, value: number, labels: Record<string, string> = {}): void => {
    samples.push({ metric, labels, value });
  };
  add("catalog_accessible", assessment.catalogueAccessible ? 1 : 0);
  if (assessment.catalogueAccessible) {
    // A walk that was cut and saw nothing broken cannot say that nothing is: it must not end what one before it proved.
    if (assessment.failures > 0 || !wasCut(assessment)) add("failures", assessment.failures);
    add("repos_checked", report.checked.repositories);
    add("tags_checked", report.checked.tags);
    add("indexes_checked", report.checked.indexes);
  }
  add("last_run_timestamp", seconds(endedAtMs));
  add("manifests_checked", report.checked.manifests);
  add("blobs_checked", report.checked.blobs);
  for (const [reason, count] of assessment.undeterminedByReason) add("undetermined", count, { reason });
  add("coverage_ratio", report.coverage);
  add("walk_duration_seconds", report.durationMs / 1000);
  add("requests", report.checked.requests);
  add("throttled_responses", assessment.throttledResponses);
  add("accepted_failures", assessment.acceptedFailures);
  const broken = brokenReferences(facts);
  samples.push(...broken);
  add("broken_references_truncated", Math.max(0, brokenCount(assessment) - broken.length));
  if (facts.authEnforced !== null) add("auth_enforced", facts.authEnforced ? 1 : 0);
  if (facts.tlsNotAfterMs !== null) add("tls_not_after_timestamp", seconds(facts.tlsNotAfterMs));
  return samples;
}

/** Whether the walk's time was spent before it had looked at everything. */
function wasCut(assessment: Assessment): boolean {
  return assessment.undeterminedByReason.has("budget_spent");
}

export function successSample(endedAtMs: number): Sample {
  return { metric: "last_success_timestamp", labels: {}, value: seconds(endedAtMs) };
}

export function bytesVerifiedSample(endedAtMs: number, slice: string): Sample {
  return { metric: "bytes_verified_timestamp", labels: { slice }, value: seconds(endedAtMs) };
}

/** @param slice of the rotation, `k/n` */
export function blobsProvenSample(endedAtMs: number, slice: string): Sample {
  return { metric: "blobs_proven_timestamp", labels: { slice }, value: seconds(endedAtMs) };
}

/** @param slice of the rotation, `k/n` */
export function blobsBrokenSample({ brokenInTurn }: Assessment, slice: string): Sample {
  return { metric: "blobs_broken", labels: { slice }, value: brokenInTurn };
}

/** One series per image and tag that damage reaches, so that it can be joined with what pods run. */
function brokenReferences(facts: RunFacts): Sample[] {
  const { report } = facts.assessment;
  const samples: Sample[] = [];
  for (const finding of report.findings) {
    if (finding.severity !== "damage") break;
    for (const tag of finding.tags.length > 0 ? finding.tags : [""]) {
      if (samples.length === MAX_BROKEN_REFERENCE_SERIES) return samples;
      const image = `${report.instance}/${finding.repository}${tag === "" ? "" : `:${tag}`}`;
      const { repository, kind } = finding;
      samples.push({
        metric: "broken_reference",
        labels: { image, repository, tag, kind, digest: finding.digest ?? "" },
        value: 1,
      });
    }
  }
  return samples;
}

/** Damage that had no place in the report's list counts once each. */
function brokenCount(assessment: Assessment): number {
  const damage = assessment.report.findings.filter(({ severity }) => severity === "damage");
  const unlisted = assessment.failures - damage.length;
  return damage.reduce((sum, { tags }) => sum + Math.max(1, tags.length), unlisted);
}

/** @param instance added as a label; null where the grouping key of a push carries it */
export function formatSamples(samples: readonly Sample[], instance: string | null): string {
  const byMetric = new Map<MetricKey, Sample[]>();
  for (const sample of samples) {
    const group = byMetric.get(sample.metric);
    if (group === undefined) byMetric.set(sample.metric, [sample]);
    else group.push(sample);
  }
  let text = "";
  for (const [metric, group] of byMetric) {
    const name = metricName(metric);
    text += `# HELP ${name} ${METRICS[metric]}\n# TYPE ${name} gauge\n`;
    for (const sample of group) {
      const labels = instance === null ? sample.labels : { [LABEL_INSTANCE]: instance, ...sample.labels };
      text += `${name}${formatLabels(labels)} ${sample.value}\n`;
    }
  }
  return text;
}

function formatLabels(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

function escapeLabel(value: string): string {
  return value.replace(/\\/g, "\\\\").replace(/"/g, '\\"').replace(/\n/g, "\\n");
}

function seconds(ms: number): number {
  return Math.round(ms) / 1000;
}
