import { isJsonObject, type Json, type JsonObject } from "../../json";
import { blockOf, blocksOf, childOf, objectsOf, pathOf, type Spot, type Step, spotsOf } from "../common/spot";

/**
 * A pod's specification in either spelling, HCL's or Kubernetes' own, as the rules ask of it.
 * https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#PodSpec
 */
export interface PodView {
  readonly spot: Spot<JsonObject>;
  readonly containers: ReadonlyMap<string, ContainerView>;
  readonly volumes: readonly Spot<JsonObject>[];
}

export interface ContainerView {
  readonly name: string;
  readonly spot: Spot<JsonObject>;
  readonly pod: Spot<JsonObject>;
  /** Of the provider's typed resources, which write `false` for a boolean that a block leaves out. */
  readonly isHcl: boolean;
}

/** A setting and where it stands or would stand. */
export interface Setting<T> {
  readonly value: T;
  readonly steps: readonly Step[];
}

/** Every pod of a value, by its path. */
export function podsOf(root: Json | undefined): ReadonlyMap<string, PodView> {
  return new Map(
    objectsOf(root)
      .filter(({ value }) => isPodSpec(value))
      .map((spot) => [pathOf(spot.steps), podView(spot)]),
  );
}

function isPodSpec(value: JsonObject): boolean {
  return ["container", "containers"].some((key) => {
    const list = Object.hasOwn(value, key) ? value[key] : undefined;
    const first = Array.isArray(list) ? list[0] : list;
    return isJsonObject(first) && ("image" in first || "security_context" in first || "command" in first);
  });
}

function podView(spot: Spot<JsonObject>): PodView {
  const isHcl = "container" in spot.value;
  const lists: readonly (readonly [string, string])[] = [
    ["container", ""],
    ["containers", ""],
    ["init_container", "init "],
    ["initContainers", "init "],
  ];
  const containers = lists.flatMap(([key, prefix]) =>
    blocksOf(childOf(spot, key)).map((one, at): [string, ContainerView] => {
      const name = typeof one.value.name === "string" ? one.value.name : `${at}`;
      return [`${prefix}${name}`, { name, spot: one, pod: spot, isHcl }];
    }),
  );
  return { spot, containers: new Map(containers), volumes: blocksOf(childOf(spot, "volume", "volumes")) };
}

/** `allowPrivilegeEscalation` and `allow_privilege_escalation`. */
export function bothSpellings(camel: string): readonly [string, string] {
  return [camel, camel.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)];
}

/** A setting below by its names in camel case, through blocks that may be lists of one. */
export function settingAt(spot: Spot, ...path: readonly string[]): Setting<Json | null> {
  let at: Spot | null = spot;
  const steps: Step[] = [...spot.steps];
  for (const [index, name] of path.entries()) {
    const block: Spot | null = index === 0 ? at : (blockOf(at) ?? at);
    const child: Spot | null = block === null ? null : childOf(block, ...bothSpellings(name));
    at = child;
    if (child === null) steps.push({ name, aliases: bothSpellings(name) });
    else steps.splice(0, steps.length, ...child.steps);
  }
  return { value: at?.value ?? null, steps };
}

export function isTrue(value: Json | null): boolean {
  return value === true || value === "true";
}

/** Values of a list, in capitals. */
export function wordsOf(value: Json | null): readonly string[] {
  return Array.isArray(value) ? value.flatMap((one: Json) => (typeof one === "string" ? [one] : [])) : [];
}

/** All of a value's objects that are a Kubernetes object of one of the kinds. */
export function objectsOfKind(root: Json | undefined, kinds: readonly string[]): readonly Spot<JsonObject>[] {
  return spotsOf(root).flatMap(({ steps, value }) =>
    isJsonObject(value) && typeof value.kind === "string" && kinds.includes(value.kind)
      ? [{ steps, value }]
      : [],
  );
}
