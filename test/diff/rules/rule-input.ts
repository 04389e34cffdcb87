import type { Change } from "../../../lib/diff/change";
import type { Delta, Place, Rename } from "../../../lib/diff/delta";
import { isJsonObject, type Json, type JsonObject } from "../../../lib/diff/json";
import type { ArtifactOutput, SynthesizedOutput } from "../../../lib/diff/output";
import type { DomainRule, RuleInput } from "../../../lib/diff/rules/domain-rule";

export interface OutputParts {
  /** By `<stack>/<type>.<id>`. */
  readonly resources?: Readonly<Record<string, JsonObject>>;
  /** Text stays text, all else is data. */
  readonly artifacts?: Readonly<Record<string, Json>>;
}

export function outputOf({ resources = {}, artifacts = {} }: OutputParts): SynthesizedOutput {
  const stacks = new Map<string, Map<string, JsonObject>>();
  for (const [key, values] of Object.entries(resources)) {
    const at = key.indexOf("/");
    const stack = key.slice(0, at);
    stacks.set(stack, (stacks.get(stack) ?? new Map<string, JsonObject>()).set(key.slice(at + 1), values));
  }
  return {
    stacks: new Map(
      [...stacks].map(([name, all]) => [
        name,
        {
          name,
          settings: {},
          resources: new Map(
            [...all].map(([address, values]) => {
              const [type = "", id = ""] = address.split(".");
              return [address, { address, type, id, constructPath: null, values }];
            }),
          ),
        },
      ]),
    ),
    artifacts: new Map(
      Object.entries(artifacts).map(([path, value]): [string, ArtifactOutput] => [
        path,
        typeof value === "string" ? { kind: "text", text: value } : { kind: "data", value },
      ]),
    ),
  };
}

/** A comparison of the plainest kind: objects by key, lists of named elements by name, all else by place. */
export function ruleInput(
  base: OutputParts,
  head: OutputParts,
  renames: readonly Rename[] = [],
): RuleInput & { readonly deltas: readonly Delta[] } {
  const [old, now] = [outputOf(base), outputOf(head)];
  const deltas: Delta[] = [];
  const at = (place: Place, before: Json | undefined, after: Json | undefined): void =>
    compare(before, after, (path, from, to) => deltas.push({ place, path, before: from, after: to }), []);
  for (const key of new Set([...Object.keys(base.resources ?? {}), ...Object.keys(head.resources ?? {})])) {
    const [stack = "", address = ""] = key.split(/\/(.*)/s);
    at({ kind: "resource", stack, address }, base.resources?.[key], head.resources?.[key]);
  }
  for (const path of new Set([...Object.keys(base.artifacts ?? {}), ...Object.keys(head.artifacts ?? {})])) {
    at({ kind: "artifact", path }, base.artifacts?.[path], head.artifacts?.[path]);
  }
  return { base: old, head: now, deltas, renames };
}

type Tell = (path: readonly string[], before: Json | undefined, after: Json | undefined) => void;

function compare(
  before: Json | undefined,
  after: Json | undefined,
  tell: Tell,
  path: readonly string[],
): void {
  if (JSON.stringify(before) === JSON.stringify(after)) return;
  const [old, now] = [keyed(before), keyed(after)];
  if (old === null || now === null || Array.isArray(before) !== Array.isArray(after)) {
    tell(path, before, after);
    return;
  }
  for (const key of new Set([...Object.keys(old), ...Object.keys(now)])) {
    compare(old[key], now[key], tell, [...path, key]);
  }
}

function keyed(value: Json | undefined): JsonObject | null {
  if (value === undefined) return null;
  if (isJsonObject(value)) return value;
  if (!Array.isArray(value)) return null;
  return Object.fromEntries(
    value.map((one: Json, index): [string, Json] => [
      isJsonObject(one) && typeof one.name === "string" ? `name=${one.name}` : `${index}`,
      one,
    ]),
  );
}

export function changesOf(
  rule: DomainRule,
  base: OutputParts,
  head: OutputParts,
  renames: readonly Rename[] = [],
): readonly Change[] {
  return rule.judge(ruleInput(base, head, renames)).map(({ change }) => change);
}

/** `<grade> <kind>: <text>`, sorted. */
export function said(rule: DomainRule, base: OutputParts, head: OutputParts): readonly string[] {
  return changesOf(rule, base, head)
    .map(({ grade, kind, text }) => `${grade} ${kind}: ${text}`)
    .sort();
}

/** Differences that the rule leaves to the generic words, as `path before → after`. */
export function uncovered(rule: DomainRule, base: OutputParts, head: OutputParts): readonly string[] {
  const input = ruleInput(base, head);
  const covered = new Set(rule.judge(input).flatMap(({ covers }) => covers));
  return input.deltas.filter((delta) => !covered.has(delta)).map(({ path }) => path.join("."));
}
