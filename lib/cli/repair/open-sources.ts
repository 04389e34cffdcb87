import { DiskSource } from "../../integrity/repair/disk-source";
import { type ImageSource, SourceError } from "../../integrity/repair/image-source";
import { LayoutSource } from "../../integrity/repair/layout-source";
import { RegistrySource } from "../../integrity/repair/registry-source";
import type { RegistryClient } from "../../registry-client/registry-client";
import { UsageError } from "../arguments";
import { credentialSource } from "../credentials";
import type { CliEnvironment } from "../environment";
import { repairClient } from "./repair-client";
import type { RepairOptions } from "./repair-options";

export interface OpenSources {
  /** Cheapest first: what lies on this machine, then other registries. */
  readonly sources: readonly ImageSource[];
  readonly close: () => void;
}

/** @throws UsageError for a folder that is none of its kind */
export async function openSources(
  options: RepairOptions,
  environment: CliEnvironment,
  signal: AbortSignal,
  warn: (message: string) => void,
): Promise<OpenSources> {
  const sources: ImageSource[] = [];
  const clients: RegistryClient[] = [];
  try {
    for (const root of options.disks) sources.push(await DiskSource.open(root));
    for (const folder of options.layouts) sources.push(await LayoutSource.open(folder));
  } catch (error) {
    if (error instanceof SourceError) throw new UsageError(error.message);
    throw error;
  }
  for (const { url, prefix } of options.registries) {
    const connection = { ...options.connection, address: null };
    const credentials = credentialsOf(url, options, environment, warn);
    const client = repairClient(environment, { url, connection, credentials, signal, warn });
    clients.push(client);
    sources.push(new RegistrySource(client, prefix));
  }
  return { sources, close: () => clients.forEach((client) => void client.close()) };
}

/** TALLYMAN_USERNAME and its like belong to the registry that is repaired, and never go to another. */
function credentialsOf(
  url: URL,
  options: RepairOptions,
  environment: CliEnvironment,
  warn: (message: string) => void,
) {
  const {
    TALLYMAN_USERNAME: _username,
    TALLYMAN_PASSWORD: _password,
    TALLYMAN_CREDENTIALS_DIR: _directory,
    ...env
  } = environment.env;
  const source = credentialSource({ ...environment, env }, options.connection.dockerConfig, [url.host], warn);
  return source(url.host);
}
