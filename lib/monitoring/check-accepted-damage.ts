import type { Problem } from "../core/problem";
import { parseUntil } from "../core/until";
import { Digest } from "../oci/digest";
import { isRepositoryName, isTag } from "../oci/reference";
import type { AcceptedDamage } from "./accepted-damage";
import { checkLiteral, type IsToken } from "./literal";

/** Which entries the program would refuse: what it refuses is told here, before a CronJob fails by it. */
export function checkAcceptedDamage(
  accept: readonly AcceptedDamage[],
  path: string,
  isToken: IsToken,
): readonly Problem[] {
  return accept.flatMap((entry, i) => checkEntry(entry, `${path}[${i}]`, isToken));
}

function checkEntry(entry: AcceptedDamage, path: string, isToken: IsToken): readonly Problem[] {
  // A token's value is known too late to be written into JSON.
  const check = (name: keyof AcceptedDamage, { rule, fix, isMet }: Rule): readonly Problem[] => {
    const text: string | undefined = entry[name];
    const at = `${path}.${name}`;
    // Written in JavaScript, an entry may lack what its type demands.
    if (typeof text !== "string") return [{ path: at, rule, value: text, fix }];
    return checkLiteral(text, at, isToken, (value) => (isMet(value) ? [] : [{ path: at, rule, value, fix }]));
  };
  const { digest, tag } = entry;
  return [
    ...check("repository", REPOSITORY),
    ...((digest === undefined) === (tag === undefined)
      ? [{ path, rule: "name either a digest or a tag", value: { digest, tag }, fix: EITHER_FIX }]
      : digest === undefined
        ? check("tag", TAG)
        : check("digest", DIGEST)),
    ...check("until", UNTIL_RULE),
    ...check("reason", REASON),
  ];
}

interface Rule {
  readonly rule: string;
  readonly fix: string;
  readonly isMet: (text: string) => boolean;
}

const EITHER_FIX = "Write the digest that the report names; the tag only where the report names no digest.";

const REPOSITORY: Rule = {
  rule: "be a repository name",
  fix: "Write it as the report does, such as team/app, without host and tag.",
  isMet: isRepositoryName,
};

const DIGEST: Rule = {
  rule: "be a digest",
  fix: "Write sha256:<64 hex> or sha512:<128 hex>, as the report does.",
  isMet: (text) => Digest.parse(text) !== null,
};

const TAG: Rule = { rule: "be a tag", fix: "Write the tag alone, such as v1.2.", isMet: isTag };

const UNTIL_RULE: Rule = {
  rule: "be a date or an RFC 3339 time",
  fix: "Write a day that the calendar has, such as 2026-12-31, or 2026-12-31T18:00:00Z.",
  isMet: (text) => parseUntil(text) !== null,
};

const REASON: Rule = {
  rule: "say why",
  fix: "Write for whoever wonders in a year.",
  isMet: (text) => text !== "",
};
