/**
 * Names that the Kubernetes API accepts. The checks take literal text: a construct skips them for an unresolved token.
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/names/
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set
 */
import type { Problem } from "./problem";

export const MAX_LABEL_LENGTH = 63;
export const MAX_SUBDOMAIN_LENGTH = 253;
/** A Job's name is the CronJob's and 11 characters more, and it is a label of the pods. */
export const MAX_CRON_JOB_NAME_LENGTH = 52;

const LABEL = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/;
const LABEL_VALUE = /^(?:[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)?$/;
const DATA_KEY = /^[A-Za-z0-9._-]+$/;

/** For namespaces, containers and volumes: an RFC 1123 label. */
export function checkLabelName(name: string, path: string): readonly Problem[] {
  const fix = "Use a-z, 0-9 and -, beginning and ending with a letter or digit.";
  return check(name, path, LABEL, MAX_LABEL_LENGTH, "an RFC 1123 label", fix);
}

/** For most objects, as ConfigMap, Secret, ServiceAccount and NetworkPolicy: an RFC 1123 subdomain. */
export function checkSubdomainName(name: string, path: string): readonly Problem[] {
  const fix = "Use a-z, 0-9, - and ., each part beginning and ending with a letter or digit.";
  return check(name, path, SUBDOMAIN, MAX_SUBDOMAIN_LENGTH, "an RFC 1123 subdomain", fix);
}

/** For a CronJob, whose name may be no longer than 52 characters. */
export function checkCronJobName(name: string, path: string): readonly Problem[] {
  const fix = "Use a-z, 0-9, - and .; a Job's name adds 11 characters to it.";
  return check(name, path, SUBDOMAIN, MAX_CRON_JOB_NAME_LENGTH, "an RFC 1123 subdomain", fix);
}

/** For a key in the data of a ConfigMap or Secret, which is also a file name once mounted. */
export function checkDataKey(key: string, path: string): readonly Problem[] {
  const named =
    key === "." || key.startsWith("..") ? [{ path, rule: "be no path", value: key, fix: "Name a key." }] : [];
  const fix = "Use letters, digits, -, _ and ..";
  return [...named, ...check(key, path, DATA_KEY, MAX_SUBDOMAIN_LENGTH, "a data key", fix)];
}

/** Keys and values of labels; for keys of annotations too, whose values are free (`checkValues` false). */
export function checkLabels(
  labels: Readonly<Record<string, string>>,
  path: string,
  checkValues = true,
): readonly Problem[] {
  return Object.entries(labels).flatMap(([key, value]) => {
    const at = `${path}[${JSON.stringify(key)}]`;
    const fix = "Begin and end with a letter or digit; between them also -, _ and ..";
    const values = checkValues ? check(value, at, LABEL_VALUE, MAX_LABEL_LENGTH, "a label value", fix) : [];
    return [...checkQualifiedName(key, at), ...values];
  });
}

function checkQualifiedName(key: string, path: string): readonly Problem[] {
  const slash = key.indexOf("/");
  const name = key.slice(slash + 1);
  const prefixOk = slash < 0 || (SUBDOMAIN.test(key.slice(0, slash)) && slash <= MAX_SUBDOMAIN_LENGTH);
  if (prefixOk && name !== "" && name.length <= MAX_LABEL_LENGTH && LABEL_VALUE.test(name)) return [];
  const fix = "Write [prefix/]name: a DNS subdomain as prefix, then at most 63 letters, digits, -, _ and ..";
  return [{ path, rule: "have a valid key", value: key, fix }];
}

/**
 * A label made from any text: `registry.example.com:5050` becomes `registry-example-com-5050`. The same text gives the
 * same label for ever; different texts may share one (`a.b` and `a-b`), so whoever needs distinct ones checks that.
 * What is too long is cut and ends in eight hexadecimal digits of its hash.
 *
 * @param maxLength at least 16; default 63
 */
export function toLabelName(text: string, maxLength = MAX_LABEL_LENGTH): string {
  const label = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
  if (label === "") return `x-${fnv1a(text)}`;
  if (label.length <= maxLength) return label;
  return `${label.slice(0, maxLength - 9).replace(/-+$/, "")}-${fnv1a(text)}`;
}

/** FNV-1a of 32 bits over UTF-16 units, as eight hexadecimal digits: enough to tell cut names apart. */
function fnv1a(text: string): string {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193) >>> 0;
  }
  return hash.toString(16).padStart(8, "0");
}

function check(
  text: string,
  path: string,
  grammar: RegExp,
  maxLength: number,
  noun: string,
  fix: string,
): readonly Problem[] {
  if (text.length > maxLength) {
    return [
      {
        path,
        rule: `have at most ${maxLength} characters`,
        value: text,
        fix: `Leave out ${text.length - maxLength}.`,
      },
    ];
  }
  return grammar.test(text) ? [] : [{ path, rule: `be ${noun}`, value: text, fix }];
}
