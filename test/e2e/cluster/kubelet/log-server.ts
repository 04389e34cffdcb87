import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import { join } from "node:path";
import { requireTool } from "../../../support/require-tool";
import type { ContainerLog, LogLine } from "./container-log";

/** Finds a container's log; a text says why there is none. */
export type FindLog = (
  namespace: string,
  pod: string,
  container: string,
  isPrevious: boolean,
) => ContainerLog | string;

/** Where the API server fetches what `kubectl logs` shows: by HTTPS, with a certificate that it does not verify. */
export class LogServer {
  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {}

  /** @param folder for the key and the certificate */
  static async start(folder: string, find: FindLog): Promise<LogServer> {
    const key = join(folder, "kubelet.key");
    const cert = join(folder, "kubelet.crt");
    const openssl = requireTool("openssl");
    execFileSync(
      openssl,
      [
        ...[
          "req",
          "-x509",
          "-newkey",
          "ec",
          "-pkeyopt",
          "ec_paramgen_curve:prime256v1",
          "-nodes",
          "-days",
          "2",
        ],
        ...["-subj", "/CN=kubelet", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", cert],
      ],
      { stdio: "ignore", timeout: 20_000 },
    );
    const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (request, response) => {
      const url = new URL(request.url ?? "/", "https://kubelet");
      const [, kind, namespace = "", pod = "", container = ""] = url.pathname
        .split("/")
        .map(decodeURIComponent);
      if (request.method !== "GET" || kind !== "containerLogs") {
        return refuse(response, 404, "the kubelet stand-in serves logs alone");
      }
      const found = find(namespace, pod, container, url.searchParams.get("previous") === "true");
      if (typeof found === "string") return refuse(response, 404, found);
      response.writeHead(200, { "content-type": "text/plain; charset=utf-8" });
      streamLog(found, url.searchParams, response);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    return new LogServer(server, typeof address === "object" && address !== null ? address.port : 0);
  }

  async stop(): Promise<void> {
    const closed = once(this.server, "close");
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }
}

function refuse(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { "content-type": "text/plain" });
  response.end(`${text}\n`);
}

function streamLog(log: ContainerLog, query: URLSearchParams, response: ServerResponse): void {
  const withTime = query.get("timestamps") === "true";
  const write = (lines: readonly LogLine[]): void => {
    if (lines.length > 0) response.write(renderLines(lines, withTime));
  };
  const all = log.read();
  let seen = all.length;
  write(selectLines(all, query, Date.now()));
  if (query.get("follow") !== "true" || log.ended) {
    response.end();
    return;
  }
  const stopListening = log.listen(() => {
    const now = log.read();
    write(now.slice(seen));
    seen = now.length;
    if (log.ended) response.end();
  });
  response.on("close", stopListening);
}

/** The lines that `tailLines` and `sinceSeconds` leave. */
export function selectLines(
  lines: readonly LogLine[],
  query: URLSearchParams,
  nowMs: number,
): readonly LogLine[] {
  const since = query.get("sinceSeconds");
  const tail = query.get("tailLines");
  const recent = since === null ? lines : lines.filter(({ atMs }) => atMs >= nowMs - Number(since) * 1_000);
  return tail === null ? recent : recent.slice(Math.max(0, recent.length - Number(tail)));
}

/** Each line ends with a line feed. */
export function renderLines(lines: readonly LogLine[], withTime: boolean): string {
  return lines
    .map(({ atMs, text }) => `${withTime ? `${new Date(atMs).toISOString()} ` : ""}${text}\n`)
    .join("");
}
