import { DeltaIndex } from "../common/delta-index";
import { capitalized } from "../common/place-name";
import { type PlacePair, placePairs } from "../common/place-pairs";
import type { Spot } from "../common/spot";
import { judged, type Statement, shown } from "../common/statement";
import type { DomainRule } from "../domain-rule";
import { type PodView, podsOf } from "./pod-view";
import { CONTAINER_SETTINGS, POD_SETTINGS, type SecuritySetting } from "./security-settings";

/** What pods and their containers are allowed: more of it is a risk, of the node a danger. */
export const POD_SECURITY: DomainRule = {
  name: "pod-security",
  judge: (input) => {
    const index = DeltaIndex.of(input);
    return judged(placePairs(input).flatMap((pair) => judgePlace(pair, index)));
  },
};

function judgePlace(pair: PlacePair, index: DeltaIndex): readonly Statement[] {
  const before = podsOf(pair.base);
  return [...podsOf(pair.head)].flatMap(([path, pod]) => {
    const old = before.get(path) ?? null;
    const who = `the pod of ${pair.label}`;
    return [
      ...POD_SETTINGS.flatMap((one) => compare(one, old, pod, who, pair, index)),
      ...containersOf(pair, old, pod, index),
    ];
  });
}

function containersOf(
  pair: PlacePair,
  old: PodView | null,
  pod: PodView,
  index: DeltaIndex,
): readonly Statement[] {
  return [...pod.containers].flatMap(([key, container]) => {
    const was = old?.containers.get(key) ?? null;
    const who = `the container ${container.name} of ${pair.label}`;
    return CONTAINER_SETTINGS.flatMap((one) => compare(one, was, container, who, pair, index));
  });
}

function compare<View extends { readonly spot: Spot }>(
  setting: SecuritySetting<View>,
  before: View | null,
  after: View,
  who: string,
  { place }: PlacePair,
  index: DeltaIndex,
): readonly Statement[] {
  const now = setting.read(after);
  const was = before === null ? null : setting.read(before);
  if (was === null && !setting.isAlwaysTold) return [];
  const { kind, grade } = setting;
  const steps = now.steps;
  const inherited = setting.inherited === undefined ? [] : index.below(place, setting.inherited(after));
  const covers =
    was === null
      ? []
      : [
          ...inherited,
          ...[was.steps, steps].flatMap((one) => index.below(place, one, after.spot.steps.length)),
        ];
  const more = now.value.filter((word) => !was?.value.includes(word));
  const less = (was?.value ?? []).filter((word) => !now.value.includes(word));
  const told = (text: string): string => capitalized(`${who} ${text}.`);
  return [
    ...more.map((word) => {
      const subject = `${who} ${word}`;
      const text = told(setting.loosened(word));
      return { grade, kind, subject, place, steps, before: null, after: shown(word), text, covers };
    }),
    ...less.map((word): Statement => {
      const subject = `${who} ${word}`;
      const text = told(setting.tightened(word));
      const info = { grade: "info", kind: "security_tightened" } as const;
      return { ...info, subject, place, steps, before: shown(word), after: null, text, covers };
    }),
  ];
}
