import type { JsonObject } from "../../../../lib/oci/descriptor";
import type { ApiClient } from "../api-client";
import { requireText, textMapAt } from "../json";
import type { Pod } from "./pod-spec";

/** What a pod's files and variables come from: a reader of its own namespace, and nothing else. */
export interface PodSources {
  /** The values by key; null where there is no such object. */
  configMap(name: string): Promise<Readonly<Record<string, Buffer>> | null>;
  secret(name: string): Promise<Readonly<Record<string, Buffer>> | null>;
  serviceAccountToken(audience: string | null, expirationSeconds: number): Promise<string>;
}

/** What a pod waits for: it is started once the object is there. */
export class MissingSourceError extends Error {
  override readonly name = "MissingSourceError";
}

/** Reads anew at every call: what was rotated is seen. */
export function podSources(api: ApiClient, pod: Pod): PodSources {
  const base = `/api/v1/namespaces/${pod.namespace}`;
  const read = async (kind: string, name: string): Promise<JsonObject | null> =>
    api.find(`${base}/${kind}/${name}`);
  return {
    async configMap(name) {
      const object = await read("configmaps", name);
      return object === null ? null : { ...decode(object, "data", "utf8"), ...decode(object, "binaryData") };
    },
    async secret(name) {
      const object = await read("secrets", name);
      return object === null ? null : decode(object, "data");
    },
    async serviceAccountToken(audience, expirationSeconds) {
      const answer = await api.create(`${base}/serviceaccounts/${pod.serviceAccount}/token`, {
        apiVersion: "authentication.k8s.io/v1",
        kind: "TokenRequest",
        spec: {
          audiences: audience === null ? [] : [audience],
          expirationSeconds,
          boundObjectRef: { kind: "Pod", apiVersion: "v1", name: pod.name, uid: pod.uid },
        },
      });
      return requireText(answer, "status", "token");
    },
  };
}

function decode(object: JsonObject, field: string, encoding: "utf8" | "base64" = "base64") {
  const entries = Object.entries(textMapAt(object, field));
  return Object.fromEntries(entries.map(([key, text]) => [key, Buffer.from(text, encoding)]));
}
