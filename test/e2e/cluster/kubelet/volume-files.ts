/** https://kubernetes.io/docs/concepts/storage/volumes/ */
import { isObject, type JsonObject } from "../../../../lib/oci/descriptor";
import { listAt, numberAt, objectAt, requireText, textAt, valueAt } from "../json";
import { podField } from "./pod-fields";
import { MissingSourceError, type PodSources } from "./pod-sources";
import type { Pod } from "./pod-spec";

export interface VolumeFile {
  /** Permissions alone, as 0o440. */
  readonly mode: number;
  readonly bytes: Buffer;
}

/** By their paths within the volume. */
export type VolumeFiles = ReadonlyMap<string, VolumeFile>;

const DEFAULT_MODE = 0o644;
const TOKEN_SECONDS = 3_600;

/**
 * The files of a configMap, secret, downwardAPI or projected volume; null for an emptyDir and a claim, whose files are not the API's.
 * @throws MissingSourceError where an object or a key is not there and not optional
 */
export async function collectVolumeFiles(
  volume: JsonObject,
  pod: Pod,
  sources: PodSources,
): Promise<VolumeFiles | null> {
  for (const kind of ["configMap", "secret", "downwardAPI"]) {
    const source = valueAt(volume, kind);
    if (isObject(source)) {
      const mode = numberAt(source, "defaultMode") ?? DEFAULT_MODE;
      return new Map(await filesOf(kind, source, mode, pod, sources));
    }
  }
  const projected = valueAt(volume, "projected");
  if (!isObject(projected)) return null;
  const mode = numberAt(projected, "defaultMode") ?? DEFAULT_MODE;
  const files = new Map<string, VolumeFile>();
  for (const entry of listAt(projected, "sources")) {
    for (const kind of Object.keys(objectAt(entry))) {
      const found = await filesOf(kind, objectAt(entry, kind), mode, pod, sources);
      for (const [path, file] of found) files.set(path, file);
    }
  }
  return files;
}

type Entry = readonly [path: string, file: VolumeFile];

async function filesOf(
  kind: string,
  source: JsonObject,
  defaultMode: number,
  pod: Pod,
  sources: PodSources,
): Promise<readonly Entry[]> {
  switch (kind) {
    case "configMap": {
      const name = requireText(source, "name");
      return select(`configmap "${name}"`, await sources.configMap(name), source, defaultMode);
    }
    case "secret": {
      const name = textAt(source, "secretName") ?? requireText(source, "name");
      return select(`secret "${name}"`, await sources.secret(name), source, defaultMode);
    }
    case "downwardAPI":
      return listAt(source, "items").map((item) => {
        const bytes = Buffer.from(podField(pod, requireText(item, "fieldRef", "fieldPath")));
        return [requireText(item, "path"), { mode: numberAt(item, "mode") ?? defaultMode, bytes }];
      });
    case "serviceAccountToken": {
      const seconds = numberAt(source, "expirationSeconds") ?? TOKEN_SECONDS;
      const token = await sources.serviceAccountToken(textAt(source, "audience"), seconds);
      // Of a token the group may read what its owner may, and nobody else.
      return [[requireText(source, "path"), { mode: 0o600, bytes: Buffer.from(token) }]];
    }
    default:
      throw new Error(`the stand-in has no projected source ${kind}`);
  }
}

/** With `items` those keys alone, each at its path; else every key under its own name. */
function select(
  what: string,
  values: Readonly<Record<string, Buffer>> | null,
  source: JsonObject,
  defaultMode: number,
): readonly Entry[] {
  const isOptional = valueAt(source, "optional") === true;
  if (values === null) {
    if (isOptional) return [];
    throw new MissingSourceError(`${what} not found`);
  }
  const items = listAt(source, "items");
  if (items.length === 0) {
    return Object.entries(values).map(([key, bytes]) => [key, { mode: defaultMode, bytes }]);
  }
  return items.flatMap((item): readonly Entry[] => {
    const key = requireText(item, "key");
    const bytes = values[key];
    if (bytes !== undefined) {
      return [[requireText(item, "path"), { mode: numberAt(item, "mode") ?? defaultMode, bytes }]];
    }
    if (isOptional) return [];
    throw new MissingSourceError(`${what} has no key "${key}"`);
  });
}
