import type { Grade } from "../../change";
import { isJsonObject, type Json, type JsonObject } from "../../json";
import { DeltaIndex } from "../common/delta-index";
import { type PlacePair, placePairs } from "../common/place-pairs";
import { pathOf, type Spot } from "../common/spot";
import { judged, type Statement, shown } from "../common/statement";
import type { DomainRule } from "../domain-rule";
import { type Allowance, policyAllowances, roleAllowances, widened } from "./allowances";
import { isTrue, objectsOfKind, settingAt } from "./pod-view";

/** What reaches pods, what they reach, and what their accounts may do in the cluster. */
export const ACCESS: DomainRule = {
  name: "access",
  judge: (input) => {
    const index = DeltaIndex.of(input);
    return judged(
      placePairs(input).flatMap((pair) => [
        ...compare(pair, index, POLICIES),
        ...compare(pair, index, ROLES),
        ...bindings(pair),
        ...accounts(pair, index),
      ]),
    );
  },
};

interface Guard {
  readonly types: RegExp;
  readonly kinds: readonly string[];
  readonly read: (object: Spot<JsonObject>) => readonly Allowance[];
  /** That a part of the object, by this name, is all that is compared. */
  readonly parts: readonly string[];
  readonly word: (one: Allowance) => string;
  readonly names: { readonly wider: string; readonly narrower: string; readonly removed: string | null };
  readonly what: string;
}

const POLICIES: Guard = {
  types: /^kubernetes_network_policy(?:_v1)?$/,
  kinds: ["NetworkPolicy"],
  read: policyAllowances,
  parts: ["spec"],
  word: ([direction, peer, port]) =>
    `${direction} ${direction === "egress" ? "to" : "from"} ${peer === "*" ? "anywhere" : peer} ${port === "*" ? "on any port" : port}`,
  names: {
    wider: "network_policy_widened",
    narrower: "network_policy_narrowed",
    removed: "network_policy_removed",
  },
  what: "network policy",
};

const ROLES: Guard = {
  types: /^kubernetes_(?:cluster_)?role(?:_v1)?$/,
  kinds: ["Role", "ClusterRole"],
  read: roleAllowances,
  parts: ["rule", "rules"],
  word: ([group, resource, name, verb]) =>
    `${verb === "*" ? "do everything to" : verb} ${resource === "*" ? "everything" : resource}${group === "" || group === "url" ? "" : ` of ${group === "*" ? "any API group" : group}`}${name === "*" ? "" : ` ${name}`}`,
  names: { wider: "rbac_widened", narrower: "rbac_narrowed", removed: null },
  what: "role",
};

function objectsIn(
  root: Json | undefined,
  type: string | null,
  guard: Guard,
): ReadonlyMap<string, Spot<JsonObject>> {
  if (root === undefined) return new Map();
  const isTyped = guard.types.test(type ?? "") && isJsonObject(root);
  const spots: readonly Spot<JsonObject>[] = isTyped
    ? [{ steps: [], value: root }]
    : objectsOfKind(root, guard.kinds);
  return new Map(spots.map((spot) => [pathOf(spot.steps), spot]));
}

