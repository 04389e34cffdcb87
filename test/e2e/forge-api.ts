import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";

export interface ForgeComment {
  readonly id: number;
  body: string;
  readonly user: { readonly login: string };
}

const PAGE = 100;

/** As much of GitHub's and Forgejo's API as a comment on pull request 7 of o/r needs, on loopback. */
export class ForgeApi {
  readonly comments: ForgeComment[] = [];
  /** `METHOD path`, in their order. */
  readonly requests: string[] = [];
  /** Of the open pull request. */
  headSha = "";
  state = "open";

  private constructor(
    private readonly server: Server,
    /** Of whom the token is. */
    private readonly login: string,
  ) {}

  static async start(login: string): Promise<ForgeApi> {
    const server = createServer();
    const api = new ForgeApi(server, login);
    server.on("request", async (request, response) => {
      const { status, value, link } = await api.answer(request);
      response.writeHead(status, { "content-type": "application/json", ...(link ? { link } : {}) });
      response.end(JSON.stringify(value));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return api;
  }

  get url(): string {
    const { port } = this.server.address() as AddressInfo;
    return `http://127.0.0.1:${port}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, "close");
  }

  private async answer(request: IncomingMessage): Promise<{ status: number; value: unknown; link?: string }> {
    const { method = "", url = "" } = request;
    this.requests.push(`${method} ${url}`);
    if (request.headers.authorization !== "Bearer the-token") return { status: 401, value: {} };
    const { pathname, searchParams } = new URL(url, this.url);
    const pull = { number: 7, state: this.state, head: { sha: this.headSha } };
    if (pathname === "/repos/o/r/pulls/7") return { status: 200, value: pull };
    if (pathname === "/repos/o/r/pulls") {
      const isAsked = searchParams.get("state") === "open" && searchParams.get("head") === "someone:fix/a b";
      return { status: 200, value: isAsked ? [pull] : [] };
    }
    if (pathname === "/repos/o/r/issues/7/comments" && method === "GET") {
      const page = Number(searchParams.get("page"));
      const value = this.comments.slice((page - 1) * PAGE, page * PAGE);
      const link = page * PAGE < this.comments.length ? { link: '<x>; rel="next"' } : {};
      return { status: 200, value, ...link };
    }
    let text = "";
    for await (const chunk of request) text += chunk;
    const { body } = JSON.parse(text) as { body: string };
    if (body.length >= 65_536) return { status: 422, value: {} };
    if (pathname === "/repos/o/r/issues/7/comments") {
      const comment = { id: this.comments.length + 1, body, user: { login: this.login } };
      this.comments.push(comment);
      return { status: 201, value: comment };
    }
    const comment = this.comments.find(({ id }) => pathname === `/repos/o/r/issues/comments/${id}`);
    if (method !== "PATCH" || comment === undefined) return { status: 404, value: {} };
    comment.body = body;
    return { status: 200, value: comment };
  }
}
