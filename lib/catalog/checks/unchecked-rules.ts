import { CATALOG_KNOWLEDGE, type CatalogContext, type CatalogKnowledge } from "./catalog-rule";
import { CATALOG_RULES, type CatalogRuleOptions } from "./check-catalog";

/** Rules that said nothing, or not all, as what they need is not known. */
export interface UncheckedRules {
  readonly unknown: CatalogKnowledge;
  /** Names, in the order of the rules; never empty. */
  readonly rules: readonly string[];
}

/** What a check of this context leaves open; rules that are switched off are not missed. */
export function uncheckedRules(
  context: CatalogContext,
  { rules: grades = {}, extraRules = [] }: CatalogRuleOptions = {},
): readonly UncheckedRules[] {
  const active = [...CATALOG_RULES, ...extraRules].filter(
    ({ name }) => !Object.hasOwn(grades, name) || grades[name] !== "off",
  );
  return CATALOG_KNOWLEDGE.filter((unknown) => context[unknown] === null)
    .map((unknown) => ({
      unknown,
      rules: active.filter(({ needs = [] }) => needs.includes(unknown)).map(({ name }) => name),
    }))
    .filter(({ rules }) => rules.length > 0);
}
