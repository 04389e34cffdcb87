import { identities } from "../compare/list-identity";
import { isJsonObject, type Json, type JsonObject } from "../json";
import { EMBEDDED } from "../output";
import { isSecretLiteral, judgeName } from "./secret-names";
import { secretSpans } from "./secret-shapes";
import {
  elementSpot,
  isFilledIn,
  isFilledInBelow,
  memberSpot,
  type SecretSpot,
  verdictOf,
} from "./secret-spot";

/** Stands where a secret stood. */
export const SECRET = "(secret, not shown)";

/** Receives where a secret stands and what it is: `a private key in PEM`. */
export type ReportSecret = (path: readonly string[], why: string) => void;

/** `NAME=value`, `--name=value`: an element of a command or of an environment. */
const ASSIGNMENT = /^(-{0,2}([A-Za-z_][\w.-]*)=)([\s\S]+)$/;

/** A copy without secrets. */
export function maskValue(value: Json, spot: SecretSpot, report: ReportSecret): Json {
  if (typeof value === "string") return maskText(value, spot, report);
  if (typeof value === "number") {
    if (!spot.isSecretData && verdictOf(spot) !== "always") return value;
    return whole(spot, report);
  }
  if (Array.isArray(value)) return maskList(value, spot, report);
  if (!isJsonObject(value)) return value;
  const document = value[EMBEDDED];
  if (document !== undefined && isSecretDocument(document, spot)) return whole(spot, report);
  const entries = Object.entries(value).map(([key, item]): [string, Json] => [
    key,
    maskValue(item, memberSpot(spot, key, value), report),
  ]);
  return Object.fromEntries(entries);
}

function maskList(list: readonly Json[], spot: SecretSpot, report: ReportSecret): Json {
  const segments = identities(spot.key, list, list)?.before;
  return list.map((item, at) => maskValue(item, elementSpot(spot, segments?.[at] ?? String(at)), report));
}

function whole(spot: SecretSpot, report: ReportSecret): string {
  report(spot.path, reasonOf(spot));
  return SECRET;
}

function reasonOf(spot: SecretSpot): string {
  return spot.isSecretData ? "a value of a Kubernetes Secret" : "a literal under the name of a secret";
}

/** A document was one text, and under the name of a secret that text is the secret. */
function isSecretDocument(document: Json, spot: SecretSpot): boolean {
  return (spot.isSecretData || verdictOf(spot) !== "no") && !isFilledInBelow(document, spot);
}

function maskText(text: string, spot: SecretSpot, report: ReportSecret): string {
  if (text === SECRET || text === "") return text;
  if (spot.isSecretData ? !isFilledIn(text, spot) : isSecretLiteral(text, verdictOf(spot))) {
    return whole(spot, report);
  }
  const assignment = spot.isInList ? ASSIGNMENT.exec(text) : null;
  const [, head = "", name = "", literal = ""] = assignment ?? [];
  if (literal !== SECRET && isSecretLiteral(literal, judgeName(name))) {
    report(spot.path, reasonOf(spot));
    return `${head}${SECRET}`;
  }
  return maskSpans(text, spot, report);
}

function maskSpans(text: string, spot: SecretSpot, report: ReportSecret): string {
  let masked = "";
  let end = 0;
  for (const { from, to, why } of secretSpans(text)) {
    if (text.slice(from, to).trim() === SECRET) continue;
    report(spot.path, why);
    masked += `${text.slice(end, from)}${SECRET}`;
    end = to;
  }
  return `${masked}${text.slice(end)}`;
}

/** Follows a delta's path from a place's value; null where the value itself is part of a secret. */
export function followPath(
  whole: Json | undefined,
  root: SecretSpot,
  path: readonly string[],
): SecretSpot | null {
  let spot = root;
  let at = whole;
  for (const segment of path) {
    if (at !== undefined && isWholeSecret(at, spot)) return null;
    if (Array.isArray(at) || (at === undefined && isElement(segment))) {
      spot = elementSpot(spot, segment);
      at = Array.isArray(at) ? elementOf(at, segment) : undefined;
    } else {
      const around: JsonObject | null = isJsonObject(at) ? at : null;
      spot = memberSpot(spot, segment, around);
      at = around !== null && Object.hasOwn(around, segment) ? around[segment] : undefined;
    }
  }
  return spot;
}

/** As maskValue decides, without the way down. */
function isWholeSecret(value: Json, spot: SecretSpot): boolean {
  if (typeof value === "string" || typeof value === "number") {
    return maskValue(value, spot, () => {}) === SECRET;
  }
  const document = isJsonObject(value) ? value[EMBEDDED] : undefined;
  return document !== undefined && isSecretDocument(document, spot);
}

function isElement(segment: string): boolean {
  return /^\d+$|^[\w]+=/.test(segment);
}

function elementOf(list: readonly Json[], segment: string): Json | undefined {
  if (/^\d+$/.test(segment)) return list[Number(segment)];
  const parts = segment.split(",").map((part) => part.split("="));
  return list.find(
    (item) =>
      isJsonObject(item) &&
      parts.every(([key = "", value]) => {
        const own = item[key] ?? (isJsonObject(item.metadata) ? item.metadata[key] : undefined);
        return own !== undefined && String(own) === value;
      }),
  );
}
