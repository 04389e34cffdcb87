import { existsSync } from "node:fs";
import { join } from "node:path";
import {
  type Credentials,
  credentialsFromDirectory,
  parseDockerConfig,
} from "../registry-client/credentials";
import { UsageError } from "./arguments";
import type { CliEnvironment } from "./environment";
import { errorCode } from "./error-code";
import { readText } from "./walk-options";

/** Where credentials come from, in the order in which they are taken. */
export type CredentialSource = (host: string) => Credentials | null;

/**
 * TALLYMAN_USERNAME and TALLYMAN_PASSWORD, else the files of TALLYMAN_CREDENTIALS_DIR, else a Docker config by host,
 * else none. The first two belong to the one registry that is named.
 *
 * @param hosts all registries of this run
 * @throws UsageError when credentials without a host meet several hosts
 */
export function credentialSource(
  environment: CliEnvironment,
  dockerConfig: string | null,
  hosts: readonly string[],
  warn: (message: string) => void,
): CredentialSource {
  const { env } = environment;
  const own = ownCredentials(environment);
  if (own !== null) {
    if (hosts.length > 1) {
      throw new UsageError(
        `TALLYMAN_USERNAME and TALLYMAN_CREDENTIALS_DIR belong to one registry, and there are ${hosts.length} ` +
          `(${hosts.join(", ")}): give a Docker config by --docker-config instead`,
      );
    }
    return () => own;
  }
  const configured =
    env.DOCKER_CONFIG === undefined || env.DOCKER_CONFIG === ""
      ? null
      : join(env.DOCKER_CONFIG, "config.json");
  const file = dockerConfig ?? (configured !== null && existsSync(configured) ? configured : null);
  if (file === null) return () => null;
  const text = readText(file, dockerConfig === null ? "DOCKER_CONFIG" : "--docker-config");
  return (host) => {
    const found = parseDockerConfig(text, host);
    if (found.problem !== null)
      throw new UsageError(`the Docker config ${JSON.stringify(file)} ${found.problem}`);
    if (found.notice !== null) warn(found.notice);
    return found.credentials;
  };
}

function ownCredentials({ env }: CliEnvironment): Credentials | null {
  const username = env.TALLYMAN_USERNAME ?? "";
  const password = env.TALLYMAN_PASSWORD ?? "";
  if (username !== "" && password !== "") return { username, password };
  const directory = env.TALLYMAN_CREDENTIALS_DIR ?? "";
  if (directory === "") return null;
  try {
    return credentialsFromDirectory(directory);
  } catch (error) {
    throw new UsageError(
      `TALLYMAN_CREDENTIALS_DIR must hold the files username and password (${errorCode(error)})`,
    );
  }
}
