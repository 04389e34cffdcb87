import type { ApplyResult } from "../../integrity/retention/apply-retention";
import type { RepositoryPlan, RetentionReason, TagAction } from "../../integrity/retention/retention-plan";

export const RETENTION_SCHEMA = "tallyman.retention/1";

/** `tallyman.retention/1`: every key is always there, null when unknown. */
export interface RetentionReport {
  readonly schema: typeof RETENTION_SCHEMA;
  /** `host` or `host:port`. */
  readonly registry: string;
  /** RFC 3339, UTC. */
  readonly startedAt: string;
  readonly rules: {
    readonly keepLast: number | null;
    readonly keep: readonly string[];
    readonly minAgeSeconds: number;
    /** Pods that were read; null: nobody said what runs. */
    readonly inUsePods: number | null;
  };
  /** Every repository could be read, and all that was planned and wanted was done. */
  readonly complete: boolean;
  /** Why the registry as a whole was left alone; empty when it was not. */
  readonly blocked: readonly string[];
  readonly repositories: readonly {
    readonly repository: string;
    readonly state: RepositoryPlan["state"];
    readonly reasons: readonly string[];
    readonly tags: readonly {
      readonly tag: string;
      readonly digest: string;
      /** RFC 3339, UTC. */
      readonly created: string | null;
      readonly action: TagAction;
      readonly why: RetentionReason;
      readonly detail: string;
    }[];
    readonly deletions: readonly {
      readonly digest: string;
      readonly tags: readonly string[];
      readonly done: boolean;
    }[];
    readonly bytesFreed: number;
  }[];
  /** At most: blobs are shared with what no API lists. */
  readonly bytesFreed: number;
  /** null: a plan alone. */
  readonly applied: {
    readonly deleted: number;
    readonly surprise: ApplyResult["surprise"];
    /** Whether a walk after it found every tag that stays whole; null: nothing was deleted. */
    readonly verified: boolean | null;
  } | null;
}

export interface RetentionFacts {
  readonly registry: string;
  readonly startedAtMs: number;
  readonly rules: RetentionReport["rules"];
  readonly blocked: readonly string[];
  readonly plans: readonly RepositoryPlan[];
  readonly result: ApplyResult | null;
  readonly verified: boolean | null;
}

/** The report of one run. */
export function retentionReport(facts: RetentionFacts): RetentionReport {
  const { plans, result, blocked } = facts;
  const done = new Set(result?.deleted.map(({ repository, digest }) => `${repository}@${digest}`));
  return {
    schema: RETENTION_SCHEMA,
    registry: facts.registry,
    startedAt: isoOf(facts.startedAtMs),
    rules: facts.rules,
    complete:
      blocked.length === 0 &&
      plans.every(({ state }) => state !== "blocked") &&
      (result === null || (result.surprise === null && facts.verified !== false)),
    blocked,
    repositories: plans.map((plan) => ({
      repository: plan.repository,
      state: plan.state,
      reasons: plan.reasons,
      tags: plan.tags.map(({ createdMs, tag, digest, action, why, detail }) => ({
        tag,
        digest,
        created: createdMs === null ? null : isoOf(createdMs),
        action,
        why,
        detail,
      })),
      deletions: plan.deletions.map(({ digest, tags }) => ({
        digest,
        tags,
        done: done.has(`${plan.repository}@${digest}`),
      })),
      bytesFreed: plan.bytesFreed,
    })),
    bytesFreed: plans.reduce((sum, { bytesFreed }) => sum + bytesFreed, 0),
    applied:
      result === null
        ? null
        : { deleted: result.deleted.length, surprise: result.surprise, verified: facts.verified },
  };
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString();
}
