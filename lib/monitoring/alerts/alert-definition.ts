import type { Duration } from "../../core/duration";
import type { AlertName, AlertReason, AlertSeverity } from "./alert-names";
import type { Expr } from "./promql";
import type { ProofCase } from "./proofs/proof-case";

/** What a page waits for: the probe's next walk, the one whose turn a blob is, or nothing but the next scrape. */
export type PageSource = "probe" | "turn" | "scrape";

/** One rule before anything of the user's is laid over it. */
export interface AlertDefinition {
  readonly alert: AlertName;
  readonly reason: AlertReason;
  /** The rule's label: a registry's instance, or what else the alert is about. */
  readonly instance: string;
  readonly severity: AlertSeverity;
  readonly for: Duration;
  readonly keepFiringFor?: Duration;
  readonly expr: Expr;
  readonly summary: string;
  /** What is broken. */
  readonly description: string;
  /** Shows more with kubectl alone: at night nobody has anything else. */
  readonly command: string;
  readonly source: PageSource;
  /** Its proof, for the times that are settled once overrides are in. */
  readonly cases: (times: ProofTimes) => readonly ProofCase[];
}

/** In evaluations, which are a minute apart in every proof. */
export interface ProofTimes {
  /** How many after the first that finds something the alert fires. */
  readonly forMinutes: number;
  /** How long it stays after its end. */
  readonly keepMinutes: number;
}
