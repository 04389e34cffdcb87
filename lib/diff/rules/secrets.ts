import { type Delta, withoutDocuments } from "../delta";
import { isJsonObject, type Json } from "../json";
import type { SynthesizedOutput } from "../output";
import { SECRET, type SecretValue } from "../secret-values";
import { placeLabel } from "../wording/place-label";
import { changedPart } from "./common/changed-part";
import { DeltaIndex } from "./common/delta-index";
import { keyOf, type PlacePair, placePairs } from "./common/place-pairs";
import { childrenOf, pathOf, type Spot, spotsOf } from "./common/spot";
import { judged, type Statement, shown } from "./common/statement";
import type { DomainRule, RuleInput } from "./domain-rule";

type FindSecrets = (output: SynthesizedOutput) => readonly SecretValue[];

/** Values of secrets in plain text, never shown; and secrets that are named elsewhere than before. */
export function secretRule(find: FindSecrets): DomainRule {
  return {
    name: "secrets",
    judge: (input) => {
      const index = DeltaIndex.of(input);
      if (input.deltas.length === 0) return [];
      const { base, head } = changedPart(input);
      const before = new Map(find(base).map((one) => [fullKey(one), one]));
      const after = find(head);
      const now = new Set(after.map(fullKey));
      return judged([
        ...after.flatMap((one) => inPlainText(one, before.has(fullKey(one)), index, input)),
        ...[...before.values()].filter((one) => !now.has(fullKey(one))).map((one) => gone(one, index, input)),
        ...placePairs(input).flatMap((pair) => references(pair, index)),
      ]);
    },
  };
}

function fullKey({ place, path }: SecretValue): string {
  return `${keyOf(place)}\n${withoutDocuments(path).join("\n")}`;
}

function inPlainText(
  secret: SecretValue,
  wasThere: boolean,
  index: DeltaIndex,
  input: RuleInput,
): readonly Statement[] {
  const { covers, ...where } = whereItStands(secret, index);
  if (wasThere && covers.length === 0) return [];
  const name = placeLabel(secret.place, input);
  const text = wasThere
    ? `${name} has another secret value in plain text (${secret.why}): who reads the repository or the state has it.`
    : `${name} has a secret value in plain text (${secret.why}): who reads the repository or the state has it. Name a Secret instead.`;
  const values = { before: wasThere ? SECRET : null, after: SECRET };
  return [{ grade: "danger", kind: "secret_in_plain_text", ...where, ...values, text, covers }];
}

function gone(secret: SecretValue, index: DeltaIndex, input: RuleInput): Statement {
  const name = placeLabel(secret.place, input);
  const text = `${name} no longer has a secret value in plain text (${secret.why}); whoever read it before still has it.`;
  const values = { before: SECRET, after: null };
  return {
    grade: "info",
    kind: "secret_no_longer_in_plain_text",
    ...whereItStands(secret, index),
    ...values,
    text,
  };
}

function whereItStands({ place, path }: SecretValue, index: DeltaIndex) {
  const steps = withoutDocuments(path).map((name) => ({ name, aliases: [] }));
  // A new variable of an environment is its name and its value: who is told of the one has heard of the other.
  const isVariable = /^(?:name|key)=/.test(path.at(-2) ?? "") && path.at(-1) === "value";
  const covers: readonly Delta[] = index.below(place, steps, steps.length - (isVariable ? 2 : 0));
  return { subject: `${keyOf(place)} ${pathOf(steps)}`, place, steps, covers };
}

const REFERENCE_BLOCKS = /^(?:secret_?key_?ref|secret_?ref|image_?pull_?secrets?|secret)$/i;

/** Names of Secrets, by the way to them. */
function references({ place, label, base, head }: PlacePair, index: DeltaIndex): readonly Statement[] {
  if (base === undefined || head === undefined) return [];
  const before = new Map(namesOfSecrets(base));
  return namesOfSecrets(head).flatMap(([path, now]): readonly Statement[] => {
    const old = before.get(path);
    if (old === undefined || old.value === now.value) return [];
    const covers = index.below(place, now.steps);
    const values = { before: shown(old.value), after: shown(now.value) };
    const text = `${label} reads the Secret ${values.after} where it read ${values.before}: it must be there before the apply.`;
    const kind = "secret_reference_changed";
    return [{ grade: "notice", kind, subject: label, place, steps: now.steps, ...values, text, covers }];
  });
}

function namesOfSecrets(root: Json): readonly (readonly [string, Spot])[] {
  return spotsOf(root).flatMap((spot) => {
    if (!isJsonObject(spot.value)) return [];
    // An image pull secret stands in a list, whose own key tells what it is.
    const isBlock = spot.steps.slice(-2).some(({ name }) => REFERENCE_BLOCKS.test(name));
    return childrenOf(spot).flatMap((child): readonly (readonly [string, Spot])[] => {
      const name = child.steps.at(-1)?.name ?? "";
      const isName = /^secret_?name$/i.test(name) || (isBlock && (name === "name" || name === "key"));
      return isName && typeof child.value === "string" ? [[pathOf(child.steps), child]] : [];
    });
  });
}
