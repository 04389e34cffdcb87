/** https://prometheus.io/docs/alerting/latest/configuration/#webhook_config */
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { isObject } from "../../lib/oci/descriptor";

/** An alert as a message told it. */
export interface ToldAlert {
  readonly name: string;
  readonly status: "firing" | "resolved";
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

const POLL_MS = 50;

/** Whoever is paged: takes Alertmanager's messages, on loopback, and forgets none. */
export class WebhookReceiver {
  /** In the order in which they came. */
  readonly told: ToldAlert[] = [];

  private constructor(private readonly server: Server) {}

  static async start(): Promise<WebhookReceiver> {
    const server = createServer();
    const receiver = new WebhookReceiver(server);
    server.on("request", (request, response) => {
      receiver.take(request).then(
        () => response.writeHead(200).end(),
        // Alertmanager would retry a 5xx: a message that is not understood must fail the test by its absence.
        () => response.writeHead(400).end(),
      );
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return receiver;
  }

  get url(): string {
    const address = this.server.address();
    if (address === null || typeof address === "string") throw new Error("the receiver was closed");
    return `http://127.0.0.1:${address.port}/`;
  }

  /** Those whose last message said that they fire. */
  firing(): readonly ToldAlert[] {
    const last = new Map(
      this.told.map((alert) => [JSON.stringify(Object.entries(alert.labels).sort()), alert]),
    );
    return [...last.values()].filter(({ status }) => status === "firing");
  }

  /** Resolves once what was told is so; at the end of the time too, as the test then says better what is missing. */
  async waitUntil(isSo: () => boolean, timeoutMs: number): Promise<void> {
    const end = performance.now() + timeoutMs;
    while (!isSo() && performance.now() < end) await sleep(POLL_MS);
  }

  async close(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, "close");
  }

  private async take(request: IncomingMessage): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const message: unknown = JSON.parse(Buffer.concat(chunks).toString("utf8"));
    if (!isObject(message) || !Array.isArray(message.alerts)) throw new Error("no alerts in the message");
    this.told.push(...message.alerts.map(readAlert));
  }
}

function readAlert(alert: unknown): ToldAlert {
  if (!isObject(alert) || (alert.status !== "firing" && alert.status !== "resolved")) {
    throw new Error(`no alert: ${JSON.stringify(alert)}`);
  }
  const labels = readStrings(alert.labels);
  return {
    name: labels.alertname ?? "",
    status: alert.status,
    labels,
    annotations: readStrings(alert.annotations),
  };
}

function readStrings(value: unknown): Readonly<Record<string, string>> {
  if (!isObject(value)) throw new Error(`no object: ${JSON.stringify(value)}`);
  return Object.fromEntries(Object.entries(value).map(([key, text]) => [key, String(text)]));
}
