import { MalformedError } from "../../oci/descriptor";
import type { Digest } from "../../oci/digest";
import { type Manifest, parseManifest } from "../../oci/manifest";
import { MediaType } from "../../oci/media-type";
import { RegistryError } from "../../registry-client/answers";
import { EMPTY_DESCRIPTOR, isManifestType } from "../descend";
import { type ImageSource, MAX_MANIFEST_BYTES, SourceError } from "./image-source";
import { type Needs, obstacle, type ProvenManifest } from "./plan-context";
import type { FoundBlob } from "./repair-plan";

/** Nobody has the bytes, or nobody could say. */
export interface NotFound {
  readonly obstacle: Needs;
}

/**
 * The bytes of a manifest from the first source that has those of the digest and no others.
 * @param mediaType what a descriptor says of it, or null
 */
export async function findManifest(
  sources: readonly ImageSource[],
  repository: string,
  digest: Digest,
  mediaType: string | null,
): Promise<ProvenManifest | NotFound> {
  return ask(sources, digest, "manifest", async (source) => {
    const offered = await source.manifest(repository, digest);
    if (offered === null || offered.body.length > MAX_MANIFEST_BYTES || !digest.verifies(offered.body)) {
      return null;
    }
    const manifest = parseManifest(offered.body, offered.contentType ?? mediaType);
    return { body: offered.body, mediaType: putType(manifest), source: source.name, manifest };
  });
}

/** The first source that has so many bytes of the blob; they are held to the digest when they are sent. */
export async function findBlob(
  sources: readonly ImageSource[],
  repository: string,
  digest: Digest,
  size: number,
): Promise<FoundBlob | NotFound> {
  if (digest.toString() === EMPTY_DESCRIPTOR && size === EMPTY_JSON.length) return EMPTY_BLOB;
  return ask(sources, digest, "blob", async (source) => {
    const body = await source.blob(repository, digest, size);
    return body === null ? null : { source: source.name, body };
  });
}

/** The Content-Type under which a manifest is put: its own word, else what its shape makes it. */
export function putType(manifest: Manifest): string {
  if (isManifestType(manifest.mediaType)) return manifest.mediaType;
  return manifest.kind === "index" ? MediaType.ociIndex : MediaType.ociManifest;
}

const EMPTY_JSON = Buffer.from("{}");
const EMPTY_BLOB: FoundBlob = {
  source: "the specification",
  body: {
    size: EMPTY_JSON.length,
    open: async function* () {
      yield EMPTY_JSON;
    },
  },
};

/** A source that cannot answer is passed over, but then nobody can say that the bytes are nowhere. */
async function ask<T>(
  sources: readonly ImageSource[],
  digest: Digest,
  what: string,
  question: (source: ImageSource) => Promise<T | null>,
): Promise<T | NotFound> {
  const troubles: string[] = [];
  for (const source of sources) {
    try {
      const found = await question(source);
      if (found !== null) return found;
    } catch (error) {
      if (error instanceof MalformedError) continue;
      if (!(error instanceof RegistryError || error instanceof SourceError)) throw error;
      troubles.push(`${source.name}: ${error.message}`);
    }
  }
  if (troubles.length > 0) return { obstacle: obstacle("undetermined", digest, troubles.join("; ")) };
  const places = sources.map(({ name }) => name).join(", ");
  const detail = places === "" ? `no source was given for the ${what}` : `the ${what} is not in ${places}`;
  return { obstacle: obstacle("missing", digest, detail) };
}
