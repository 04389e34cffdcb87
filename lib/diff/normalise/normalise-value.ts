import type { Json } from "../json";
import { EMBEDDED } from "../output";
import type { ContentHashes } from "./content-hashes";
import { parseEmbedded } from "./embedded-document";
import type { MachinePaths } from "./machine-paths";
import { isTemplate, markTemplate } from "./terraform-text";
import { sortedEntries } from "./to-json";

/** A document in a document in a document, and so on. */
const MAX_EMBEDDING = 6;

export interface NormaliseContext {
  readonly hashes: ContentHashes;
  readonly paths: MachinePaths;
}

interface Spot extends NormaliseContext {
  /** Whether strings are Terraform's templates. */
  readonly isTerraform: boolean;
  readonly key: string;
  readonly parent: string;
  readonly embedding: number;
}

/** A value of a stack, whose strings are templates. */
export function normaliseTerraform(value: Json, context: NormaliseContext, key = ""): Json {
  return normalise(value, { ...context, isTerraform: true, key, parent: "", embedding: 0 });
}

/** A value of a document that no Terraform reads. */
export function normaliseDocument(value: Json, context: NormaliseContext): Json {
  return normalise(value, { ...context, isTerraform: false, key: "", parent: "", embedding: 0 });
}

function normalise(value: Json, spot: Spot): Json {
  if (typeof value === "string") return normaliseText(value, spot);
  if (Array.isArray(value))
    return value.map((item: Json) => normalise(item, { ...spot, parent: spot.key, key: "" }));
  if (typeof value !== "object" || value === null) return value;
  const entries = sortedEntries<Json>(value).map(([key, item]): [string, Json] => [
    key,
    normalise(item, { ...spot, parent: spot.key, key }),
  ]);
  return Object.fromEntries(entries);
}

/**
 * A text of one line stays as Terraform reads it, `${var.name}` and `$${name}`; a document or a text of several lines is
 * what it means, with what Terraform evaluates marked.
 */
function normaliseText(raw: string, spot: Spot): Json {
  const { isTerraform, key, parent, embedding } = spot;
  const masked = spot.hashes.mask(isTerraform ? spot.paths.hide(raw, isTemplate(raw)) : raw, key, parent);
  const text = isTerraform ? markTemplate(masked) : masked;
  const document = embedding < MAX_EMBEDDING ? parseEmbedded(text, key) : null;
  if (document !== null) {
    return { [EMBEDDED]: normalise(document, { ...spot, isTerraform: false, embedding: embedding + 1 }) };
  }
  return isTerraform && !masked.trimEnd().includes("\n") ? masked : text;
}
