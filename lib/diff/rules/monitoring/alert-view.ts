import type { Place } from "../../delta";
import type { JsonObject } from "../../json";
import { type Carrier, childOf, documentAround, textOf, visitObjects } from "./carriers";

/**
 * An alerting rule wherever an output carries it: a PrometheusRule, a rule file in a ConfigMap, a chart's values, an
 * artifact. https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/
 */
export interface AlertView {
  readonly name: string;
  readonly expr: string;
  /** As written; `0s` where it is not. */
  readonly for: string;
  /** As written; null where it is not. */
  readonly keepFiringFor: string | null;
  /** The label `severity`; null where there is none. */
  readonly severity: string | null;
  readonly labels: ReadonlyMap<string, string>;
  readonly annotations: ReadonlyMap<string, string>;
  /** How often its group is evaluated; null where Prometheus's own default holds. */
  readonly groupInterval: string | null;
  readonly group: JsonObject | undefined;
  readonly place: Place;
  readonly scope: string;
  readonly rule: JsonObject;
  /** The rule, its list, its group, up to the object that holds the groups. */
  readonly owned: readonly object[];
}

/** Annotations that name the runbook, the first that is there. */
export const RUNBOOK_ANNOTATIONS = ["runbook_url", "runbook"] as const;

/** Every object with `alert` and `expr`, in the order in which the carrier holds them. */
export function alertsIn({ place, scope, value }: Carrier): readonly AlertView[] {
  const found: AlertView[] = [];
  visitObjects(value, (rule, around) => {
    const name = textOf(rule, "alert");
    const expr = textOf(rule, "expr");
    if (name === undefined || expr === undefined || name === "") return;
    const group = around.slice(0, 2).find(isPlainObject);
    const labels = textsOf(childOf(rule, "labels"));
    found.push({
      name,
      expr,
      for: textOf(rule, "for") ?? "0s",
      keepFiringFor: textOf(rule, "keep_firing_for", "keepFiringFor") ?? null,
      severity: labels.get("severity") ?? null,
      labels,
      annotations: textsOf(childOf(rule, "annotations")),
      groupInterval: textOf(group, "interval") ?? null,
      group,
      place,
      scope,
      rule,
      owned: [rule, ...ownedOf(around)],
    });
  });
  return found;
}

export function runbookLink({ annotations }: AlertView): string | null {
  for (const key of RUNBOOK_ANNOTATIONS) {
    const link = annotations.get(key);
    if (link !== undefined && link !== "") return link;
  }
  return null;
}

/** The rules' list, its group, the groups' list, and what holds that; with the document where a string held it. */
function ownedOf(around: readonly object[]): readonly object[] {
  const owner = around.findIndex((one) => isPlainObject(one) && Object.hasOwn(one, "groups"));
  if (owner < 0) return around.slice(0, 1);
  return [...around.slice(0, owner + 1), ...documentAround(around.slice(owner + 1))];
}

function textsOf(object: JsonObject | undefined): ReadonlyMap<string, string> {
  const keys = object === undefined ? [] : Object.keys(object);
  return new Map(
    keys.flatMap((key) => {
      const text = textOf(object, key);
      return text === undefined ? [] : [[key, text] as const];
    }),
  );
}

function isPlainObject(value: object): value is JsonObject {
  return !Array.isArray(value);
}
