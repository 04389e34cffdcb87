import { isJsonObject, type Json, type JsonObject } from "../../json";
import { DeltaIndex } from "../common/delta-index";
import { type PlacePair, placePairs } from "../common/place-pairs";
import { blockOf, childOf, objectsOf, pathOf, type Spot } from "../common/spot";
import { judged, type Statement, shown } from "../common/statement";
import type { DomainRule } from "../domain-rule";
import { CONFIG_SETTINGS, type ConfigWords, valuePair } from "./config-settings";

/** Configurations of registries: what they store, who may enter, what they delete and fetch. */
export const REGISTRY_CONFIG: DomainRule = {
  name: "registry-config",
  judge: (input) => {
    const index = DeltaIndex.of(input);
    return judged(
      placePairs(input).flatMap((pair) => {
        const before = configsOf(pair.base);
        return [...configsOf(pair.head)].flatMap(([path, now]) => {
          const old = before.get(path);
          return old === undefined ? [] : compare(pair, old, now, index);
        });
      }),
    );
  },
};

/** https://distribution.github.io/distribution/about/configuration/ */
function configsOf(root: Json | undefined): ReadonlyMap<string, Spot<JsonObject>> {
  return new Map(
    objectsOf(root)
      .filter(
        ({ value }) => (value.version === "0.1" || value.version === 0.1) && isJsonObject(value.storage),
      )
      .map((spot) => [pathOf(spot.steps), spot]),
  );
}

function compare(
  { place, label }: PlacePair,
  old: Spot<JsonObject>,
  now: Spot<JsonObject>,
  index: DeltaIndex,
): readonly Statement[] {
  const name = registryName(now) ?? label;
  const moved = driverOf(old) === driverOf(now) ? [] : [driverChange(old, now)];
  const found = CONFIG_SETTINGS.flatMap(({ path, judge }) => {
    const [before, after] = [reach(old, path), reach(now, path)];
    if (same(before?.value, after?.value)) return [];
    const words = judge(before?.value ?? null, after?.value ?? null);
    return words === null ? [] : [{ words, path, before, after }];
  });
  return [...moved, ...found].map(({ words, path, before, after }) => {
    const steps = [...now.steps, ...path.map((one) => ({ name: one, aliases: [] }))];
    return {
      ...words,
      subject: `${name} ${path.join(".")}`,
      place,
      steps,
      before: brief(before),
      after: brief(after),
      text: `${name} ${words.text}.`,
      covers: index.below(place, steps, now.steps.length),
    };
  });
}

/** `s3`, `filesystem`: the one key of `storage` that is no setting of all. */
function driverOf(config: Spot<JsonObject>): string {
  const storage = blockOf(childOf(config, "storage"))?.value ?? {};
  const shared = ["cache", "delete", "maintenance", "redirect", "tag"];
  return Object.keys(storage)
    .filter((key) => !shared.includes(key))
    .sort()
    .join(", ");
}

function driverChange(old: Spot<JsonObject>, now: Spot<JsonObject>) {
  const [before, after] = [old, now].map(
    (config): Spot => ({
      steps: [...config.steps, { name: "storage", aliases: [] }],
      value: driverOf(config),
    }),
  );
  const text = `starts as an empty registry unless its data is moved first: its storage driver ${valuePair(driverOf(old), driverOf(now))}`;
  const words: ConfigWords = { grade: "danger", kind: "storage_moved", text };
  return { words, path: ["storage"], before: before ?? null, after: after ?? null };
}

function registryName(config: Spot<JsonObject>): string | null {
  const service = reach(config, ["log", "fields", "service"])?.value;
  return typeof service === "string" && service !== "" ? shown(service) : null;
}

function reach(config: Spot, path: readonly string[]): Spot | null {
  let at: Spot | null = config;
  for (const name of path) at = at === null ? null : childOf(at, name);
  return at;
}

/** Of a section, only that it is there: a proxy's has a password. */
function brief(spot: Spot | null): string | null {
  if (spot === null) return null;
  return isJsonObject(spot.value) ? Object.keys(spot.value).map(shown).join(", ") : shown(spot.value);
}

function same(a: Json | undefined, b: Json | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
