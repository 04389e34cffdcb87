/** What differs between two synthesized outputs, in words of the domain. */
export {
  type Change,
  DIFF_SCHEMA,
  GRADES,
  type Grade,
  isAtLeast,
  type OutputDiff,
  worstGrade,
} from "./change";
export type { Delta, Place, Rename } from "./delta";
export { diffOutputs } from "./diff-outputs";
export type { Json, JsonObject } from "./json";
export {
  type ArtifactOutput,
  EMBEDDED,
  type ResourceOutput,
  type StackOutput,
  type SynthesizedOutput,
} from "./output";
export { readOutput } from "./read-output";
export { DiffFormatError, parseDiff } from "./render/parse-diff";
export { renderDiffJson } from "./render/render-json";
export { DIFF_COMMENT_MARKER, renderDiffMarkdown } from "./render/render-markdown";
export { renderDiffTerminal } from "./render/render-terminal";
export type { DomainRule, Judged, RuleInput } from "./rules/domain-rule";
export { DOMAIN_RULES } from "./rules/domain-rules";
export {
  type SnapshotConstruct,
  SnapshotError,
  type SnapshotStack,
  type StackSnapshot,
  snapshot,
} from "./snapshot";
