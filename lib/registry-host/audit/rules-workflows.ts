import { type YamlMap, type YamlNode, yamlGet, yamlText } from "../../text/yaml-tree";
import { type AuditFinding, auditFinding } from "./audit-finding";
import type { AuditSeverity } from "./audit-rules";
import { placeIn, type RepositoryFacts } from "./repository-facts";

/** Ready-made cleaners in workflows of GitHub, Gitea and Forgejo. */
export function workflowFindings({ material }: RepositoryFacts): readonly AuditFinding[] {
  return material.yaml.flatMap(({ origin, tree }) =>
    steps(tree).flatMap((step) => {
      const severity = severityOf(step);
      const uses = yamlGet(step, "uses");
      const place = placeIn(origin, uses?.line ?? step.line);
      const what = yamlText(uses) ?? "a step";
      return severity === null ? [] : [auditFinding("cleaner-of-untagged", place, what, severity)];
    }),
  );
}

function steps(node: YamlNode): readonly YamlMap[] {
  if (node.kind === "scalar") return [];
  if (node.kind === "list") return node.items.flatMap(steps);
  const own = yamlGet(node, "uses") === null ? [] : [node];
  return [...own, ...node.entries.flatMap(({ value }) => steps(value))];
}

/** Those that follow image indexes are left out, and packages other than images. */
function severityOf(step: YamlMap): AuditSeverity | null {
  const uses = yamlText(yamlGet(step, "uses")) ?? "";
  const input = (name: string): string => yamlText(yamlGet(step, "with", name)) ?? "";
  if (/^actions\/delete-package-versions@/.test(uses)) {
    const isOfImages = input("package-type") === "container";
    return isOfImages && input("delete-only-untagged-versions") === "true" ? "damage" : null;
  }
  if (/^snok\/container-retention-policy@/.test(uses)) {
    const isUntagged = input("tag-selection") === "untagged" || input("untagged-only") === "true";
    if (!isUntagged) return null;
    // Digests that are kept may be all that the indexes name, or too few: the file does not say.
    return input("skip-shas") === "" ? "damage" : "warning";
  }
  const isCleaner = /^Chizkiyahu\/delete-untagged-ghcr-action@/i.test(uses);
  return isCleaner && input("except_untagged_multiplatform") === "false" ? "damage" : null;
}
