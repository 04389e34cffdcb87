/** A small HTTP server for strangers: it reads no body, and gives nobody more than a few kilobytes and seconds. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";

export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string | Buffer;
  /** Beside the usual ones. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface HttpFrontOptions {
  /** null: all interfaces. */
  readonly host: string | null;
  /** 0 takes a free one. */
  readonly port: number;
  /** @param path without its query */
  readonly answer: (path: string) => Answer;
  /** What `answer` threw; whoever asked gets a 500 without it. */
  readonly onError: (error: unknown) => void;
}

export interface HttpFrontLimits {
  /** Request line and headers. */
  readonly maxHeaderBytes: number;
  readonly maxUrlLength: number;
  readonly maxConnections: number;
  /** From the first byte of a request to the end of its headers. */
  readonly requestTimeoutMs: number;
  /** Until an answer has been taken. */
  readonly answerTimeoutMs: number;
  /** What answers under way are given by `close`. */
  readonly closeWithinMs: number;
}

export const FRONT_LIMITS: HttpFrontLimits = {
  maxHeaderBytes: 8 * 1024,
  maxUrlLength: 2048,
  maxConnections: 64,
  requestTimeoutMs: 5_000,
  answerTimeoutMs: 30_000,
  closeWithinMs: 250,
};

const METHODS = ["GET", "HEAD"];
const KEEP_ALIVE_MS = 5_000;

const GUARDS: Readonly<Record<string, string>> = {
  "Cache-Control": "no-store",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
};

export class HttpFront {
  private constructor(
    private readonly server: Server,
    /** The one that was taken. */
    readonly port: number,
    private readonly limits: HttpFrontLimits,
  ) {}

  /** Resolves when it listens; rejects with node's error where the address cannot be had. */
  static async listen(options: HttpFrontOptions, limits = FRONT_LIMITS): Promise<HttpFront> {
    const server = createServer(
      {
        maxHeaderSize: limits.maxHeaderBytes,
        headersTimeout: limits.requestTimeoutMs,
        requestTimeout: limits.requestTimeoutMs,
        connectionsCheckingInterval: Math.min(1_000, limits.requestTimeoutMs),
        keepAliveTimeout: KEEP_ALIVE_MS,
      },
      (request, response) => {
        const timer = setTimeout(() => response.destroy(), limits.answerTimeoutMs);
        response.on("close", () => clearTimeout(timer));
        send(request, response, answerTo(request, options, limits));
      },
    );
    server.maxConnections = limits.maxConnections;
    // Without a listener node would say 100 Continue, and take the body.
    server.on("checkContinue", (request: IncomingMessage, response: ServerResponse) => {
      send(request, response, plain(417, "no request has a body here"));
    });
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      const address = options.host === null ? {} : { host: options.host };
      server.listen({ ...address, port: options.port }, () => {
        server.removeListener("error", reject);
        resolve();
      });
    });
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : options.port;
    return new HttpFront(server, port, limits);
  }

  /** Resolves when every connection is gone; answers under way have a moment to be taken. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.server.closeIdleConnections();
    const timer = setTimeout(() => this.server.closeAllConnections(), this.limits.closeWithinMs);
    await closed;
    clearTimeout(timer);
  }
}

function answerTo(request: IncomingMessage, options: HttpFrontOptions, limits: HttpFrontLimits): Answer {
  const { method = "", url = "" } = request;
  if (!METHODS.includes(method)) {
    return { ...plain(405, "only GET and HEAD are answered"), headers: { Allow: METHODS.join(", ") } };
  }
  if (hasBody(request)) return plain(413, "no request has a body here");
  if (url.length > limits.maxUrlLength) return plain(414, "the URL is too long");
  try {
    return options.answer(url.split("?", 1)[0] ?? "");
  } catch (error) {
    options.onError(error);
    return plain(500, "unexpected error: the log says which");
  }
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || (headers["content-length"] ?? "0") !== "0";
}

function send(request: IncomingMessage, response: ServerResponse, answer: Answer): void {
  const { status, contentType, body, headers } = answer;
  // A body that nobody read would be taken for the next request.
  const isOver = hasBody(request) || !METHODS.includes(request.method ?? "");
  response.writeHead(status, {
    ...GUARDS,
    ...(isOver ? { Connection: "close" } : {}),
    ...headers,
    "Content-Type": contentType,
    "Content-Length": Buffer.byteLength(body),
  });
  response.end(request.method === "HEAD" ? undefined : body);
}

/** A line of text. */
export function plain(status: number, text: string): Answer {
  return { status, contentType: "text/plain; charset=utf-8", body: `${text}\n` };
}
