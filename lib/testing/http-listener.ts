import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";

const LOOPBACK = "127.0.0.1";

export interface TlsMaterial {
  /** PEM. */
  readonly key: string | Buffer;
  /** PEM, with the chain. */
  readonly cert: string | Buffer;
}

/** A server on a loopback port, which counts its connections and can end them all. */
export class HttpListener {
  #connections = 0;

  private constructor(
    private readonly server: Server,
    readonly scheme: "http" | "https",
    readonly port: number,
  ) {
    server.on("connection", () => {
      this.#connections += 1;
    });
  }

  /** @param port 0 takes a free one */
  static async start(
    handle: (request: IncomingMessage, response: ServerResponse) => void,
    tls: TlsMaterial | null,
    port: number,
  ): Promise<HttpListener> {
    const server =
      tls === null ? createServer(handle) : createTlsServer({ key: tls.key, cert: tls.cert }, handle);
    // Longer than any test: a connection closed while idle races with the next request.
    server.keepAliveTimeout = 600_000;
    server.requestTimeout = 0;
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, LOOPBACK, resolve);
    });
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("the server has no TCP port");
    return new HttpListener(server, tls === null ? "http" : "https", address.port);
  }

  /** Connections accepted so far. */
  get connections(): number {
    return this.#connections;
  }

  /** `127.0.0.1:<port>` */
  get host(): string {
    return `${LOOPBACK}:${this.port}`;
  }

  /** `scheme://127.0.0.1:<port>` */
  get origin(): string {
    return `${this.scheme}://${this.host}`;
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.server.closeAllConnections();
    await closed;
  }
}
