import { LABEL_INSTANCE, LABEL_SHARD, type MetricKey, metricName } from "../../integrity/contract";
import { promqlString } from "../alert-model";
import { shardPattern } from "../alerts/probe-series";
import { turnsOf } from "../alerts/turns";
import { alertThresholds } from "../integrity-alerts";
import { shardsOf } from "../probe-run";
import type { ProbeSpec } from "../probe-spec";

/** The dashboard's variable: the registries chosen, all of them at first. */
export const INSTANCE_VARIABLE = "instance";

/** States of a registry, from best to worst. */
export const STATES = [
  { value: 0, text: "Whole", color: "green" },
  { value: 1, text: "Whole as far as known", color: "yellow" },
  { value: 2, text: "DAMAGED", color: "red" },
  { value: 3, text: "Not known", color: "purple" },
] as const;

/** The queries of one probe, over its shards where it has some. */
export class DashboardQueries {
  private readonly shards: number | null;

  constructor(private readonly probe: ProbeSpec) {
    this.shards = shardsOf(probe.run);
  }

  /** The worst of the series of one registry, of those that the variable chooses. */
  worst(key: MetricKey, by: readonly string[] = []): string {
    return `max by (${[LABEL_INSTANCE, ...by].join(", ")}) (${this.chosen(key)})`;
  }

  /** Of what each shard counts in its own part the sum; without shards the worst. */
  total(key: MetricKey, by: readonly string[] = []): string {
    if (this.shards === null) return this.worst(key, by);
    return `sum by (${[LABEL_INSTANCE, ...by].join(", ")}) (${this.worst(key, [LABEL_SHARD, ...by])})`;
  }

  /** What is proven; of shards one that does not report counts as nothing. */
  coverage(): string {
    return this.shards === null ? this.least("coverage_ratio") : this.provenShare((key) => this.chosen(key));
  }

  /** Age of the oldest slice. */
  bytesAge(): string {
    return `time() - ${this.least("bytes_verified_timestamp")}`;
  }

  /** Age of each shard's last report. */
  shardAges(): string {
    return `time() - ${this.worst("last_run_timestamp", [LABEL_SHARD])}`;
  }

  /** Age of each slice's proof, in the shard that is the furthest behind. */
  sliceAges(): string {
    return `time() - ${this.bySlice("blobs_proven_timestamp", "min")}`;
  }

  /** What the last run of each slice found broken, in all shards. */
  brokenBySlice(): string {
    return this.bySlice("blobs_broken", "sum");
  }

  /** Of the number of slices that there are now: those of another stay in the Pushgateway for ever. */
  private bySlice(key: MetricKey, overShards: "min" | "sum"): string {
    const by = `${LABEL_INSTANCE}, slice`;
    const series = this.chosen(key, `,slice=~${promqlString(`[0-9]+/${turnsOf(this.probe)?.n}`)}`);
    if (this.shards === null) return `max by (${by}) (${series})`;
    return `${overShards} by (${by}) (max by (${by}, ${LABEL_SHARD}) (${series}))`;
  }

  private least(key: MetricKey): string {
    return `min by (${LABEL_INSTANCE}) (${this.chosen(key)})`;
  }

  private provenShare(of: (key: MetricKey) => string): string {
    const by = `${LABEL_INSTANCE}, ${LABEL_SHARD}`;
    const stale = alertThresholds(this.probe).staleAfter.toSeconds();
    const reported = `time() - max by (${by}) (${of("last_run_timestamp")}) <= ${stale}`;
    const coverage = `max by (${by}) (${of("coverage_ratio")}) and on (${by}) (${reported})`;
    return `sum by (${LABEL_INSTANCE}) (${coverage}) / ${this.shards}`;
  }

  private chosen(key: MetricKey, more = ""): string {
    return `${metricName(key)}{${LABEL_INSTANCE}=~"$${INSTANCE_VARIABLE}"${this.ofShards()}${more}}`;
  }

  private ofShards(): string {
    return this.shards === null ? "" : `,${LABEL_SHARD}=~${promqlString(shardPattern(this.shards))}`;
  }

  /**
   * The state of each of the probe's registries, whatever the variable chooses; one of which there is no series at all
   * is there too, as not known: a dashboard that leaves it out would look green.
   */
  state(): string {
    const own = this.probe.registries.map(({ instance }) => instance);
    const instances = promqlString(own.map(escapeRegex).join("|"));
    const series = (key: MetricKey) =>
      `${metricName(key)}{${LABEL_INSTANCE}=~${instances}${this.ofShards()}}`;
    const max = (key: MetricKey) => `max by (${LABEL_INSTANCE}) (${series(key)})`;
    const min = (key: MetricKey) => `min by (${LABEL_INSTANCE}) (${series(key)})`;
    const stale = alertThresholds(this.probe).staleAfter.toSeconds();
    const coverage = this.shards === null ? min("coverage_ratio") : this.provenShare(series);
    return [
      `(${min("catalog_accessible")} == 0) * 0 + 3`,
      `(time() - ${max("last_run_timestamp")} > ${stale}) * 0 + 3`,
      `(${max("failures")} > 0) * 0 + 2`,
      `(${coverage} < 1) * 0 + 1`,
      `${max("failures")} * 0`,
      ...own.map((one) => `label_replace(vector(3), "${LABEL_INSTANCE}", ${promqlString(one)}, "", "")`),
    ].join("\nor\n");
  }
}

function escapeRegex(text: string): string {
  return text.replace(/[\\^$.|?*+()[\]{}]/g, "\\$&");
}
