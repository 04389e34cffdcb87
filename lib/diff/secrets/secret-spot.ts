import type { Place } from "../delta";
import { isJsonObject, type Json, type JsonObject } from "../json";
import { isTemplate, LIVE_MARK } from "../normalise/terraform-text";
import { EMBEDDED } from "../output";
import { isReference, judgeName, type NameVerdict } from "./secret-names";

/** Where in a place a value stands, with what the way down says of it. */
export interface SecretSpot {
  readonly place: Place;
  readonly path: readonly string[];
  readonly key: string;
  readonly parentKey: string;
  /** What the object that it stands in calls itself: `{name, value}`. */
  readonly siblingName: string | null;
  /** A Kubernetes Secret, whose data are secrets whatever their keys. */
  readonly isSecretObject: boolean;
  readonly isSecretData: boolean;
  /** Of a configuration of Docker's, with its credentials. */
  readonly isDocker: boolean;
  /** Inside of a document, where what Terraform evaluates is marked. */
  readonly isInDocument: boolean;
  readonly isInList: boolean;
}

const SECRET_RESOURCE = /^kubernetes_secret(?:_v1)?(?:_data)?\./;
const SECRET_FIELDS = ["data", "string_data", "stringData", "binary_data", "data_wo", "binary_data_wo"];
/** Keys of a thing that carry its value: a variable's default, an environment variable's value. */
const VALUE_KEYS = ["value", "default", "value_wo"];
const DOCKER_KEYS = [".dockerconfigjson", ".dockercfg", "auths"];
const DOCKER_SECRETS = ["auth", "password", "identitytoken", "registrytoken"];

export function rootSpot(place: Place): SecretSpot {
  return {
    place,
    path: [],
    key: "",
    parentKey: "",
    siblingName: null,
    isSecretObject: place.kind === "resource" && SECRET_RESOURCE.test(place.address),
    isSecretData: false,
    isDocker: false,
    isInDocument: place.kind === "artifact",
    isInList: false,
  };
}

/** What stands under a key of an object. */
export function memberSpot(spot: SecretSpot, key: string, around: JsonObject | null): SecretSpot {
  const path = [...spot.path, key];
  // Who comes this far from the value as a whole has seen that the document is no secret as a whole.
  if (key === EMBEDDED)
    return { ...spot, path, isInDocument: true, isSecretData: spot.isSecretData && around === null };
  const isSecretObject = spot.isSecretObject || (around !== null && around.kind === "Secret");
  return {
    ...spot,
    path,
    key,
    parentKey: spot.key,
    siblingName: around === null ? spot.siblingName : nameOf(around),
    // Of a resource's root and of a manifest's: not of what lies deeper.
    isSecretObject: false,
    isSecretData: spot.isSecretData || (isSecretObject && SECRET_FIELDS.includes(key)),
    isDocker: spot.isDocker || DOCKER_KEYS.includes(key),
    isInList: false,
  };
}

/** An element stands under the key of its list. */
export function elementSpot(spot: SecretSpot, segment: string): SecretSpot {
  return {
    ...spot,
    path: [...spot.path, segment],
    siblingName: /(?:^|,)(?:name|key)=([^,]*)/.exec(segment)?.[1] ?? null,
    isSecretObject: /(?:^|,)kind=Secret(?:,|$)/.test(segment),
    isInList: true,
  };
}

function nameOf({ name, key }: JsonObject): string | null {
  if (typeof name === "string") return name;
  return typeof key === "string" ? key : null;
}

export function verdictOf(spot: SecretSpot): NameVerdict {
  const { key, parentKey, siblingName } = spot;
  if (spot.isDocker && DOCKER_SECRETS.includes(key)) return "always";
  return judgeName(VALUE_KEYS.includes(key) ? (siblingName ?? parentKey) : key);
}

/** Whether another program puts in what stands there, so that a Secret's field has no secret of its own. */
export function isFilledIn(text: string, spot: SecretSpot): boolean {
  if (spot.place.kind === "artifact") return isReference(text);
  if (spot.isInDocument || text.includes("\n")) return text.includes(`{${LIVE_MARK}`);
  return isTemplate(text);
}

/** Whether any text of a document is filled in. */
export function isFilledInBelow(value: Json, spot: SecretSpot): boolean {
  if (typeof value === "string") return isFilledIn(value, { ...spot, isInDocument: true });
  if (Array.isArray(value)) return value.some((item: Json) => isFilledInBelow(item, spot));
  return isJsonObject(value) && Object.values(value).some((item) => isFilledInBelow(item, spot));
}
