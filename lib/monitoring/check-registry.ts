import { checkDataKey, checkSubdomainName } from "../core/kube-names";
import type { Problem } from "../core/problem";
import { isRegistryHost, isRepositoryName } from "../oci/reference";
import { checkAcceptedDamage } from "./check-accepted-damage";
import type { Credentials } from "./credentials";
import { checkLiteral, type IsToken } from "./literal";
import type { Registry } from "./registry";

/** Stands in PromQL, in a URL's path and in a container's arguments: what none of them gives a meaning to. */
const INSTANCE = /^[A-Za-z0-9][A-Za-z0-9._:@-]{0,199}$/;
/** As many as `--newest` takes. */
const MAX_NEWEST = 1_000_000;
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_-]*$/;

/** All that is wrong with one registry. */
export function checkRegistry(registry: Registry, path: string, isToken: IsToken): readonly Problem[] {
  const { address, credentials, ca, instance, newest, repositories = [], tokenHosts = [] } = registry.options;
  const at = (name: string) => `${path}.${name}`;
  return [
    ...checkLiteral(registry.host, at("host"), isToken, checkHost),
    ...(instance === undefined ? [] : checkLiteral(instance, at("instance"), isToken, checkInstance)),
    ...(address === undefined ? [] : checkLiteral(address, at("address"), isToken, checkAddress)),
    ...(credentials === undefined ? [] : checkCredentials(credentials, at("credentials"), isToken)),
    ...(ca === undefined || isToken(ca) ? [] : checkCa(ca, at("ca"))),
    ...repositories.flatMap((name, i) =>
      checkLiteral(name, at(`repositories[${i}]`), isToken, checkRepository),
    ),
    ...(newest === undefined ? [] : checkNewest(newest, at("newest"))),
    ...tokenHosts.flatMap((host, i) => checkLiteral(host, at(`tokenHosts[${i}]`), isToken, checkHost)),
    ...checkAcceptedDamage(registry.accept, at("accept"), isToken),
  ];
}

function checkHost(host: string, path: string): readonly Problem[] {
  if (isRegistryHost(host)) return [];
  const fix =
    "Write it as registry.example.com:5050, without path; repositories have an option of their own.";
  return [{ path, rule: "be host or host:port", value: withoutUserinfo(host), fix }];
}

function checkInstance(instance: string, path: string): readonly Problem[] {
  if (INSTANCE.test(instance)) return [];
  const fix = "Use letters, digits and . _ : @ -, such as registry.example.com:5050.";
  return [{ path, rule: "be a plain label value", value: instance, fix }];
}

function checkAddress(address: string, path: string): readonly Problem[] {
  if (isRegistryHost(address) && /:[0-9]+$/.test(address)) return [];
  const fix = "Write both, such as 192.0.2.10:5050 or [2001:db8::10]:5050.";
  return [{ path, rule: "be host:port", value: withoutUserinfo(address), fix }];
}

function checkRepository(name: string, path: string): readonly Problem[] {
  if (isRepositoryName(name)) return [];
  const fix = "Write lower-case parts of a-z 0-9 . _ -, separated by /, without host and tag.";
  return [{ path, rule: "be a repository name", value: name, fix }];
}

function checkNewest(newest: number, path: string): readonly Problem[] {
  if (Number.isInteger(newest) && newest >= 1 && newest <= MAX_NEWEST) return [];
  const rule = `be a whole number from 1 to ${MAX_NEWEST}`;
  return [{ path, rule, value: newest, fix: "Leave it out for all tags." }];
}

function checkCa(ca: string, path: string): readonly Problem[] {
  const fix = "Give the text of a PEM file with certificates alone, as readFileSync(file, 'utf8') reads it.";
  if (/PRIVATE KEY/.test(ca)) return [{ path, rule: "hold no private key", value: "a private key", fix }];
  if (/-----BEGIN CERTIFICATE-----[\s\S]+-----END CERTIFICATE-----/.test(ca)) return [];
  return [{ path, rule: "hold a PEM certificate", value: ca.slice(0, 40), fix }];
}

function checkCredentials(credentials: Credentials, path: string, isToken: IsToken): readonly Problem[] {
  if (credentials.kind === "variable") {
    const { usernameVariable, passwordVariable, revision } = credentials;
    return [
      ...checkVariable(usernameVariable, `${path}.usernameVariable`),
      ...checkVariable(passwordVariable, `${path}.passwordVariable`),
      ...checkRevision(revision, `${path}.revision`),
    ];
  }
  const { secretName } = credentials;
  const name = isToken(secretName) ? [] : checkSubdomainName(secretName, `${path}.secretName`);
  if (credentials.kind === "dockerConfig") return name;
  const keys = (["usernameKey", "passwordKey"] as const).filter((key) => !isToken(credentials[key]));
  const same =
    credentials.usernameKey === credentials.passwordKey ? [sameKeys(path, credentials.passwordKey)] : [];
  return [...name, ...same, ...keys.flatMap((key) => checkDataKey(credentials[key], `${path}.${key}`))];
}

function sameKeys(path: string, key: string): Problem {
  const fix = "Name the key of each.";
  return { path: `${path}.passwordKey`, rule: "differ from usernameKey", value: key, fix };
}

function checkVariable(name: string, path: string): readonly Problem[] {
  if (VARIABLE.test(name)) return [];
  const fix = "Write its name, such as registry_password; the value is given at apply, by TF_VAR_<name>.";
  // Somebody may have written the password here.
  return [{ path, rule: "be the name of a Terraform variable", value: "something else", fix }];
}

function checkRevision(revision: number, path: string): readonly Problem[] {
  if (Number.isSafeInteger(revision) && revision >= 1) return [];
  return [{ path, rule: "be a whole number from 1", value: revision, fix: "Begin with 1." }];
}

/** A name given with a user and password in it must not reach a message. */
function withoutUserinfo(text: string): string {
  return text.replace(/^.*@/, "…@");
}
