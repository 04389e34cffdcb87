/** A registry's own configuration as it is. https://distribution.github.io/distribution/about/configuration/ */
import { type YamlNode, yamlGet, yamlText } from "../../text/yaml-tree";

export interface ForeignDistributionConfig {
  /** The port of `http.debug.addr`. */
  readonly debugPort: number | null;
  readonly hasAuth: boolean;
  readonly canDelete: boolean;
  readonly isCache: boolean;
  /** Line of `proxy.ttl`. */
  readonly ttlLine: number | null;
  /** Line of `maxsize` below `storage`. */
  readonly maxsizeLine: number | null;
}

/** Null where the document is no such configuration. */
export function readDistributionConfig(tree: YamlNode): ForeignDistributionConfig | null {
  const version = yamlText(yamlGet(tree, "version"));
  const storage = yamlGet(tree, "storage");
  if (version === null || !/^0\.[0-9]$/.test(version) || storage?.kind !== "map") return null;
  const debug = yamlText(yamlGet(tree, "http", "debug", "addr"));
  const port = /:([0-9]+)$/.exec(debug ?? "")?.[1];
  return {
    debugPort: port === undefined ? null : Number(port),
    hasAuth: yamlGet(tree, "auth") !== null,
    canDelete: yamlText(yamlGet(storage, "delete", "enabled")) === "true",
    isCache: yamlGet(tree, "proxy", "remoteurl") !== null,
    ttlLine: yamlGet(tree, "proxy", "ttl")?.line ?? null,
    maxsizeLine: keyLine(storage, "maxsize"),
  };
}

function keyLine(node: YamlNode, key: string): number | null {
  if (node.kind !== "map") return null;
  for (const entry of node.entries) {
    const line = entry.key === key ? entry.line : keyLine(entry.value, key);
    if (line !== null) return line;
  }
  return null;
}
