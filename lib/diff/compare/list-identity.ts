import { isJsonObject, type Json, type JsonObject } from "../json";

/** How the elements of a list are told apart: null for an element that has no such name. */
type Identify = (element: JsonObject) => string | null;

/** Blocks of which Terraform allows one, written as a list: their name is a value that may change, not an identity. */
const SINGLE_BLOCKS: ReadonlySet<string> = new Set(["metadata"]);

/** Closed, tried in this order; the first that names every element of both lists, each once, is taken. */
const IDENTITIES: readonly Identify[] = [
  kubernetesObject,
  alertingRule,
  alertingRuleWithLabels,
  ...[
    ["name"],
    ["key"],
    ["id"],
    ["uid"],
    ["refId"],
    ["alias"],
    ["job_name"],
    ["mount_path"],
    ["mountPath"],
    ["container_port"],
    ["container_port", "protocol"],
    ["containerPort"],
    ["containerPort", "protocol"],
    ["port"],
    ["port", "protocol"],
    ["published", "target"],
    ["path"],
    ["title"],
    ["series"],
  ].map(byKeys),
];

/**
 * A name for each element of both lists, as it stands in a delta's path: `name=probe`, `alert=HostDown`,
 * `container_port=80,protocol=TCP`; null where elements have none, and only their order tells them apart.
 *
 * @param key under which the list stands
 */
export function identities(
  key: string | undefined,
  before: readonly Json[],
  after: readonly Json[],
): { readonly before: readonly string[]; readonly after: readonly string[] } | null {
  if (key !== undefined && SINGLE_BLOCKS.has(key)) return null;
  if (![...before, ...after].every(isJsonObject)) return null;
  for (const identify of IDENTITIES) {
    const named = { before: names(before, identify), after: names(after, identify) };
    if (named.before !== null && named.after !== null) return { before: named.before, after: named.after };
  }
  return null;
}

/** Null where an element has no name, or two have the same. */
function names(list: readonly Json[], identify: Identify): string[] | null {
  const found = new Set<string>();
  for (const element of list) {
    const name = isJsonObject(element) ? identify(element) : null;
    if (name === null || found.has(name)) return null;
    found.add(name);
  }
  return [...found];
}

function byKeys(keys: readonly string[]): Identify {
  return (element) => {
    const parts = keys.map((key) => scalar(element, key));
    return parts.includes(null) ? null : keys.map((key, at) => `${key}=${parts[at]}`).join(",");
  };
}

/** One of several manifests in a list or in a YAML stream. */
function kubernetesObject(element: JsonObject): string | null {
  const kind = scalar(element, "kind");
  const metadata = Object.hasOwn(element, "metadata") ? element.metadata : undefined;
  if (kind === null || !isJsonObject(metadata)) return null;
  const name = scalar(metadata, "name");
  const namespace = scalar(metadata, "namespace");
  return name === null
    ? null
    : `kind=${kind}${namespace === null ? "" : `,namespace=${namespace}`},name=${name}`;
}

/** Prometheus's, of which a group holds alerting and recording ones: https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/ */
function alertingRule(element: JsonObject): string | null {
  const alert = scalar(element, "alert");
  if (alert !== null) return `alert=${alert}`;
  const record = scalar(element, "record");
  return record === null ? null : `record=${record}`;
}

/** The same alert at two severities, or for two teams. */
function alertingRuleWithLabels(element: JsonObject): string | null {
  const rule = alertingRule(element);
  const labels = Object.hasOwn(element, "labels") ? element.labels : undefined;
  if (rule === null || !isJsonObject(labels)) return rule;
  const parts = Object.keys(labels).sort();
  return `${rule}{${parts.map((key) => `${key}=${JSON.stringify(labels[key])}`).join(",")}}`;
}

function scalar(object: JsonObject, key: string): string | null {
  const value = Object.hasOwn(object, key) ? object[key] : undefined;
  if (typeof value === "string") return value === "" ? null : value;
  return typeof value === "number" ? String(value) : null;
}
