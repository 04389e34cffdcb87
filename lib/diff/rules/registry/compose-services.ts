import {
  type ComposeServiceDocument,
  parseCompose,
} from "../../../registry-host/cross-check/compose-document";
import { isJsonObject, type Json, type JsonObject } from "../../json";
import { DeltaIndex } from "../common/delta-index";
import { type PlacePair, placePairs } from "../common/place-pairs";
import { childOf, objectsOf, pathOf, type Spot, type Step } from "../common/spot";
import { judged, type Statement } from "../common/statement";
import type { DomainRule } from "../domain-rule";
import {
  containerNameChanges,
  environmentChanges,
  loopbackPorts,
  portChanges,
  type ServiceChange,
  storageChanges,
  textOf,
} from "./service-changes";

/** Services of Compose files: where their data lies, what they publish, what they are called. */
export const COMPOSE_SERVICES: DomainRule = {
  name: "compose-services",
  judge: (input) => {
    const index = DeltaIndex.of(input);
    return judged(
      placePairs(input).flatMap((pair) => {
        const before = composesOf(pair.base);
        return [...composesOf(pair.head)].flatMap(([path, now]) => {
          const old = before.get(path);
          return old === undefined ? [] : compareFiles(pair, old, now, index);
        });
      }),
    );
  },
};

interface ComposeFile {
  readonly spot: Spot<JsonObject>;
  readonly services: ReadonlyMap<string, ComposeServiceDocument>;
}

function composesOf(root: Json | undefined): ReadonlyMap<string, ComposeFile> {
  return new Map(
    objectsOf(root)
      .filter(({ value }) => isCompose(value))
      .map((spot) => [pathOf(spot.steps), { spot, services: servicesOf(spot.value) }]),
  );
}

/** GitHub's and Drone's pipelines have `services` too. */
function isCompose(value: JsonObject): boolean {
  if ("jobs" in value || "steps" in value || !isJsonObject(value.services)) return false;
  return Object.values(value.services).some(
    (one) => isJsonObject(one) && ["image", "build", "volumes"].some((key) => key in one),
  );
}

function servicesOf(file: JsonObject): ReadonlyMap<string, ComposeServiceDocument> {
  try {
    // JSON is YAML: the file's own reader takes it.
    return new Map(parseCompose(JSON.stringify(file), "compose").map((one) => [one.name, one]));
  } catch {
    return new Map();
  }
}

function compareFiles(
  { place }: PlacePair,
  old: ComposeFile,
  now: ComposeFile,
  index: DeltaIndex,
): readonly Statement[] {
  const tell = (service: string | null, words: ServiceChange): Statement => {
    const { path, ...rest } = words;
    const own = service === null ? path : ["services", service, ...path];
    const steps: readonly Step[] = [...now.spot.steps, ...own.map((name) => ({ name, aliases: [] }))];
    const subject = `${service ?? ""} ${path.join(".")}`;
    const covers = index.below(place, steps, now.spot.steps.length + (service === null ? 0 : 2));
    return { ...rest, subject, place, steps, covers };
  };
  const services = [...now.services].flatMap(([name, service]) => {
    const was = old.services.get(name);
    if (was === undefined) return [];
    const raw = [old, now].map(({ spot }) => childOf(childOf(spot, "services") ?? spot, name));
    return [
      ...storageChanges(was, service),
      ...portChanges(was, service, raw.map(loopbackPorts)),
      ...environmentChanges(was, service),
      ...containerNameChanges(name, raw[0] ?? null, raw[1] ?? null),
    ].map((words) => tell(name, words));
  });
  const gone = [...old.services.keys()]
    .filter((name) => !now.services.has(name))
    .map((name) => {
      const removed = tell(name, {
        grade: "risk",
        kind: "service_removed",
        path: [],
        before: name,
        after: null,
        text: `The service ${name} is taken away: what it served is not found.`,
      });
      // Nobody can wait any more for what is not there.
      const waits = index
        .below(place, now.spot.steps)
        .filter(
          ({ path, after }) => after === undefined && path.slice(-2).join("\n") === `depends_on\n${name}`,
        );
      return { ...removed, covers: [...removed.covers, ...waits] };
    });
  const [project, next] = [old, now].map(({ spot }) => textOf(spot.value.name));
  const renamed: readonly ServiceChange[] =
    project === next
      ? []
      : [
          {
            ...{ grade: "risk", kind: "compose_project_changed", path: ["name"] },
            ...{ before: project ?? null, after: next ?? null },
            text: `The Compose project is called ${next ?? "by its folder"} instead of ${project ?? "by its folder"}: its containers and volumes are others, and collide with those that run.`,
          },
        ];
  return [...services, ...gone, ...renamed.map((words) => tell(null, words))];
}
