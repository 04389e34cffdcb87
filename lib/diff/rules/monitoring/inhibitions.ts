import { canonicalJson } from "../../compare/canonical-json";
import { type Delta, placeName } from "../../delta";
import { isJsonObject, type Json } from "../../json";
import type { DeltaIndex } from "../common/delta-index";
import type { AlertView } from "./alert-view";
import type { Carriers } from "./carriers";

/**
 * The differences of Alertmanager's inhibit_rules that only follow from alerts that came or went: without their names
 * the rules are the same.
 */
export function inhibitionsThatFollow(
  { base, head }: Carriers,
  views: readonly AlertView[],
  index: DeltaIndex,
): readonly Delta[] {
  const names = new Set(views.map(({ name }) => name));
  if (names.size === 0) return [];
  return head.flatMap(({ place, value }) => {
    const before = base.find((one) => placeName(one.place) === placeName(place));
    const [old, now] = [before?.value, value].map((one) => inhibitions(one, names));
    return old !== null && now !== null && old === now ? index.inside(place) : [];
  });
}

/** Null for what is no file of inhibit rules and nothing else. https://prometheus.io/docs/alerting/latest/configuration/#inhibit_rule */
function inhibitions(value: Json | undefined, names: ReadonlySet<string>): string | null {
  if (!isJsonObject(value) || Object.keys(value).join() !== "inhibit_rules") return null;
  const rules: Json = value.inhibit_rules ?? null;
  if (!Array.isArray(rules)) return null;
  const known = rules.map((rule: Json) => withoutNames(rule, names)).filter((rule) => rule !== null);
  return canonicalJson(known);
}

const ALERTNAME = /^(alertname\s*=~?\s*)"([\w|]*)"$/;

/** Null where one side of the rule is left without an alert. */
function withoutNames(rule: Json, names: ReadonlySet<string>): Json | null {
  if (!isJsonObject(rule)) return rule;
  const members: [string, Json][] = [];
  for (const [key, list] of Object.entries(rule)) {
    if (!/^(?:source|target)_matchers$/.test(key) || !Array.isArray(list)) {
      members.push([key, list]);
      continue;
    }
    const matchers: Json[] = [];
    for (const matcher of list) {
      const [, start, alerts] = (typeof matcher === "string" && ALERTNAME.exec(matcher)) || [];
      if (start === undefined || alerts === undefined) matchers.push(matcher);
      else {
        const left = alerts.split("|").filter((name) => !names.has(name));
        if (left.length === 0) return null;
        matchers.push(`${start}"${left.join("|")}"`);
      }
    }
    members.push([key, matchers]);
  }
  return Object.fromEntries(members);
}
