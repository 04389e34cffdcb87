import type { Json } from "../../json";
import { DeltaIndex } from "../common/delta-index";
import { type PlacePair, placePairs } from "../common/place-pairs";
import { judged, type Statement, shown } from "../common/statement";
import type { DomainRule } from "../domain-rule";
import { type ContainerView, podsOf, type Setting, settingAt } from "./pod-view";

/** Limits and health checks that containers lost. */
export const POD_RESOURCES: DomainRule = {
  name: "pod-resources",
  judge: (input) => {
    const index = DeltaIndex.of(input);
    return judged(
      placePairs(input).flatMap((pair) => {
        const before = podsOf(pair.base);
        return [...podsOf(pair.head)].flatMap(([path, pod]) =>
          [...pod.containers].flatMap(([key, container]) => {
            const old = before.get(path)?.containers.get(key);
            return old === undefined
              ? []
              : [...limits(pair, old, container, index), ...checks(pair, old, container, index)];
          }),
        );
      }),
    );
  },
};

function limits(
  pair: PlacePair,
  old: ContainerView,
  now: ContainerView,
  index: DeltaIndex,
): readonly Statement[] {
  return ["memory", "cpu"].flatMap((what) => {
    const [before, after] = [old, now].map((one) => settingAt(one.spot, "resources", "limits", what));
    if (before === undefined || after === undefined || before.value === null) return [];
    const [from, to] = [quantity(before.value), quantity(after.value)];
    if (after.value === null) {
      const text = `${nameOf(pair, now)} has no ${what} limit any more where ${shown(before.value)} stood.`;
      return [statement(pair, now, index, "resource_limit_removed", before, after, text)];
    }
    if (what !== "memory" || from === null || to === null || to >= from) return [];
    const text = `${nameOf(pair, now)} may use less memory: ${shown(before.value)} became ${shown(after.value)}.`;
    return [statement(pair, now, index, "memory_limit_lowered", before, after, text)];
  });
}

function checks(
  pair: PlacePair,
  old: ContainerView,
  now: ContainerView,
  index: DeltaIndex,
): readonly Statement[] {
  return (["liveness", "readiness", "startup"] as const).flatMap((what) => {
    const [before, after] = [old, now].map((one) => settingAt(one.spot, `${what}Probe`));
    if (before === undefined || after === undefined) return [];
    if (before.value === null || after.value !== null) return [];
    const text = `${nameOf(pair, now)} has no ${what} probe any more: what hangs is not seen.`;
    const gone = { ...before, value: `${what} probe` };
    return [statement(pair, now, index, "health_check_removed", gone, after, text)];
  });
}

function statement(
  { place }: PlacePair,
  { name, spot }: ContainerView,
  index: DeltaIndex,
  kind: string,
  before: Setting<Json | null>,
  after: Setting<Json | null>,
  text: string,
): Statement {
  const covers = [before, after].flatMap(({ steps }) => index.below(place, steps, spot.steps.length));
  const values = { before: shown(before.value), after: after.value === null ? null : shown(after.value) };
  return { grade: "notice", kind, subject: name, place, steps: before.steps, ...values, text, covers };
}

function nameOf({ label }: PlacePair, { name }: ContainerView): string {
  return `The container ${name} of ${label}`;
}

const UNITS: Readonly<Record<string, number>> = {
  "": 1,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/** https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/ */
function quantity(value: Json): number | null {
  const [, number, unit = ""] =
    /^(\d+(?:\.\d+)?)([A-Za-z]{0,2})$/.exec(typeof value === "object" ? "" : `${value}`) ?? [];
  const factor = Object.hasOwn(UNITS, unit) ? UNITS[unit] : undefined;
  return number === undefined || factor === undefined ? null : Number(number) * factor;
}
