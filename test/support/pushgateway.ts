import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rawHttp } from "./raw-http";
import { requireTool } from "./require-tool";
import { ServerProcess } from "./server-process";

/** A running Pushgateway with a memory of its own, on loopback. */
export class Pushgateway {
  private constructor(
    private readonly server: ServerProcess,
    private readonly folder: string,
  ) {}

  static async start(): Promise<Pushgateway> {
    const folder = mkdtempSync(join(tmpdir(), "tallyman-pushgateway-"));
    try {
      const server = await ServerProcess.start({
        command: requireTool("prometheus-pushgateway"),
        args: (port) => [
          `--web.listen-address=127.0.0.1:${port}`,
          `--persistence.file=${join(folder, "metrics")}`,
          "--log.level=warn",
        ],
        isReady,
        folder,
      });
      return new Pushgateway(server, folder);
    } catch (error) {
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** Without a slash at the end. */
  get url(): string {
    return `http://127.0.0.1:${this.server.port}`;
  }

  /** The sample lines that Prometheus would scrape and whose metric name begins so, in the gateway's order. */
  async samples(prefix: string): Promise<readonly string[]> {
    const { body } = await rawHttp(`${this.url}/metrics`);
    return body
      .toString("utf8")
      .split("\n")
      .filter((line) => line.startsWith(prefix));
  }

  async stop(): Promise<void> {
    await this.server.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

async function isReady(port: number): Promise<boolean> {
  try {
    return (await rawHttp(`http://127.0.0.1:${port}/-/ready`)).status === 200;
  } catch {
    return false;
  }
}
