import { collect, errorOf, Harness } from "./harness";
import { cutAfter, type Handler, json, refuse } from "./scripted-server";

const harness = new Harness();
afterEach(() => harness.end());

describe("the catalogue", () => {
  test("is read page by page, by relative and by absolute Links, at the base's own host", async () => {
    const server = await harness.serve((request, response) => {
      if (request.url === "/v2/_catalog?n=1000") {
        return json(response, { repositories: ["a", "b"] }, 200, {
          link: '</v2/_catalog?last=b&n=1000>; rel="next"',
        });
      }
      if (request.url === "/v2/_catalog?last=b&n=1000") {
        const link = '<https://elsewhere.example/v2/_catalog?last=c>; rel="next"';
        return json(response, { repositories: ["b", "c"] }, 200, { link });
      }
      json(response, { repositories: ["d"] });
    });
    const client = harness.client(server);
    expect(await collect(client.catalogue())).toEqual([["a", "b"], ["c"], ["d"]]);
    expect(server.seen.map((one) => one.url).at(-1)).toBe("/v2/_catalog?last=c");
    expect(client.stats.requests).toBe(3);
  });

  test.each([404, 405])("%s means that there is none", async (status) => {
    const server = await harness.serve((_request, response) => refuse(response, status, "UNSUPPORTED"));
    const error = await errorOf(collect(harness.client(server).catalogue()));
    expect([error.code, error.status, server.seen.length]).toEqual(["catalog_unsupported", status, 1]);
  });

  const page =
    (type: string, body: string): Handler =>
    (_request, response) => {
      response.writeHead(200, { "content-type": type });
      response.end(body);
    };
  test.each<[string, Handler, string]>([
    ["a sign-in page", page("text/html", "<html>"), "bad_response"],
    ["a sign-in page in disguise", page("application/json", "<html>"), "bad_response"],
    ["JSON cut short", page("application/json", '{"repositories": ["a"'), "bad_response"],
    ["another shape", page("application/json", '{"tags": ["a"]}'), "bad_response"],
    ["names that are none", page("application/json", '{"repositories": ["a", 1]}'), "bad_response"],
    ["20 MB", page("application/json", `["${"a".repeat(20_000_000)}"]`), "body_too_large"],
    [
      "an HTML 404",
      (_request, response) => {
        response.writeHead(404, { "content-type": "text/html" });
        response.end("<html>");
      },
      "bad_response",
    ],
    [
      "401 without a challenge",
      (_request, response) => refuse(response, 401, "UNAUTHORIZED"),
      "unauthorized",
    ],
    ["403", (_request, response) => refuse(response, 403, "DENIED"), "unauthorized"],
    ["500 for ever", (_request, response) => refuse(response, 500, "UNKNOWN"), "server_error"],
    ["a teapot", (_request, response) => refuse(response, 418, "TEAPOT"), "bad_response"],
    [
      "always cut",
      (_request, response) => cutAfter(response, 200, { "content-length": 50 }, '{"re'),
      "unreachable",
    ],
    [
      "a loop",
      (request, response) => {
        json(response, { repositories: [request.url] }, 200, { link: '</v2/_catalog?p=2>; rel="next"' });
      },
      "bad_response",
    ],
  ])("%s is no list", async (_name, handler, code) => {
    const server = await harness.serve(handler);
    const error = await errorOf(collect(harness.client(server).catalogue()));
    expect(error.code).toBe(code);
  });

  test("a page cut once is read again", async () => {
    const server = await harness.serve((_request, response, nth) => {
      if (nth === 0) cutAfter(response, 200, { "content-length": 500 }, '{"repositories"');
      else json(response, { repositories: ["a"] });
    });
    expect(await collect(harness.client(server).catalogue())).toEqual([["a"]]);
  });
});

describe("the tags", () => {
  test("an empty repository has a page without tags", async () => {
    const server = await harness.serve((_request, response) => json(response, { name: "a", tags: null }));
    expect(await collect(harness.client(server).tags("a"))).toEqual([{ kind: "tags", tags: [] }]);
  });

  test("a repository that the registry does not know is unlisted; a 404 that does not say so is no answer", async () => {
    const server = await harness.serve((request, response) =>
      refuse(response, 404, request.url.includes("gone") ? "NAME_UNKNOWN" : "NOT_FOUND"),
    );
    const client = harness.client(server);
    expect(await collect(client.tags("team/gone"))).toEqual([{ kind: "unlisted" }]);
    expect((await errorOf(collect(client.tags("team/other")))).code).toBe("bad_response");
    expect(server.seen).toHaveLength(2);
  });

  const all = Array.from({ length: 2500 }, (_, i) => `t${String(i).padStart(4, "0")}`);

  test("full pages without Link go on by last", async () => {
    const server = await harness.serve((request, response) => {
      const url = new URL(request.url, "http://r");
      const last = url.searchParams.get("last") ?? "";
      json(response, { tags: all.filter((tag) => tag > last).slice(0, Number(url.searchParams.get("n"))) });
    });
    const pages = await collect(harness.client(server).tags("a"));
    expect(pages.flatMap((page) => (page.kind === "tags" ? page.tags : []))).toEqual(all);
    expect(server.seen).toHaveLength(3);
  });

  test.each([
    [1000, 2],
    [1001, 1],
    [999, 1],
  ])("a registry that ignores n and last and has %d tags is asked %d times", async (count, requests) => {
    const server = await harness.serve((_request, response) => json(response, { tags: all.slice(0, count) }));
    const pages = await collect(harness.client(server).tags("a"));
    expect(pages.flatMap((page) => (page.kind === "tags" ? page.tags : []))).toEqual(all.slice(0, count));
    expect(server.seen).toHaveLength(requests);
  });
});

describe("anonymous access", () => {
  test.each([
    [200, "allowed"],
    [401, "refused"],
    [403, "refused"],
  ])("%d: %s", async (status, expected) => {
    const challenge = { "www-authenticate": 'Basic realm="r"' };
    const server = await harness.serve((_request, response) => json(response, {}, status, challenge));
    const client = harness.client(server, { credentials: { username: "ada", password: "pw" } });
    expect(await client.anonymousAccess()).toBe(expected);
    expect(server.seen.map((one) => [one.url, one.headers.authorization])).toEqual([["/v2/", undefined]]);
  });

  test.each([
    [404, {}, "bad_response"],
    [403, { "retry-after": "1" }, "throttled"],
    [200, { "content-type": "text/html" }, "bad_response"],
  ])("%d with %j tells nothing", async (status, headers, code) => {
    const server = await harness.serve((_request, response) => json(response, {}, status, headers));
    expect((await errorOf(harness.client(server).anonymousAccess())).code).toBe(code);
  });
});
