/** A registry of any size that keeps nothing: every answer is a function of the question, reckoned when it is asked. */
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { GeneratedImages, type GeneratedShape } from "./generated-images";
import type { ExpectedCounts } from "./probe";

export type { GeneratedShape } from "./generated-images";

export interface GeneratedRegistry {
  readonly url: string;
  readonly counts: ExpectedCounts;
  /** Of blobs that were asked for, of whatever kind and however often. */
  readonly blobRequests: number;
  /** Whether the blobs that were asked for are those that there are, each once: their sum is the same. */
  readonly isEachBlobAskedOnce: boolean;
  stop(): Promise<void>;
}

/** Over plain HTTP on loopback, in this process: it is to have nothing else to do. */
export async function startGeneratedRegistry(shape: GeneratedShape): Promise<GeneratedRegistry> {
  const images = new GeneratedImages(shape);
  const asked = { count: 0, sum: 0 };
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    answerRequests(socket, (head) => answer(images, shape, head, asked));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${portOf(server)}`,
    counts: images.counts,
    get blobRequests() {
      return asked.count;
    },
    get isEachBlobAskedOnce() {
      return asked.count === images.counts.blobs && asked.sum === images.sumOfBlobs();
    },
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** Requests have no bodies here; what is read at once is answered at once, in order. */
function answerRequests(socket: Socket, reply: (head: string) => string): void {
  let waiting = "";
  socket.setEncoding("latin1");
  socket.on("data", (chunk: string) => {
    const parts = (waiting + chunk).split("\r\n\r\n");
    waiting = parts.pop() ?? "";
    if (parts.length > 0) socket.write(parts.map(reply).join(""), "latin1");
  });
}

const NOT_FOUND = `HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\n{}`;

function answer(
  images: GeneratedImages,
  shape: GeneratedShape,
  head: string,
  asked: { count: number; sum: number },
): string {
  const [, method = "", path = ""] = /^(GET|HEAD) (\/v2\/[^ ?]*)/.exec(head) ?? [];
  const [, repository = "", kind, reference = ""] =
    /^\/v2\/(.+)\/(manifests|blobs|tags)\/([^/]+)$/.exec(path) ?? [];
  const withBody = (type: string, body: string, more = "") =>
    `HTTP/1.1 200 OK\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}\r\n${more}\r\n${method === "HEAD" ? "" : body}`;
  if (path === "/v2/") return withBody("application/json", "{}");
  if (path === "/v2/_catalog") {
    return withBody("application/json", JSON.stringify({ repositories: images.repositories }));
  }
  const at = images.repositories.indexOf(repository);
  if (at < 0) return NOT_FOUND;
  if (kind === "tags") {
    return withBody("application/json", JSON.stringify({ name: repository, tags: images.tags }));
  }
  if (kind === "manifests") {
    const manifest = images.manifest(at, reference);
    if (manifest === null) return NOT_FOUND;
    return withBody(manifest.mediaType, manifest.body, `Docker-Content-Digest: ${manifest.digest}\r\n`);
  }
  if (kind !== "blobs") return NOT_FOUND;
  asked.count++;
  asked.sum = images.addToSum(asked.sum, reference);
  const config = images.config(reference);
  if (config !== null && !/\r\nrange:/i.test(head)) return withBody("application/octet-stream", config);
  const size = config?.length ?? shape.layerBytes;
  const [, first] = /\r\nrange: bytes=(\d+)-\1(?=\r\n|$)/i.exec(head) ?? [];
  if (first === undefined) {
    // A HEAD: nobody is to read layers whole here.
    return `HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: ${size}\r\n\r\n`;
  }
  const byte = config?.[Number(first)] ?? "x";
  return `HTTP/1.1 206 Partial Content\r\nContent-Type: application/octet-stream\r\nContent-Length: 1\r\nContent-Range: bytes ${first}-${first}/${size}\r\n\r\n${byte}`;
}
