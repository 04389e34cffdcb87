import { isJsonObject, type Json } from "../../json";
import { DeltaIndex } from "../common/delta-index";
import { type PlacePair, placePairs } from "../common/place-pairs";
import { blockOf, childOf, type Spot } from "../common/spot";
import { judged, type Statement, shown } from "../common/statement";
import type { DomainRule, RuleInput } from "../domain-rule";
import { type ForcingAttribute, forcingAttributes } from "./forces-replacement";
import { isHostDeployment } from "./host-release";

/** Resources that Terraform destroys and creates again because of one attribute, and those that may be destroyed now. */
export const RESOURCE_REPLACED: DomainRule = {
  name: "resource-replaced",
  judge: (input) => {
    const index = DeltaIndex.of(input);
    const recreated = recreatedAnyway(input);
    return judged(
      placePairs(input).flatMap((pair) =>
        pair.type === null || pair.base === undefined || pair.head === undefined
          ? []
          : [
              ...(recreated.has(nameOf(pair)) ? [] : replaced(pair, pair.type, index)),
              ...unprotected(pair, index),
            ],
      ),
    );
  },
};

/** Under another address, and kept by nothing. */
function recreatedAnyway({ renames }: RuleInput): ReadonlySet<string> {
  return new Set(renames.filter(({ isKept }) => !isKept).map(({ to }) => `${to.stack}/${to.address}`));
}

function nameOf({ place }: PlacePair): string {
  return place.kind === "resource" ? `${place.stack}/${place.address}` : "";
}

function replaced(pair: PlacePair, type: string, index: DeltaIndex): readonly Statement[] {
  if (isHostDeployment(pair.head)) return [];
  return forcingAttributes(type).flatMap((attribute): readonly Statement[] => {
    const [before, after] = [at(pair.base, attribute), at(pair.head, attribute)];
    if (comparable(before, attribute) === comparable(after, attribute) || isIgnored(pair.head, attribute))
      return [];
    const steps = (after ?? before)?.steps ?? [];
    const { place, label } = pair;
    const path = attribute.path.join(".");
    const [from, to] = [before, after].map((spot) => shown(spot?.value ?? attribute.default));
    // Names of Secrets and such: a whole block is no value to be read in a sentence.
    const isPlain = [before, after].every((spot) => typeof spot?.value !== "object");
    const values = isPlain ? ` from ${from} to ${to}` : "";
    const text = `${label} will be destroyed and created: Terraform cannot change its ${path}${values} in place.`;
    const covers = [before, after].flatMap((spot) => (spot === null ? [] : index.below(place, spot.steps)));
    return [
      {
        ...{
          grade: "risk",
          kind: "resource_replaced",
          subject: `${nameOf(pair)} ${path}`,
          place,
          steps,
          text,
        },
        before: isPlain ? (from ?? null) : null,
        after: isPlain ? (to ?? null) : null,
        // What stands in a block is told in words of its own.
        covers: isPlain ? covers : [],
      },
    ];
  });
}

function at(root: Json | undefined, { path }: ForcingAttribute): Spot | null {
  let spot: Spot | null = root === undefined ? null : { steps: [], value: root };
  for (const name of path) spot = spot === null ? null : childOf(blockOf(spot) ?? spot, name);
  return spot;
}

function comparable(spot: Spot | null, { default: otherwise }: ForcingAttribute): string {
  const value = spot?.value ?? otherwise ?? null;
  return JSON.stringify(typeof value === "object" ? sorted(value) : `${value}`);
}

function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key] ?? null)]),
  );
}

/** https://developer.hashicorp.com/terraform/language/meta-arguments/lifecycle#ignore_changes */
function isIgnored(root: Json | undefined, { path }: ForcingAttribute): boolean {
  const lifecycle = root === undefined ? null : blockOf(childOf({ steps: [], value: root }, "lifecycle"));
  const ignored = lifecycle?.value.ignore_changes;
  if (ignored === "all") return true;
  const full = path.join(".");
  return (
    Array.isArray(ignored) &&
    ignored.some((one: Json) => {
      const plain = typeof one === "string" ? one.replace(/\[\d+\]/g, "") : "";
      return plain === "all" || (plain !== "" && (full === plain || full.startsWith(`${plain}.`)));
    })
  );
}

function unprotected({ place, label: name, base, head }: PlacePair, index: DeltaIndex): readonly Statement[] {
  const [before, after] = [base, head].map((root) => {
    const lifecycle = root === undefined ? null : blockOf(childOf({ steps: [], value: root }, "lifecycle"));
    return lifecycle?.value.prevent_destroy === true;
  });
  if (before !== true || after === true) return [];
  const steps = ["lifecycle", "prevent_destroy"].map((name) => ({ name, aliases: [] }));
  const text = `${name} may be destroyed by an apply: prevent_destroy is no longer true.`;
  const values = { before: "true", after: null, subject: name };
  return [
    {
      grade: "risk",
      kind: "destroy_protection_lost",
      place,
      steps,
      ...values,
      text,
      covers: index.below(place, steps),
    },
  ];
}