function compare(pair: PlacePair, index: DeltaIndex, guard: Guard): readonly Statement[] {
  const [before, after] = [pair.base, pair.head].map((root) => objectsIn(root, pair.type, guard));
  if (before === undefined || after === undefined) return [];
  const { place, label: name } = pair;
  const changed = [...after].flatMap(([path, now]): readonly Statement[] => {
    const old = before.get(path);
    const allowed = guard.read(now);
    // A new policy narrows what was open; a new role allows by itself only what it names.
    const wild = allowed.filter((one) => one.includes("*") && one.at(-1) === "*");
    const known = old === undefined ? [] : guard.read(old);
    const wider = old === undefined ? (guard === ROLES ? wild : []) : widened(known, allowed);
    // What a new role allows stands nowhere else in words.
    const granted = old === undefined && guard === ROLES && wild.length === 0 ? allowed : [];
    const narrower = old === undefined ? [] : widened(allowed, known);
    const covers =
      old === undefined
        ? []
        : guard.parts.flatMap((part) =>
            index
              .below(place, [...now.steps, { name: part, aliases: [] }])
              .filter(({ path: one }) => one.length > 0),
          );
    const tell = (
      grade: Grade,
      kind: string,
      words: string,
      all: readonly Allowance[],
    ): readonly Statement[] =>
      all.length === 0
        ? []
        : [
            {
              ...{ grade, kind, subject: name, place, steps: now.steps, covers },
              before: grade === "info" ? list(all, guard.word) : null,
              after: grade === "info" ? null : list(all, guard.word),
              text: `The ${guard.what} ${name} ${words} ${list(all, guard.word)}.`,
            },
          ];
    return [
      ...tell("risk", guard.names.wider, guard === ROLES ? "may now" : "now allows", wider),
      ...tell("notice", "rbac_granted", "is new: whoever it is bound to may", granted),
      ...tell("info", guard.names.narrower, guard === ROLES ? "may no longer" : "no longer allows", narrower),
    ];
  });
  const { removed } = guard.names;
  if (removed === null) return changed;
  const gone = [...before].filter(([path]) => !after.has(path));
  return [
    ...changed,
    ...gone.map(([, { steps }]): Statement => {
      const text = `The network policy ${name} goes: its pods reach, and are reached by, everything.`;
      const covers = index.at(place).filter(({ path }) => path.length <= steps.length);
      return {
        grade: "risk",
        kind: removed,
        subject: name,
        place,
        steps,
        before: name,
        after: null,
        text,
        covers,
      };
    }),
  ];
}

/** A binding to cluster-admin. */
function bindings({ place, label: name, type, base, head }: PlacePair): readonly Statement[] {
  const roles = (root: Json | undefined): readonly string[] => {
    if (root === undefined) return [];
    const typed = /^kubernetes_(?:cluster_)?role_binding(?:_v1)?$/.test(type ?? "");
    const objects = typed
      ? [{ steps: [], value: root }]
      : objectsOfKind(root, ["RoleBinding", "ClusterRoleBinding"]);
    return objects.flatMap((one) => {
      const { value } = settingAt(one, "roleRef", "name");
      return typeof value === "string" ? [value] : [];
    });
  };
  const isNew = roles(head).includes("cluster-admin") && !roles(base).includes("cluster-admin");
  if (!isNew) return [];
  const text = `${name} binds to cluster-admin: whoever it names may do everything in the cluster.`;
  const values = { before: null, after: "cluster-admin", subject: name };
  return [{ grade: "risk", kind: "rbac_widened", place, steps: [], ...values, text, covers: [] }];
}

/** A service account whose pods get its token unless they refuse. */
function accounts(
  { place, label: name, type, base, head }: PlacePair,
  index: DeltaIndex,
): readonly Statement[] {
  if (!/^kubernetes_service_account(?:_v1)?$/.test(type ?? "")) return [];
  if (base === undefined || head === undefined) return [];
  const [before, after] = [base, head].map((value) =>
    settingAt({ steps: [], value }, "automountServiceAccountToken"),
  );
  if (before === undefined || after === undefined) return [];
  const mounts = [before, after].map(({ value }) => value === null || isTrue(value));
  if (mounts[0] === mounts[1]) return [];
  const covers = [before, after].flatMap(({ steps }) => index.below(place, steps));
  const common = { subject: name, place, steps: after.steps, covers } as const;
  return mounts[1] === true
    ? [
        {
          ...{
            ...common,
            grade: "risk",
            kind: "service_account_token_mounted",
            before: "false",
            after: "true",
          },
          text: `Pods of ${name} get its token unless they refuse it: it was off.`,
        },
      ]
    : [
        {
          ...{ ...common, grade: "info", kind: "security_tightened", before: "true", after: "false" },
          text: `Pods of ${name} no longer get its token by themselves.`,
        },
      ];
}

function list(all: readonly Allowance[], word: (one: Allowance) => string): string {
  const words = [...new Set(all.map(word))];
  const more = words.length > 4 ? ` and ${words.length - 4} more` : "";
  return shown(`${words.slice(0, 4).join(", ")}${more}`);
}
