import { type Delta, type Place, withoutDocuments } from "../../delta";
import { isJsonObject, type Json } from "../../json";
import { DeltaIndex } from "../common/delta-index";
import { deltasThatFollow } from "../common/following";
import { placePairs } from "../common/place-pairs";
import { judged, type Statement } from "../common/statement";
import type { DomainRule, RuleInput } from "../domain-rule";

const ARTIFACTS = "registry-host/";
/** Of each sort, in a sentence. */
const MAX_FILES = 6;

/** Whether the resource uploads and activates a release of a registry host: it is replaced on purpose. */
export function isHostDeployment(root: Json | undefined): boolean {
  const triggers = isJsonObject(root) ? root.triggers_replace : undefined;
  return isJsonObject(triggers) && Object.hasOwn(triggers, "docker-compose.yml");
}

/** A new release of a registry host, as one change; what differs in its files is told by their own rules. */
export const HOST_RELEASE: DomainRule = {
  name: "host-release",
  judge: (input) => {
    const index = DeltaIndex.of(input);
    const artifacts = changedArtifacts(input);
    const moved = rootMoved(input, index);
    return judged([
      ...moved,
      ...placePairs(input).flatMap(({ place, base, head }): readonly Statement[] => {
        if (place.kind !== "resource" || !isHostDeployment(base) || !isHostDeployment(head)) return [];
        const deltas = index.at(place);
        const files = [...new Set(deltas.flatMap(fileOf))].sort();
        if (files.length === 0 && !deltas.some(({ path }) => path[0] === "provisioner")) return [];
        const isWhole = (file: string) => (one: Delta) =>
          withoutDocuments(one.path).length === 2 && fileOf(one)[0] === file;
        const gone = files.filter((file) =>
          deltas.some((one) => isWhole(file)(one) && one.after === undefined),
        );
        const come = files.filter((file) =>
          deltas.some((one) => isWhole(file)(one) && one.before === undefined),
        );
        const other = files.filter((file) => !gone.includes(file) && !come.includes(file));
        const named = [
          listed("these files differ: ", other),
          listed("new: ", come),
          listed("no longer there: ", gone),
        ].filter((one) => one !== "");
        const what = named.length === 0 ? "its program, or what activates it, differs" : named.join("; ");
        const text = `A new release of the registry host is uploaded and activated; ${what}.`;
        const covers = [
          ...deltas.filter((delta) => isCarried(delta, artifacts)),
          ...index.at({ kind: "artifact", path: `${ARTIFACTS}release.json` }).filter(isDerived),
          // The release says of each file that it came or went.
          ...[...come, ...gone].flatMap((file) =>
            index
              .at({ kind: "artifact", path: `${ARTIFACTS}${file}` })
              .filter(({ path, before, after }) => path.length === 0 && (before ?? after) !== undefined),
          ),
        ];
        const steps = [{ name: "triggers_replace", aliases: [] }];
        const after = named.length === 0 ? null : files.join(", ");
        const words = { subject: place.stack, before: null, after, text };
        return [{ grade: "notice", kind: "host_release", place, steps, ...words, covers }];
      }),
    ]);
  },
};

function listed(words: string, files: readonly string[]): string {
  const more = files.length - MAX_FILES;
  const named = files.slice(0, MAX_FILES).join(", ");
  return files.length === 0 ? "" : `${words}${named}${more > 0 ? ` and ${more} more` : ""}`;
}

/** All paths on the host begin with its folder: what differs by that alone is one fact. */
function rootMoved(input: RuleInput, index: DeltaIndex): readonly Statement[] {
  const place = { kind: "artifact", path: `${ARTIFACTS}release.json` } as const;
  return index.at(place).flatMap(({ path, before, after }): readonly Statement[] => {
    if (path.join() !== "root" || typeof before !== "string" || typeof after !== "string") return [];
    const covers = deltasThatFollow(input, [{ before, after }]).filter(({ place: at }) => isOfHost(at));
    const text = `The folder of the registry host is ${after} instead of ${before}: what lies in the older one is not moved.`;
    const steps = [{ name: "root", aliases: [] }];
    return [
      { grade: "notice", kind: "host_root_moved", subject: "", place, steps, before, after, text, covers },
    ];
  });
}

function isOfHost(place: Place): boolean {
  return place.kind === "artifact" && place.path.startsWith(ARTIFACTS);
}

function fileOf({ path }: Delta): readonly string[] {
  const names = withoutDocuments(path);
  return names[0] === "triggers_replace" && names[1] !== undefined ? [names[1]] : [];
}

/** The artifacts show the same files: they are told there. Scripts that move a release follow from them. */
function isCarried(delta: Delta, artifacts: ReadonlySet<string>): boolean {
  const [file] = fileOf(delta);
  return delta.path[0] === "provisioner" || (file !== undefined && artifacts.has(`${ARTIFACTS}${file}`));
}

/** The release's id, the hashes of its files, and the services, which the Compose file tells. */
function isDerived({ path: [key] }: Delta): boolean {
  return ["id", "files", "installed", "services"].includes(key ?? "");
}

function changedArtifacts({ deltas }: RuleInput): ReadonlySet<string> {
  return new Set(deltas.flatMap(({ place }) => (place.kind === "artifact" ? [place.path] : [])));
}
