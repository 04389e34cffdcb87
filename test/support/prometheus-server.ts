import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { rawHttp } from "./raw-http";
import { requireTool } from "./require-tool";
import { ServerProcess } from "./server-process";

/** One series of an instant query's answer. */
export interface QueryResult {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const POLL_MS = 50;

/** A running Prometheus with a memory of its own, on loopback. */
export class PrometheusServer {
  private constructor(
    private readonly server: ServerProcess,
    private readonly folder: string,
  ) {}

  /** @param config text of prometheus.yml; a scrape_interval of a second is the least that it takes well */
  static async start(config: string): Promise<PrometheusServer> {
    const folder = mkdtempSync(join(tmpdir(), "tallyman-prometheus-"));
    try {
      const file = join(folder, "prometheus.yml");
      writeFileSync(file, config);
      const server = await ServerProcess.start({
        command: requireTool("prometheus"),
        args: (port) => [
          `--config.file=${file}`,
          `--storage.tsdb.path=${join(folder, "data")}`,
          `--web.listen-address=127.0.0.1:${port}`,
          "--log.level=warn",
        ],
        isReady,
        folder,
      });
      return new PrometheusServer(server, folder);
    } catch (error) {
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** @throws Error with Prometheus' own words where it refuses the query */
  async query(expr: string): Promise<readonly QueryResult[]> {
    const url = `http://127.0.0.1:${this.server.port}/api/v1/query?query=${encodeURIComponent(expr)}`;
    const { body } = await rawHttp(url);
    const answer: unknown = JSON.parse(body.toString("utf8"));
    if (field(answer, "status") !== "success") throw new Error(`${expr}: ${String(field(answer, "error"))}`);
    const result = field(field(answer, "data"), "result");
    if (!Array.isArray(result)) throw new Error(`${expr}: no vector`);
    return result.map((one: unknown) => ({
      labels: stringMap(field(one, "metric")),
      value: Number(field(field(one, "value"), "1")),
    }));
  }

  /** Resolves with the query's answer once it is not empty. */
  async queryUntilThere(expr: string, timeoutMs = 15_000): Promise<readonly QueryResult[]> {
    const end = performance.now() + timeoutMs;
    for (;;) {
      const result = await this.query(expr);
      if (result.length > 0) return result;
      if (performance.now() > end) throw new Error(`nothing for ${expr} in ${timeoutMs} ms`);
      await sleep(POLL_MS);
    }
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

function field(value: unknown, key: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  return Object.entries(value).find(([name]) => name === key)?.[1];
}

function stringMap(value: unknown): Record<string, string> {
  if (typeof value !== "object" || value === null) return {};
  return Object.fromEntries(Object.entries(value).map(([key, text]) => [key, String(text)]));
}
