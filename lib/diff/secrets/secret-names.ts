import { isStandIn } from "./secret-shapes";

/** What a name says of its value: `always` a secret, `unlessNamed` a secret or the name of the place where it lies. */
export type NameVerdict = "always" | "unlessNamed" | "no";

const ALWAYS = [
  "password",
  "passwd",
  "passphrase",
  "private key",
  "client secret",
  "api key",
  "secret access key",
];
const UNLESS_NAMED = [
  "token",
  "secret",
  "htpasswd",
  "secret key",
  "access key",
  "identitytoken",
  "registrytoken",
];
/** Behind it the name still means the value itself. */
const SUFFIXES = /(?: (?:wo|value|plain|base64|b64|pem|literal))+$/;
/** A reference by its name: Woodpecker's `from_secret`. */
const REFERENCE = /^(?:from|existing|use|has|is|no|without|with|enable|require|automount|image pull) /;

const WHOLE_PATH = /^(?:\.{0,2}|~)\/[\w./-]*$/;
/** `registry-reader`, `registry_password`, `tls.key`: words, with few digits. */
const NAME = /^[A-Za-z]{1,20}\d{0,3}(?:[-_./](?:[A-Za-z]{1,20}\d{0,3}|\d{1,4}))*$/;
const MAX_NAME_LENGTH = 63;

/** Outputs repeat few keys very often; a list's names may be many. */
const MAX_KNOWN = 10_000;
const known = new Map<string, NameVerdict>();

/** By the last words of a key or of a variable: `password_key` and `secretName` tell where a secret lies, not what it is. */
export function judgeName(key: string): NameVerdict {
  const verdict = known.get(key) ?? judgeWords(key);
  if (known.size >= MAX_KNOWN) known.clear();
  known.set(key, verdict);
  return verdict;
}

function judgeWords(key: string): NameVerdict {
  const words = key
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1 $2")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, " ")
    .trim()
    .replace(SUFFIXES, "");
  if (REFERENCE.test(words)) return "no";
  const isOneOf = (names: readonly string[]) =>
    names.some((name) => words === name || words.endsWith(` ${name}`));
  if (isOneOf(ALWAYS)) return "always";
  if (isOneOf(UNLESS_NAMED)) return "unlessNamed";
  // `dbpassword`, `privatekey`: where nothing divides the words.
  if (isOneJoined(words, ALWAYS)) return "always";
  return isOneJoined(words, UNLESS_NAMED) ? "unlessNamed" : "no";
}

function isOneJoined(words: string, names: readonly string[]): boolean {
  return names.some((name) => name !== "secret" && words.endsWith(name.replaceAll(" ", "")));
}

/** Whether a literal under such a name is a secret's value. */
export function isSecretLiteral(value: string, verdict: NameVerdict): boolean {
  if (verdict === "no" || value.trim() === "" || isReference(value)) return false;
  if (verdict === "always") return true;
  return !WHOLE_PATH.test(value) && !isName(value);
}

/** What Terraform, a shell, a template or a person fills in later. */
export function isReference(value: string): boolean {
  return isStandIn(value) || /^\$?\$\{.*\}$|^\{\{.*\}\}$/s.test(value.trim());
}

function isName(value: string): boolean {
  return value.length <= MAX_NAME_LENGTH && NAME.test(value);
}
