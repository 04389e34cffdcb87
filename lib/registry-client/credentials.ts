/**
 * Credentials, and where they stand: in a Docker config, or as two files.
 * https://github.com/docker/cli/blob/v27.0.0/cli/config/configfile/file.go
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { printable } from "../core/printable";
import { isObject, type JsonObject } from "../oci/descriptor";

export interface PasswordCredentials {
  readonly username: string;
  readonly password: string;
}

/** A refresh token that `docker login` got from a token service. */
export interface IdentityTokenCredentials {
  readonly identityToken: string;
}

export type Credentials = PasswordCredentials | IdentityTokenCredentials;

export interface DockerConfigReading {
  /** null means anonymous. */
  readonly credentials: Credentials | null;
  /** What the user should know: a credential helper that is named, and not executed. */
  readonly notice: string | null;
  /** Completes "the Docker config …"; then there are no credentials. */
  readonly problem: string | null;
}

const HUB_HOSTS: ReadonlySet<string> = new Set(["docker.io", "index.docker.io", "registry-1.docker.io"]);
const HUB_KEY = "index.docker.io";

/**
 * The credentials of one registry in a Docker config.json.
 *
 * @param host `host` or `host:port`
 */
export function parseDockerConfig(text: string, host: string): DockerConfigReading {
  const config = parseJson(text);
  if (!isObject(config)) return problem("must be a JSON object");
  const auths = config.auths ?? {};
  if (!isObject(auths)) return problem("must have an object at auths");
  const wanted = hostOfKey(host);
  // A key that is the host itself wins over one that writes it as a URL.
  const keys = Object.keys(auths).filter((key) => hostOfKey(key) === wanted);
  const key = keys.find((one) => one === host) ?? keys[0];
  const entry = key === undefined ? {} : auths[key];
  if (!isObject(entry)) return problem(`must have an object at auths["${printable(key ?? "", 80)}"]`);
  const found = entryCredentials(entry);
  if (found === "malformed") {
    return problem(`must have base64 of user:password at auths["${printable(key ?? "", 80)}"].auth`);
  }
  return { credentials: found, notice: found === null ? helperNotice(config, host) : null, problem: null };
}

/**
 * The files `username` and `password` of a folder, as a mounted Secret has them; null (anonymous) when one is empty.
 *
 * @throws the file system's error when one of them cannot be read
 */
export function credentialsFromDirectory(directory: string): PasswordCredentials | null {
  const read = (name: string): string => readFileSync(join(directory, name), "utf8").replace(/\r?\n$/, "");
  return passwordCredentials(read("username"), read("password"));
}

function passwordCredentials(username: string, password: string): PasswordCredentials | null {
  return username === "" || password === "" ? null : { username, password };
}

function entryCredentials(entry: JsonObject): Credentials | null | "malformed" {
  const { auth, username, password, identitytoken } = entry;
  if (typeof identitytoken === "string" && identitytoken !== "") return { identityToken: identitytoken };
  if (typeof username === "string" && typeof password === "string") {
    const given = passwordCredentials(username, password);
    if (given !== null) return given;
  }
  if (auth === undefined || auth === null || auth === "") return null;
  if (typeof auth !== "string" || !/^[A-Za-z0-9+/]+={0,2}\s*$/.test(auth)) return "malformed";
  const decoded = Buffer.from(auth, "base64").toString("utf8");
  const colon = decoded.indexOf(":");
  // Docker pads the password with NUL bytes in some old files.
  return colon < 0
    ? "malformed"
    : passwordCredentials(decoded.slice(0, colon), decoded.slice(colon + 1).replace(/\0+$/, ""));
}

function helperNotice(config: JsonObject, host: string): string | null {
  const wanted = hostOfKey(host);
  const helpers = isObject(config.credHelpers) ? config.credHelpers : {};
  const key = Object.keys(helpers).find((one) => hostOfKey(one) === wanted);
  const helper = key === undefined ? config.credsStore : helpers[key];
  if (typeof helper !== "string" || helper === "") return null;
  const field = key === undefined ? "credsStore" : "credHelpers";
  return (
    `the Docker config names the credential helper "${printable(helper, 60)}" (${field}) for ${printable(host, 80)}: ` +
    "helpers are not executed, so the registry is asked anonymously"
  );
}

/** The host of a key such as `host`, `https://host/v1/` or `host/v2`; Docker Hub's several names as one. */
function hostOfKey(key: string): string {
  const host = key
    .replace(/^https?:\/\//i, "")
    .replace(/\/.*$/s, "")
    .toLowerCase()
    .replace(/:443$/, "");
  return HUB_HOSTS.has(host) ? HUB_KEY : host;
}

function problem(text: string): DockerConfigReading {
  return { credentials: null, notice: null, problem: text };
}

function parseJson(text: string): unknown {
  try {
    const json: unknown = JSON.parse(text);
    return json;
  } catch {
    return null;
  }
}
