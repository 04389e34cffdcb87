import { type AddressInfo, createServer, type Server, type Socket } from "node:net";

/** Answers one request, told by its head, with whatever bytes; `nth` counts the requests of one connection from 0. */
export type RawAnswer = (socket: Socket, head: string, nth: number, connection: number) => void;

/** A server on loopback that writes bytes and not HTTP. It understands requests without a body alone. */
export class RawServer {
  /** Request lines, in the order in which they came. */
  readonly seen: string[] = [];
  connections = 0;
  closed = 0;
  readonly sockets = new Set<Socket>();

  private constructor(private readonly server: Server) {}

  static async start(answer: RawAnswer): Promise<RawServer> {
    const server = createServer();
    const raw = new RawServer(server);
    server.on("connection", (socket) => raw.accept(socket, answer));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return raw;
  }

  url(): URL {
    return new URL(`http://127.0.0.1:${(this.server.address() as AddressInfo).port}/`);
  }

  /** Resolves when the server saw so many of its connections end. */
  async sawClosed(count: number): Promise<void> {
    while (this.closed < count) await new Promise((resolve) => setTimeout(resolve, 2));
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  private accept(socket: Socket, answer: RawAnswer): void {
    const connection = this.connections;
    this.connections += 1;
    this.sockets.add(socket);
    let received = "";
    let nth = 0;
    socket.on("error", () => undefined);
    socket.on("close", () => {
      this.closed += 1;
      this.sockets.delete(socket);
    });
    socket.on("data", (chunk) => {
      received += chunk.toString("latin1");
      for (let end = received.indexOf("\r\n\r\n"); end >= 0; end = received.indexOf("\r\n\r\n")) {
        const head = received.slice(0, end);
        received = received.slice(end + 4);
        this.seen.push(head.slice(0, head.indexOf("\r\n")));
        answer(socket, head, nth, connection);
        nth += 1;
      }
    });
  }
}

/** A whole answer of 200 with a length. */
export function ok(body = "{}", headers = ""): string {
  return `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n${headers}\r\n${body}`;
}
