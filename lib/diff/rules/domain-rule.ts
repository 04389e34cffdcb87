import type { Change } from "../change";
import type { Delta, Rename } from "../delta";
import type { SynthesizedOutput } from "../output";

export interface RuleInput {
  readonly base: SynthesizedOutput;
  readonly head: SynthesizedOutput;
  readonly deltas: readonly Delta[];
  readonly renames: readonly Rename[];
}

/** A change in words, with the differences that it accounts for: those are not listed once more. */
export interface Judged {
  readonly change: Change;
  readonly covers: readonly Delta[];
  /** Texts of which the change says a part: they are told as information, the shortest not at all. Default: none. */
  readonly touches?: readonly Delta[];
}

/** What one part of the domain has to say of two outputs. Pure; never throws for what an output may hold. */
export interface DomainRule {
  readonly name: string;
  readonly judge: (input: RuleInput) => readonly Judged[];
}
