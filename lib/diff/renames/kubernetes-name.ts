import { isJsonObject, type Json, type JsonObject } from "../json";

/** `<kind> <namespace>/<name>` of the object in a cluster that a resource describes; null where it is none. */
export function kubernetesName(type: string, values: JsonObject): string | null {
  if (type === "kubernetes_manifest") {
    const manifest = block(values, "manifest");
    const kind = text(manifest, "kind");
    return kind === null ? null : named(kind, block(manifest, "metadata"));
  }
  if (type.startsWith("kubernetes_")) return named(kindOf(type), block(values, "metadata"));
  return type === "helm_release" ? named("release", values) : null;
}

function named(kind: string, metadata: JsonObject | null): string | null {
  const name = text(metadata, "name");
  const namespace = text(metadata, "namespace");
  return name === null ? null : `${kind} ${namespace === null ? "" : `${namespace}/`}${name}`;
}

/** `kubernetes_config_map_v1` is a ConfigMap. */
function kindOf(type: string): string {
  const words = type.replace(/^kubernetes_/, "").replace(/_v[0-9]+(?:(?:alpha|beta)[0-9]+)?$/, "");
  return words
    .split("_")
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join("");
}

/** A block is an object, or a list of one. */
function block(within: JsonObject | null, key: string): JsonObject | null {
  const value = within?.[key];
  const first = Array.isArray(value) ? value[0] : value;
  return isJsonObject(first) ? first : null;
}

/** A template is no name: two of them may be equal and mean different objects. */
function text(within: JsonObject | null, key: string): string | null {
  const value: Json | undefined = within?.[key];
  return typeof value === "string" && value !== "" && !value.includes("${") ? value : null;
}
