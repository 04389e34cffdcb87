/** https://prometheus.io/docs/alerting/latest/configuration/ */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { renderYaml, type YamlValue } from "../../lib/text/yaml";
import { rawHttp } from "./raw-http";
import { requireTool } from "./require-tool";
import { ServerProcess } from "./server-process";

export interface AlertmanagerOptions {
  /** Is sent every alert, each in a message of its own, and its end. */
  readonly webhook: string;
  /** YAML with the one key `inhibit_rules`. */
  readonly inhibitRules: string;
  /** How long a new alert waits for one that inhibits it. */
  readonly groupWaitMs: number;
}

/** A running Alertmanager with a memory of its own, on loopback, alone. */
export class AlertmanagerServer {
  private constructor(
    private readonly server: ServerProcess,
    private readonly folder: string,
  ) {}

  static async start(options: AlertmanagerOptions): Promise<AlertmanagerServer> {
    const folder = mkdtempSync(join(tmpdir(), "tallyman-alertmanager-"));
    try {
      const file = join(folder, "alertmanager.yml");
      writeFileSync(file, `${renderYaml(configuration(options))}${options.inhibitRules}`);
      const server = await ServerProcess.start({
        command: requireTool("prometheus-alertmanager"),
        args: (port) => [
          `--config.file=${file}`,
          `--storage.path=${join(folder, "data")}`,
          `--web.listen-address=127.0.0.1:${port}`,
          "--cluster.listen-address=",
          "--log.level=warn",
        ],
        isReady,
        folder,
      });
      return new AlertmanagerServer(server, folder);
    } catch (error) {
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** `127.0.0.1:<port>`, as Prometheus' `alertmanagers` takes it. */
  get host(): string {
    return `127.0.0.1:${this.server.port}`;
  }

  log(): string {
    return this.server.log();
  }

  async stop(): Promise<void> {
    await this.server.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function configuration({ webhook, groupWaitMs }: AlertmanagerOptions): YamlValue {
  return {
    route: {
      receiver: "webhook",
      group_by: ["..."],
      group_wait: `${groupWaitMs}ms`,
      group_interval: "1s",
      repeat_interval: "1d",
    },
    receivers: [{ name: "webhook", webhook_configs: [{ url: webhook, send_resolved: true }] }],
  };
}

async function isReady(port: number): Promise<boolean> {
  try {
    return (await rawHttp(`http://127.0.0.1:${port}/-/ready`)).status === 200;
  } catch {
    return false;
  }
}
