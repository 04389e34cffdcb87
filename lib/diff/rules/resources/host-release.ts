import type { Delta } from "../../delta";
import { isJsonObject, type Json } from "../../json";
import { EMBEDDED } from "../../output";
import { DeltaIndex } from "../common/delta-index";
import { placePairs } from "../common/place-pairs";
import { judged } from "../common/statement";
import type { DomainRule, RuleInput } from "../domain-rule";

const ARTIFACTS = "registry-host/";

/** Whether the resource uploads and activates a release of a registry host: it is replaced on purpose. */
export function isHostDeployment(root: Json | undefined): boolean {
  const triggers = isJsonObject(root) ? root.triggers_replace : undefined;
  return isJsonObject(triggers) && Object.hasOwn(triggers, "docker-compose.yml");
}

/** A new release of a registry host, as one change; what differs in its files is told by their own rules. */
export const HOST_RELEASE: DomainRule = {
  name: "host-release",
  judge: (input) => {
    const index = new DeltaIndex(input.deltas);
    const artifacts = changedArtifacts(input);
    return judged(
      placePairs(input).flatMap(({ place, base, head }) => {
        if (place.kind !== "resource" || !isHostDeployment(base) || !isHostDeployment(head)) return [];
        const deltas = index.of(place);
        const files = [...new Set(deltas.flatMap(fileOf))].sort();
        if (files.length === 0 && !deltas.some(({ path }) => path[0] === "provisioner")) return [];
        const more = files.length > 6 ? ` and ${files.length - 6} more` : "";
        const named = files.length === 0 ? null : `${files.slice(0, 6).join(", ")}${more}`;
        const what =
          named === null ? "its program, or what activates it, differs" : `these files differ: ${named}`;
        const text = `A new release of the registry host is uploaded and activated; ${what}.`;
        const covers = [
          ...deltas.filter((delta) => isCarried(delta, artifacts)),
          ...index.of({ kind: "artifact", path: `${ARTIFACTS}release.json` }).filter(isDerived),
        ];
        const steps = [{ name: "triggers_replace", aliases: [] }];
        const words = { subject: place.stack, before: null, after: named, text };
        return [{ grade: "notice", kind: "host_release", place, steps, ...words, covers } as const];
      }),
    );
  },
};

function fileOf({ path }: Delta): readonly string[] {
  const names = path.filter((name) => name !== EMBEDDED);
  return names[0] === "triggers_replace" && names[1] !== undefined ? [names[1]] : [];
}

/** The artifacts show the same files: they are told there. Scripts that move a release follow from them. */
function isCarried(delta: Delta, artifacts: ReadonlySet<string>): boolean {
  const [file] = fileOf(delta);
  return delta.path[0] === "provisioner" || (file !== undefined && artifacts.has(`${ARTIFACTS}${file}`));
}

/** The release's id, and the hashes of its files. */
function isDerived({ path: [key] }: Delta): boolean {
  return key === "id" || key === "files" || key === "installed";
}

function changedArtifacts({ deltas }: RuleInput): ReadonlySet<string> {
  return new Set(deltas.flatMap(({ place }) => (place.kind === "artifact" ? [place.path] : [])));
}
