import type { Json, JsonObject } from "../../../../lib/diff/json";
import { REGISTRY_CONFIG } from "../../../../lib/diff/rules/registry/registry-config";
import { changesOf, said, uncovered } from "../rule-input";

const BASE = {
  version: "0.1",
  log: { fields: { service: "registry-private" } },
  storage: {
    filesystem: { rootdirectory: "/var/lib/registry" },
    delete: { enabled: true },
    maintenance: { uploadpurging: { enabled: true, age: "168h" }, readonly: { enabled: false } },
  },
  auth: { htpasswd: { realm: "r", path: "/auth/htpasswd" } },
  http: { addr: ":5000", tls: { certificate: "/a" } },
};
/** As Terraform has it, and beside it as an artifact. */
const config = (value: JsonObject) => ({
  resources: {
    "registry/terraform_data.host": { triggers_replace: { "config-private.yml": { "(document)": value } } },
  },
  artifacts: { "registry-host/config-private.yml": value },
});
const CACHE = { ...BASE, auth: {}, proxy: { remoteurl: "https://user:hush@ghcr.io", ttl: "24h" } };
const storage = (value: JsonObject): JsonObject => ({ ...BASE, storage: { ...BASE.storage, ...value } });
const without = (value: JsonObject, key: string): JsonObject =>
  Object.fromEntries(Object.entries(value).filter(([name]) => name !== key));
const readOnly = (enabled: Json) =>
  storage({ maintenance: { uploadpurging: { enabled: true, age: "168h" }, readonly: { enabled } } });

test.each<[string, JsonObject, JsonObject, readonly string[]]>([
  [
    "auth",
    BASE,
    without(BASE, "auth"),
    ["danger auth_removed: registry-private asks nobody for a password any more: its auth section is gone."],
  ],
  [
    "tls",
    BASE,
    { ...BASE, http: { addr: ":5000" } },
    ["danger tls_lost: registry-private speaks no TLS any more: passwords and layers travel in the clear."],
  ],
  [
    "root",
    BASE,
    storage({ filesystem: { rootdirectory: "/data" } }),
    [
      "danger storage_moved: registry-private starts as an empty registry unless its data is moved first: its storage /var/lib/registry became /data.",
    ],
  ],
  [
    "deletes",
    BASE,
    storage({ delete: { enabled: false } }),
    ["notice deletes_disabled: registry-private refuses deletions now, and retention through its API fails."],
  ],
  [
    "read-only lost",
    readOnly(true),
    readOnly(false),
    [
      "danger read_only_step_lost: registry-private is no longer read-only by this configuration: a push during a garbage collection loses layers.",
    ],
  ],
  [
    "read-only",
    readOnly(false),
    readOnly(true),
    ["risk registry_read_only: registry-private is read-only by this configuration: pushes fail."],
  ],
  [
    "purging",
    BASE,
    storage({ maintenance: { uploadpurging: { enabled: true, age: "24h" }, readonly: { enabled: false } } }),
    ["info upload_purging_changed: registry-private purges uploads by another age: 168h became 24h."],
  ],
  [
    "upstream",
    CACHE,
    { ...CACHE, proxy: { remoteurl: "https://quay.io", ttl: "24h" } },
    [
      "risk proxy_upstream_changed: registry-private fetches from another registry: https://…@ghcr.io became https://quay.io.",
    ],
  ],
  [
    "ttl",
    CACHE,
    { ...CACHE, proxy: { remoteurl: "https://user:hush@ghcr.io", ttl: "1h" } },
    ["notice cache_ttl_changed: registry-private keeps what it fetched for another time: 24h became 1h."],
  ],
  [
    "role",
    without(BASE, "auth"),
    { ...without(BASE, "auth"), proxy: { remoteurl: "https://ghcr.io" } },
    [
      "danger registry_role_changed: registry-private becomes a cache of https://ghcr.io: pushes are refused, and what it holds expires.",
    ],
  ],
])("%s: once for all places, and nothing else is left", (_, before, after, expected) => {
  expect(said(REGISTRY_CONFIG, config(before), config(after))).toEqual(expected);
  expect(uncovered(REGISTRY_CONFIG, config(before), config(after))).toEqual([]);
  expect(JSON.stringify(changesOf(REGISTRY_CONFIG, config(before), config(after)))).not.toContain("hush");
});

test("another driver is an empty registry, too", () => {
  const moved = {
    ...BASE,
    storage: { s3: { bucket: "b" }, delete: { enabled: true }, maintenance: BASE.storage.maintenance },
  };
  expect(said(REGISTRY_CONFIG, config(BASE), config(moved))).toContainEqual(
    expect.stringMatching(/^danger storage_moved: .*its storage driver filesystem became s3/),
  );
});

test("what is not about safety is left to plain words", () => {
  const quiet = { ...BASE, http: { ...BASE.http, addr: ":5001" } };
  expect(said(REGISTRY_CONFIG, config(BASE), config(quiet))).toEqual([]);
});
