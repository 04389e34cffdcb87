/** A real registry with a configuration as the host's renderer writes it. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DistributionConfig } from "../../lib/registry-host/distribution/distribution-config";
import { renderYaml } from "../../lib/text/yaml";
import { freePorts } from "./nginx";
import { rawHttp } from "./raw-http";
import { findDistribution3, requireTool } from "./require-tool";
import { ServerProcess } from "./server-process";

/** What is another's on this machine than in the container; all else of the configuration is taken as it is. */
export interface LocalPlaces {
  /** `address:port` */
  readonly addr: string;
  readonly debugAddr: string;
  readonly root: string;
  readonly htpasswdFile?: string;
  readonly upstream?: string;
}

/** The one place where a rendered configuration is changed for a test. */
export function adaptConfig(config: DistributionConfig, places: LocalPlaces): DistributionConfig {
  const { addr, debugAddr, root, htpasswdFile, upstream } = places;
  return {
    ...config,
    storage: { ...config.storage, filesystem: { ...config.storage.filesystem, rootdirectory: root } },
    http: { ...config.http, addr, debug: { ...config.http.debug, addr: debugAddr } },
    ...(config.auth === undefined || htpasswdFile === undefined
      ? {}
      : { auth: { htpasswd: { ...config.auth.htpasswd, path: htpasswdFile } } }),
    ...(config.proxy === undefined || upstream === undefined
      ? {}
      : { proxy: { ...config.proxy, remoteurl: upstream } }),
  };
}

export interface RenderedRegistryOptions {
  readonly major: 2 | 3;
  readonly config: DistributionConfig;
  /** @default 127.0.0.1 */
  readonly address?: string;
  /** @default free ones */
  readonly port?: number;
  readonly debugPort?: number;
  /** An existing storage folder, which stays. @default one of its own, removed by `stop` */
  readonly root?: string;
  readonly htpasswdFile?: string;
  readonly upstream?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

export interface RenderedRegistry {
  /** `address:port` */
  readonly host: string;
  /** `address:port` */
  readonly debugHost: string;
  readonly root: string;
  log(): string;
  stop(): Promise<void>;
}

export async function startRendered(options: RenderedRegistryOptions): Promise<RenderedRegistry> {
  const { major, config, address = "127.0.0.1" } = options;
  const [port = 0, debugPort = 0] = await freePorts(2);
  const folder = mkdtempSync(join(tmpdir(), "tallyman-rendered-"));
  const root = options.root ?? join(folder, "storage");
  mkdirSync(root, { recursive: true });
  const places = {
    addr: `${address}:${options.port ?? port}`,
    debugAddr: `${address}:${options.debugPort ?? debugPort}`,
    root,
    ...(options.htpasswdFile === undefined ? {} : { htpasswdFile: options.htpasswdFile }),
    ...(options.upstream === undefined ? {} : { upstream: options.upstream }),
  };
  const file = join(folder, "config.yml");
  writeFileSync(file, renderYaml(adaptConfig(config, places)));
  const server = await ServerProcess.start({
    command: binaryOf(major),
    args: () => ["serve", file],
    env: { PATH: process.env.PATH, OTEL_TRACES_EXPORTER: "none", ...options.environment },
    port: options.port ?? port,
    isReady: () => answers(places.addr),
    folder,
  });
  return {
    host: places.addr,
    debugHost: places.debugAddr,
    root,
    log: () => server.log(),
    stop: async () => {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function binaryOf(major: 2 | 3): string {
  if (major === 2) return requireTool("docker-registry");
  const path = findDistribution3();
  if (path === null) throw new Error("distribution 3 is not there: ask distributionVersions first");
  return path;
}

async function answers(host: string): Promise<boolean> {
  try {
    const { status } = await rawHttp(`http://${host}/v2/`);
    return status === 200 || status === 401;
  } catch {
    return false;
  }
}
