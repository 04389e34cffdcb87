import { DIFF_SCHEMA, type OutputDiff } from "./change";
import type { SynthesizedOutput } from "./output";

/** What differs between two outputs, in words of the domain where a rule knows them. */
export function diffOutputs(_base: SynthesizedOutput, _head: SynthesizedOutput): OutputDiff {
  return { schema: DIFF_SCHEMA, grade: "none", changes: [] };
}
