import { createHash } from "node:crypto";
import { basename } from "node:path";
import type { ArtifactOutput } from "../output";
import { ContentHashes } from "./content-hashes";
import { MAX_DATA_BYTES, parseEmbedded } from "./embedded-document";
import { MachinePaths } from "./machine-paths";
import { type NormaliseContext, normaliseDocument } from "./normalise-value";

/** Above it a text is a program or a page, whose lines nobody reviews. */
export const MAX_TEXT_BYTES = 64 * 1024;

const DOCUMENT = /\.(?:json|ya?ml)$/i;
const EMPTY: NormaliseContext = { hashes: new ContentHashes(), paths: new MachinePaths(null) };

/**
 * A file by what its name says: JSON and YAML as data, what else is UTF-8 as text, the rest by its hash. A file that is
 * not what its name says, as a template of YAML, is text.
 */
export function normaliseArtifact(path: string, bytes: Uint8Array, context = EMPTY): ArtifactOutput {
  const text = bytes.length <= MAX_DATA_BYTES ? decode(bytes) : null;
  if (text === null) return bytesOf(bytes);
  const data = DOCUMENT.test(path) ? parseEmbedded(text, basename(path)) : null;
  if (data !== null) return { kind: "data", value: normaliseDocument(data, context) };
  return bytes.length <= MAX_TEXT_BYTES
    ? { kind: "text", text: context.hashes.mask(text, basename(path), "") }
    : bytesOf(bytes);
}

/** Null where it is not UTF-8, or has what no text has. */
function decode(bytes: Uint8Array): string | null {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    return text.includes("\0") ? null : text;
  } catch {
    return null;
  }
}

function bytesOf(bytes: Uint8Array): ArtifactOutput {
  return { kind: "bytes", sha256: createHash("sha256").update(bytes).digest("hex"), size: bytes.length };
}
