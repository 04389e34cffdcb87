import { isObject } from "../../../lib/oci/descriptor";
import { listAt, textAt, valueAt } from "./json";

/**
 * By address what an update changes, each as `spec[0].schedule`, from a plan as JSON. What only the provider computes
 * (a manifest's `object`) is left out.
 */
export function changedPaths(plan: unknown): Readonly<Record<string, readonly string[]>> {
  const updates = listAt(plan, "resource_changes").flatMap((one) => {
    if (!listAt(one, "change", "actions").includes("update")) return [];
    const key = textAt(one, "type") === "kubernetes_manifest" ? ["manifest"] : [];
    const before = valueAt(one, "change", "before", ...key);
    const after = valueAt(one, "change", "after", ...key);
    return [[textAt(one, "address") ?? "", differingPaths(before, after, "")] as const];
  });
  return Object.fromEntries(updates);
}

function differingPaths(before: unknown, after: unknown, path: string): readonly string[] {
  if (Array.isArray(before) && Array.isArray(after)) {
    const longer = before.length > after.length ? before : after;
    return longer.flatMap((_, at) => differingPaths(before[at], after[at], `${path}[${at}]`));
  }
  if (isObject(before) && isObject(after)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
    const stem = path === "" ? "" : `${path}.`;
    return [...keys].flatMap((key) => differingPaths(before[key], after[key], `${stem}${key}`));
  }
  return (before ?? null) === (after ?? null) ? [] : [path];
}
