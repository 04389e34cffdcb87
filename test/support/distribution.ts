/**
 * The real registry: Debian's docker-registry 2.8, or distribution 3.1.
 * https://distribution.github.io/distribution/about/configuration/
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rawHttp } from "./raw-http";
import { recordMissingTool } from "./require-terraform";
import { findDistribution3, requireTool } from "./require-tool";
import { ServerProcess } from "./server-process";

export type DistributionVersion = "2.8" | "3.1";

/**
 * The versions that can be run here; where 3.1 is not among them, the run ends with a line that says so.
 * @param test what the line calls the tests; default their matrix
 */
export function distributionVersions(test = "the matrix on real registries"): readonly DistributionVersion[] {
  if (findDistribution3() !== null) return ["2.8", "3.1"];
  recordMissingTool("distribution 3.1", test);
  return ["2.8"];
}

export interface DistributionOptions {
  /** @default "2.8" */
  readonly version?: DistributionVersion;
  /** The cache of blob descriptors. @default "inmemory" */
  readonly cache?: "inmemory" | "none";
  /** @default true */
  readonly deleteEnabled?: boolean;
  /** Path of a bcrypt htpasswd file; Basic credentials are then demanded everywhere. @default anonymous */
  readonly htpasswdFile?: string;
  /** A folder with cert.pem and key.pem, by which it then speaks TLS alone; `url` stays that of plain HTTP. @default none */
  readonly tlsFolder?: string;
  /** Prometheus' own metrics of the registry, at `metricsHost`. @default false */
  readonly metrics?: boolean;
  /** @default a free one */
  readonly port?: number;
  /** An existing storage folder, which is left as it is at the end. @default a temporary one, removed by `stop` */
  readonly root?: string;
}

export interface GarbageCollectOptions {
  /** `-m`: also unlink every manifest without a tag. */
  readonly deleteUntagged: boolean;
}

export interface GarbageCollection {
  readonly exitCode: number | null;
  /** Both streams. */
  readonly output: string;
}

const GARBAGE_COLLECT_TIMEOUT_MS = 60_000;

/** A running registry, on loopback, over plain HTTP. */
export class Distribution {
  private constructor(
    readonly version: DistributionVersion,
    /** The storage folder, which holds `docker/registry/v2`. */
    readonly root: string,
    private readonly options: DistributionOptions,
    private readonly folder: string,
    private server: ServerProcess,
  ) {}

  static async start(options: DistributionOptions = {}): Promise<Distribution> {
    const version = options.version ?? "2.8";
    const folder = mkdtempSync(join(tmpdir(), "tallyman-registry-"));
    try {
      const root = options.root ?? join(folder, "storage");
      mkdirSync(root, { recursive: true });
      const server = await serve(version, options, folder, root, options.port);
      return new Distribution(version, root, options, folder, server);
    } catch (error) {
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** `127.0.0.1:<port>`, the same after a restart. */
  get host(): string {
    return `127.0.0.1:${this.server.port}`;
  }

  get url(): string {
    return `http://${this.host}`;
  }

  /** Where /metrics is served if `metrics` is set: the same port on another address of loopback. */
  get metricsHost(): string {
    return metricsHost(this.server.port);
  }

  get pid(): number {
    return this.server.pid;
  }

  log(): string {
    return this.server.log();
  }

  /** A new process on the same port and storage: all that it held in memory is gone. */
  async restart(): Promise<void> {
    const { port } = this.server;
    await this.server.stop();
    this.server = await serve(this.version, this.options, this.folder, this.root, port);
  }

  /** By SIGKILL. Until `restart`, nobody answers; the storage stays as the process left it. */
  async kill(): Promise<void> {
    await this.server.kill();
  }

  /** Until `restart`, nobody answers; the storage stays. */
  async halt(): Promise<void> {
    await this.server.stop();
  }

  /** Runs beside the registry, as a cron job would: what the registry holds in memory stays. */
  async garbageCollect(options: GarbageCollectOptions): Promise<GarbageCollection> {
    const args = ["garbage-collect", ...(options.deleteUntagged ? ["-m"] : []), configPath(this.folder)];
    const child = spawn(binaryOf(this.version), args, {
      env: environment(),
      timeout: GARBAGE_COLLECT_TIMEOUT_MS,
      killSignal: "SIGKILL",
    });
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString("utf8")));
    child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString("utf8")));
    await once(child, "close");
    return { exitCode: child.exitCode, output };
  }

  /** Stops the process, and removes the storage unless it was given. */
  async stop(): Promise<void> {
    await this.server.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

async function serve(
  version: DistributionVersion,
  options: DistributionOptions,
  folder: string,
  root: string,
  port?: number,
): Promise<ServerProcess> {
  const config = configPath(folder);
  return ServerProcess.start({
    command: binaryOf(version),
    args: (chosenPort) => {
      // JSON is YAML.
      writeFileSync(config, JSON.stringify(configuration(options, root, chosenPort), null, 2));
      return ["serve", config];
    },
    env: environment(),
    // TLS refuses plain HTTP with words of its own, which only a listening registry has.
    isReady: (chosenPort) =>
      answersAsRegistry(chosenPort, options.tlsFolder === undefined ? [200, 401] : [400]),
    folder,
    ...(port === undefined ? {} : { port }),
  });
}

function binaryOf(version: DistributionVersion): string {
  if (version === "2.8") return requireTool("docker-registry");
  const binary = findDistribution3();
  if (binary === null) {
    throw new Error("distribution 3.1 is not there. Install Go, then run scripts/install-test-servers.sh.");
  }
  return binary;
}

function metricsHost(port: number): string {
  return `127.0.0.2:${port}`;
}

function configPath(folder: string): string {
  return join(folder, "config.yml");
}

function configuration(options: DistributionOptions, root: string, port: number): object {
  return {
    version: "0.1",
    log: { level: "warn", accesslog: { disabled: true } },
    storage: {
      filesystem: { rootdirectory: root },
      ...(options.cache === "none" ? {} : { cache: { blobdescriptor: "inmemory" } }),
      delete: { enabled: options.deleteEnabled ?? true },
      maintenance: { uploadpurging: { enabled: false } },
    },
    http: {
      addr: `127.0.0.1:${port}`,
      secret: "of no use to anyone",
      ...(options.tlsFolder === undefined
        ? {}
        : {
            tls: {
              certificate: join(options.tlsFolder, "cert.pem"),
              key: join(options.tlsFolder, "key.pem"),
            },
          }),
      ...(options.metrics === true
        ? { debug: { addr: metricsHost(port), prometheus: { enabled: true, path: "/metrics" } } }
        : {}),
    },
    ...(options.htpasswdFile === undefined
      ? {}
      : { auth: { htpasswd: { realm: "tests", path: options.htpasswdFile } } }),
  };
}

/** Without REGISTRY_… variables, which override the file, and with 3.1's trace exporter, on by default, off. */
function environment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(REGISTRY|OTEL)_/.test(name));
  return { ...Object.fromEntries(kept), OTEL_TRACES_EXPORTER: "none" };
}

async function answersAsRegistry(port: number, statuses: readonly number[]): Promise<boolean> {
  try {
    const { status } = await rawHttp(`http://127.0.0.1:${port}/v2/`);
    return statuses.includes(status);
  } catch {
    return false;
  }
}
