import type { Grade } from "../../change";
import type { Json } from "../../json";
import { shown } from "../common/statement";

/** What a change of a configuration means. */
export interface ConfigWords {
  readonly grade: Grade;
  readonly kind: string;
  /** Behind the registry's name. */
  readonly text: string;
}

/** A setting whose change means something of its own. */
export interface ConfigSetting {
  readonly path: readonly string[];
  /** Null where the change says nothing of its own. */
  readonly judge: (before: Json | null, after: Json | null) => ConfigWords | null;
}

/** What the values say, never a password of theirs. */
export function valuePair(before: Json | null, after: Json | null): string {
  return `${before === null ? "nothing" : shown(before)} became ${after === null ? "nothing" : shown(after)}`;
}

const isOn = (value: Json | null): boolean => value === true || value === "true";

export const CONFIG_SETTINGS: readonly ConfigSetting[] = [
  {
    path: ["storage", "filesystem", "rootdirectory"],
    judge: (before, after) => ({
      grade: "danger",
      kind: "storage_moved",
      text: `starts as an empty registry unless its data is moved first: its storage ${valuePair(before, after)}`,
    }),
  },
  {
    path: ["storage", "delete", "enabled"],
    judge: (before, after) =>
      isOn(before) === isOn(after)
        ? null
        : isOn(after)
          ? { grade: "notice", kind: "deletes_enabled", text: "takes deletions of manifests and blobs now" }
          : {
              grade: "notice",
              kind: "deletes_disabled",
              text: "refuses deletions now, and retention through its API fails",
            },
  },
  {
    path: ["storage", "maintenance", "readonly", "enabled"],
    judge: (before, after) =>
      isOn(before) && !isOn(after)
        ? {
            grade: "danger",
            kind: "read_only_step_lost",
            text: "is no longer read-only by this configuration: a push during a garbage collection loses layers",
          }
        : isOn(after)
          ? {
              grade: "risk",
              kind: "registry_read_only",
              text: "is read-only by this configuration: pushes fail",
            }
          : null,
  },
  {
    path: ["storage", "maintenance", "uploadpurging", "enabled"],
    judge: (before, after) =>
      before === null || isOn(before) === isOn(after)
        ? null
        : {
            grade: isOn(after) ? "info" : "notice",
            kind: "upload_purging_changed",
            text: isOn(after)
              ? "removes uploads that were never finished"
              : "keeps uploads that were never finished: its disk fills",
          },
  },
  ...["age", "interval"].map(
    (name): ConfigSetting => ({
      path: ["storage", "maintenance", "uploadpurging", name],
      judge: (before, after) => ({
        grade: "info",
        kind: "upload_purging_changed",
        text: `purges uploads by another ${name}: ${valuePair(before, after)}`,
      }),
    }),
  ),
  {
    path: ["storage", "cache", "blobdescriptor"],
    judge: (before, after) => ({
      grade: "notice",
      kind: "descriptor_cache_changed",
      text: `remembers blobs elsewhere: ${valuePair(before, after)}`,
    }),
  },
  {
    path: ["proxy", "remoteurl"],
    judge: (before, after) =>
      before === null || after === null
        ? {
            grade: "danger",
            kind: "registry_role_changed",
            text:
              after === null
                ? `is a cache of ${shown(before ?? "")} no more: what was pulled through it is not found`
                : `becomes a cache of ${shown(after)}: pushes are refused, and what it holds expires`,
          }
        : {
            grade: "risk",
            kind: "proxy_upstream_changed",
            text: `fetches from another registry: ${valuePair(before, after)}`,
          },
  },
  {
    path: ["proxy", "ttl"],
    judge: (before, after) => ({
      grade: "notice",
      kind: "cache_ttl_changed",
      text: `keeps what it fetched for another time: ${valuePair(before, after)}`,
    }),
  },
  {
    path: ["auth"],
    judge: (before, after) =>
      after === null
        ? {
            grade: "danger",
            kind: "auth_removed",
            text: "asks nobody for a password any more: its auth section is gone",
          }
        : before === null
          ? { grade: "notice", kind: "auth_added", text: "asks for a password now: who has none cannot pull" }
          : null,
  },
  ...["realm", "path"].map(
    (name): ConfigSetting => ({
      path: ["auth", "htpasswd", name],
      judge: (before, after) =>
        before === null || after === null
          ? null
          : {
              grade: "notice",
              kind: "auth_changed",
              text: `has another ${name} for its passwords: ${valuePair(before, after)}`,
            },
    }),
  ),
  {
    path: ["http", "tls"],
    judge: (before, after) =>
      after === null
        ? {
            grade: "danger",
            kind: "tls_lost",
            text: "speaks no TLS any more: passwords and layers travel in the clear",
          }
        : before === null
          ? { grade: "notice", kind: "tls_added", text: "speaks TLS now: clients that ask by http fail" }
          : null,
  },
];
