import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, request, type Server } from "node:https";
import { join } from "node:path";
import { freePort } from "../../support/server-process";
import type { ControlPlane } from "./control-plane";
import { renderKubeconfig } from "./kubeconfig";

export interface ApiProxyHooks {
  /** @param call as `POST /api/v1/namespaces`; what it throws drops the connection */
  readonly beforeForward?: (call: string) => Promise<void>;
  /** The API server has done it, and whoever asked does not know it yet. */
  readonly beforeAnswer?: (call: string) => Promise<void>;
}

/** Stands before an API server and lets a test act at one moment of a request; it has the server's own certificate. */
export class ApiProxy {
  private constructor(
    /** That leads here. */
    readonly kubeconfig: string,
    private readonly server: Server,
  ) {}

  static async start(plane: ControlPlane, hooks: ApiProxyHooks): Promise<ApiProxy> {
    const read = (name: string) => readFileSync(join(plane.folder, "pki", name));
    const tls = { cert: read("apiserver.crt"), key: read("apiserver.key") };
    const server = createServer(tls, (incoming, answer) => {
      // Whatever fails looks to the caller as a server that died.
      pass(plane, hooks, incoming, answer).catch(() => answer.destroy());
    });
    const port = await freePort();
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    const kubeconfig = join(plane.folder, `kubeconfig-${port}`);
    const text = renderKubeconfig({ url: `https://127.0.0.1:${port}`, token: plane.token, ca: plane.ca });
    writeFileSync(kubeconfig, text, { mode: 0o600 });
    return new ApiProxy(kubeconfig, server);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, "close");
  }
}

async function pass(
  plane: ControlPlane,
  hooks: ApiProxyHooks,
  incoming: IncomingMessage,
  answer: ServerResponse,
): Promise<void> {
  const { method = "GET", url = "/", headers } = incoming;
  const call = `${method} ${url.replace(/\?.*$/, "")}`;
  const body = await readAll(incoming);
  await hooks.beforeForward?.(call);
  const sent = request(new URL(url, plane.url), { method, headers, ca: plane.ca, agent: false });
  sent.end(body);
  const [found]: IncomingMessage[] = await once(sent, "response");
  if (found === undefined) throw new Error(`no answer to ${call}`);
  const content = await readAll(found);
  await hooks.beforeAnswer?.(call);
  const { "transfer-encoding": _, connection: __, ...kept } = found.headers;
  answer.writeHead(found.statusCode ?? 502, { ...kept, "content-length": content.length });
  answer.end(content);
}

async function readAll(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}
