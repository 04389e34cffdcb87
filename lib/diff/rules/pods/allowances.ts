import { isJsonObject, type Json, type JsonObject } from "../../json";
import { blockOf, blocksOf, childOf, type Spot } from "../common/spot";
import { bothSpellings, wordsOf } from "./pod-view";

/** One thing that an object allows; `*` of a part is everything. */
export type Allowance = readonly string[];

/** Of roles and policies that name more than this, only that they changed is told. */
const MAX_ALLOWANCES = 5_000;

/** Those of the newer that the older did not allow, by a part that is `*` or by the same words. */
export function widened(before: readonly Allowance[], after: readonly Allowance[]): readonly Allowance[] {
  if (before.length * after.length > MAX_ALLOWANCES ** 2) return [];
  const known = new Set(before.map((one) => one.join("\n")));
  const wide = before.filter((one) => one.some((part) => part === "*" || part.includes("/")));
  return after.filter((one) => !known.has(one.join("\n")) && !wide.some((wider) => allows(wider, one)));
}

function allows(wider: Allowance, one: Allowance): boolean {
  return wider.every((part, at) => {
    const other = one[at] ?? "*";
    return part === "*" || part === other || containsCidr(part, other);
  });
}

/** `[direction, peer, port]` of a NetworkPolicy; what it does not isolate is allowed from and to anywhere. */
export function policyAllowances(policy: Spot<JsonObject>): readonly Allowance[] {
  const spec = blockOf(childOf(policy, "spec"));
  if (spec === null) return [];
  const types = wordsOf(childOf(spec, ...bothSpellings("policyTypes"))?.value ?? null);
  return [
    ["Ingress", "ingress", "from"],
    ["Egress", "egress", "to"],
  ].flatMap(([type = "", key = "", peers = ""]): readonly Allowance[] => {
    const isIsolated =
      types.length === 0 ? type === "Ingress" || childOf(spec, key) !== null : types.includes(type);
    if (!isIsolated) return [[key, "*", "*"]];
    return blocksOf(childOf(spec, key)).flatMap((rule) => {
      const ends = blocksOf(childOf(rule, peers)).map(peerOf);
      const ports = blocksOf(childOf(rule, "ports")).map(portOf);
      return (ends.length === 0 ? ["*"] : ends).flatMap((end) =>
        (ports.length === 0 ? ["*"] : ports).map((port) => [key, end, port]),
      );
    });
  });
}

function peerOf(peer: Spot<JsonObject>): string {
  const block = blockOf(childOf(peer, ...bothSpellings("ipBlock")));
  const cidr = block === null ? null : block.value.cidr;
  const except = wordsOf(block?.value.except ?? null);
  if (typeof cidr === "string") return except.length === 0 ? cidr : `${cidr} but ${except.join(", ")}`;
  return Object.entries(peer.value).length === 0 ? "*" : plain(peer.value);
}

function portOf(port: Spot<JsonObject>): string {
  const { protocol, port: number } = port.value;
  const end = childOf(port, ...bothSpellings("endPort"))?.value;
  const last = typeof end === "number" || typeof end === "string" ? `-${end}` : "";
  const first = typeof number === "number" || typeof number === "string" ? `${number}${last}` : "*";
  return first === "*" && protocol === undefined
    ? "*"
    : `${typeof protocol === "string" ? protocol : "TCP"} ${first}`;
}

/** `[API group, resource, name, verb]` of a Role or ClusterRole. */
export function roleAllowances(role: Spot<JsonObject>): readonly Allowance[] {
  const found: Allowance[] = [];
  for (const rule of blocksOf(childOf(role, "rule", "rules"))) {
    const list = (name: string): readonly string[] =>
      wordsOf(childOf(rule, ...bothSpellings(name))?.value ?? null);
    const names = list("resourceNames").length === 0 ? ["*"] : list("resourceNames");
    const urls = list("nonResourceURLs").map((url): [string, string] => ["url", url]);
    const groups = list("apiGroups").length === 0 ? [""] : list("apiGroups");
    const resources = groups.flatMap((group) =>
      list("resources").map((one): [string, string] => [group, one]),
    );
    for (const [group, resource] of [...resources, ...urls]) {
      for (const name of names) {
        for (const verb of list("verbs")) {
          if (found.length >= MAX_ALLOWANCES) return found;
          found.push([group, resource, name, verb]);
        }
      }
    }
  }
  return found;
}

/** Of IPv4. */
function containsCidr(wider: string, other: string): boolean {
  const [a, b] = [range(wider), range(other)];
  return a !== null && b !== null && a.from <= b.from && b.to <= a.to;
}

function range(cidr: string): { readonly from: number; readonly to: number } | null {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(cidr);
  if (match === null) return null;
  const [a = 0, b = 0, c = 0, d = 0, bits = 0] = match.slice(1).map(Number);
  const size = 2 ** (32 - Math.min(bits, 32));
  const from = Math.floor((((a * 256 + b) * 256 + c) * 256 + d) / size) * size;
  return { from, to: from + size - 1 };
}

function plain(value: Json): string {
  if (Array.isArray(value)) return value.length === 1 ? plain(value[0] as Json) : value.map(plain).join(", ");
  if (!isJsonObject(value)) return `${value}`;
  return Object.keys(value)
    .sort()
    .map((key) => `${key} ${plain(value[key] ?? null)}`)
    .join(" ");
}
