import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rawHttp } from "./raw-http";
import { requireTool } from "./require-tool";
import { ServerProcess } from "./server-process";

/** A running Pushgateway with a memory of its own, on loopback. */
export class Pushgateway {
  private constructor(
    private server: ServerProcess,
    private readonly folder: string,
  ) {}

  static async start(): Promise<Pushgateway> {
    const folder = mkdtempSync(join(tmpdir(), "tallyman-pushgateway-"));
    try {
      return new Pushgateway(await serve(folder), folder);
    } catch (error) {
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** `127.0.0.1:<port>`, the same after a restart. */
  get host(): string {
    return `127.0.0.1:${this.server.port}`;
  }

  /** Without a slash at the end. */
  get url(): string {
    return `http://${this.host}`;
  }

  /** The sample lines that Prometheus would scrape and whose metric name begins so, in the gateway's order. */
  async samples(prefix: string): Promise<readonly string[]> {
    const { body } = await rawHttp(`${this.url}/metrics`);
    return body
      .toString("utf8")
      .split("\n")
      .filter((line) => line.startsWith(prefix));
  }

  /** A new process on the same port that knows nothing: as after the loss of its volume, or where it had none. */
  async restartEmpty(): Promise<void> {
    const { port } = this.server;
    await this.server.stop();
    rmSync(persistenceFile(this.folder), { force: true });
    this.server = await serve(this.folder, port);
  }

  /** Nobody answers any more. */
  async halt(): Promise<void> {
    await this.server.stop();
  }

  async stop(): Promise<void> {
    await this.server.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function serve(folder: string, port?: number): Promise<ServerProcess> {
  return ServerProcess.start({
    command: requireTool("prometheus-pushgateway"),
    args: (chosenPort) => [
      `--web.listen-address=127.0.0.1:${chosenPort}`,
      `--persistence.file=${persistenceFile(folder)}`,
      "--log.level=warn",
    ],
    isReady,
    folder,
    ...(port === undefined ? {} : { port }),
  });
}

function persistenceFile(folder: string): string {
  return join(folder, "metrics");
}

async function isReady(port: number): Promise<boolean> {
  try {
    return (await rawHttp(`http://127.0.0.1:${port}/-/ready`)).status === 200;
  } catch {
    return false;
  }
}
