import type { DomainRule } from "./domain-rule";

/** Every rule; the order does not matter, as changes are sorted. */
export const DOMAIN_RULES: readonly DomainRule[] = [];
