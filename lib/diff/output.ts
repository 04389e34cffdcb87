import type { Json, JsonObject } from "./json";

/**
 * A synthesized output, normalised: two outputs of one commit are equal. Strings that hold a document (JSON, YAML) are
 * that document, as an object with the one key `EMBEDDED`.
 */
export interface SynthesizedOutput {
  readonly stacks: ReadonlyMap<string, StackOutput>;
  /** By path below `artifacts/`; files of a stack's own folder that are no artifact too, `stacks/<name>/assets/<file>`. */
  readonly artifacts: ReadonlyMap<string, ArtifactOutput>;
}

export interface StackOutput {
  readonly name: string;
  /** By address: `<type>.<logical id>`, and `data.<type>.<logical id>` for what is only read. */
  readonly resources: ReadonlyMap<string, ResourceOutput>;
  /** What is no resource: provider, terraform, variable, output, locals, module, moved, import, removed. */
  readonly settings: JsonObject;
}

export interface ResourceOutput {
  readonly address: string;
  readonly type: string;
  readonly id: string;
  /** The path in the construct tree, `monitoring/probe/cron-job`; null where the output does not tell. */
  readonly constructPath: string | null;
  /** Without `//`. */
  readonly values: JsonObject;
}

export type ArtifactOutput =
  | { readonly kind: "data"; readonly value: Json }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "bytes"; readonly sha256: string; readonly size: number };

/** The one key of an object that stands for a document inside a string: `{"(document)": {…}}`; several are an array. */
export const EMBEDDED = "(document)";
