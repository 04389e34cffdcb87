import { type YamlMap, type YamlNode, yamlGet, yamlText } from "../../text/yaml-tree";
import { type AuditFinding, auditFinding } from "./audit-finding";
import { placeIn, type RepositoryFacts } from "./repository-facts";

/** Ready-made cleaners in workflows of GitHub, Gitea and Forgejo. */
export function workflowFindings({ material }: RepositoryFacts): readonly AuditFinding[] {
  return material.yaml.flatMap(({ origin, tree }) =>
    steps(tree)
      .filter(deletesUntagged)
      .map((step) => {
        const uses = yamlGet(step, "uses");
        const line = uses?.line ?? step.line;
        return auditFinding("cleaner-of-untagged", placeIn(origin, line), yamlText(uses) ?? "a step");
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
function deletesUntagged(step: YamlMap): boolean {
  const uses = yamlText(yamlGet(step, "uses")) ?? "";
  const input = (name: string): string => yamlText(yamlGet(step, "with", name)) ?? "";
  if (/^actions\/delete-package-versions@/.test(uses)) {
    return input("package-type") === "container" && input("delete-only-untagged-versions") === "true";
  }
  if (/^snok\/container-retention-policy@/.test(uses)) {
    const isUntagged = input("tag-selection") === "untagged" || input("untagged-only") === "true";
    return isUntagged && input("skip-shas") === "";
  }
  return (
    /^Chizkiyahu\/delete-untagged-ghcr-action@/i.test(uses) &&
    input("except_untagged_multiplatform") === "false"
  );
}
