import { MediaType } from "../../lib/oci/media-type";
import { collect, errorOf, Harness } from "./harness";
import { json, refuse, type ScriptedServer, type SeenRequest } from "./scripted-server";

const harness = new Harness();
afterEach(() => harness.end());

const credentials = { username: "ada", password: "s3cret:pw" };
const basic = `Basic ${Buffer.from("ada:s3cret:pw").toString("base64")}`;
const SECRETS = ["s3cret", basic.slice(6), "t0ken"];

interface Bearer {
  /** Of the realm; the registry itself when there is none. */
  readonly realm?: string;
  readonly answer?: Record<string, unknown>;
  readonly accepts?: (request: SeenRequest) => boolean;
  readonly challenge?: string;
}

/** A registry that wants a token for each repository, and gives them at /token. */
async function bearerRegistry(bearer: Bearer = {}): Promise<{ server: ScriptedServer; tokens: () => URL[] }> {
  let issued = 0;
  const server: ScriptedServer = await harness.serve((request, response) => {
    if (request.url.startsWith("/token")) {
      issued += 1;
      return json(response, bearer.answer ?? { token: `t0ken-${issued}` });
    }
    const accepts = bearer.accepts ?? ((one) => one.headers.authorization === `Bearer t0ken-${issued}`);
    if (accepts(request)) return void response.end("{}");
    const realm = bearer.realm ?? server.url("/token").href;
    const challenge = bearer.challenge ?? `Bearer realm="${realm}",service="reg, istry",scope="wrong"`;
    refuse(response, 401, "UNAUTHORIZED", { "www-authenticate": challenge });
  });
  return { server, tokens: () => tokenRequests(server) };
}

function tokenRequests(server: ScriptedServer): URL[] {
  return server.seen.filter((one) => one.url.startsWith("/token")).map((one) => new URL(one.url, "http://r"));
}

function authorizations(server: ScriptedServer): unknown[] {
  return server.seen.map((one) => one.headers.authorization);
}

describe("Bearer", () => {
  test("a token for the repository's scope, kept for later requests", async () => {
    const { server, tokens } = await bearerRegistry();
    const client = harness.client(server, { credentials });
    await client.manifest("team/app", "1");
    await client.manifest("team/app", "2");
    expect(tokens().map((url) => Object.fromEntries(url.searchParams))).toEqual([
      { service: "reg, istry", scope: "repository:team/app:pull" },
    ]);
    expect(authorizations(server)).toEqual([undefined, basic, "Bearer t0ken-1", "Bearer t0ken-1"]);
    expect(client.stats.requests).toBe(4);
  });

  test("the tokens of the last 256 scopes are kept, no more", async () => {
    const accepts = (request: SeenRequest): boolean => request.headers.authorization === "Bearer t0ken";
    const { server, tokens } = await bearerRegistry({
      answer: { token: "t0ken", expires_in: 3600 },
      accepts,
    });
    const client = harness.client(server);
    for (let i = 0; i <= 256; i += 1) await client.manifest(`r${i}`, "1");
    expect(tokens()).toHaveLength(257);
    await client.manifest("r1", "1");
    await client.manifest("r256", "1");
    expect(tokens()).toHaveLength(257);
    await client.manifest("r0", "1");
    expect(tokens()).toHaveLength(258);
  });

  test("a query of the realm's own stays", async () => {
    const accepts = (request: SeenRequest): boolean => request.headers.authorization === "Bearer t0ken";
    const realm = await harness.serve((_request, response) => json(response, { token: "t0ken" }));
    const { server } = await bearerRegistry({ realm: realm.url("/token?tenant=x").href, accepts });
    await harness.client(server).manifest("a", "1");
    expect(realm.seen.map((one) => one.url)).toEqual([
      "/token?tenant=x&service=reg%2C+istry&scope=repository%3Aa%3Apull",
    ]);
  });

  test("another repository has a token of its own, asked for before the first request", async () => {
    const { server, tokens } = await bearerRegistry();
    const client = harness.client(server);
    await client.manifest("a", "1");
    await client.manifest("b", "1");
    await client.putManifest("b", "1", MediaType.ociManifest, Buffer.from("{}"));
    await errorOf(collect(client.catalogue()));
    expect(tokens().map((url) => url.searchParams.get("scope"))).toEqual([
      "repository:a:pull",
      "repository:b:pull",
      "repository:b:pull,push",
      "registry:catalog:*",
    ]);
    expect(server.seen).toHaveLength(9);
    expect(authorizations(server).filter((one) => one === basic)).toEqual([]);
  });

  test("is preferred to Basic, in one header or in several", async () => {
    for (const isJoined of [true, false]) {
      let realm = "";
      const server = await harness.serve((request, response) => {
        if (request.url.startsWith("/token")) return json(response, { access_token: "t0ken" });
        if (request.headers.authorization === "Bearer t0ken") return void response.end("{}");
        const challenges = ['Basic realm="a, b"', `Bearer realm="${realm}",service="s"`];
        response.setHeader("www-authenticate", isJoined ? challenges.join(", ") : challenges);
        response.writeHead(401).end();
      });
      realm = server.url("/token").href;
      const client = harness.client(server, { credentials });
      expect((await client.manifest("a", "1")).kind).toBe("present");
    }
  });

  test("concurrent requests share one token, and one renewal in mid-walk", async () => {
    let current = 1;
    const server: ScriptedServer = await harness.serve((request, response) => {
      const realm = server.url("/token").href;
      if (request.url.startsWith("/token"))
        return void setTimeout(() => json(response, { token: `t0ken-${current}` }), 20);
      if (request.headers.authorization === `Bearer t0ken-${current}`) return void response.end("{}");
      refuse(response, 401, "UNAUTHORIZED", { "www-authenticate": `Bearer realm="${realm}"` });
    });
    const client = harness.client(server, { concurrency: 8 });
    const askEight = (): Promise<unknown> =>
      Promise.all(Array.from({ length: 8 }, (_, i) => client.manifest("a", `${i}`)));
    await askEight();
    expect(tokenRequests(server)).toHaveLength(1);
    current = 2;
    await askEight();
    expect(tokenRequests(server)).toHaveLength(2);
  });

  test("a token is renewed at most once per request", async () => {
    const { server, tokens } = await bearerRegistry({ accepts: () => false });
    const client = harness.client(server, { credentials });
    expect((await errorOf(client.manifest("a", "1"))).code).toBe("unauthorized");
    expect(tokens()).toHaveLength(1);
    expect((await errorOf(client.manifest("a", "1"))).code).toBe("unauthorized");
    expect(tokens()).toHaveLength(2);
    expect(server.seen).toHaveLength(6);
  });

  test.each([
    [{ token: "t0ken" }, 53, 1],
    [{ token: "t0ken" }, 55, 2],
    [{ token: "t0ken", expires_in: 300 }, 289, 1],
    [{ token: "t0ken", expires_in: 300 }, 291, 2],
    [{ token: "t0ken", expires_in: -5 }, 53, 1],
    [{ token: "t0ken", expires_in: "300" }, 55, 2],
  ])("%j after %d seconds: asked for %d times", async (answer, seconds, requests) => {
    const { server, tokens } = await bearerRegistry({
      answer,
      accepts: (request) => request.headers.authorization === "Bearer t0ken",
    });
    const client = harness.client(server);
    await client.manifest("a", "1");
    harness.skewMs = seconds * 1000;
    await client.manifest("a", "2");
    expect(tokens()).toHaveLength(requests);
  });

  test("an identity token is posted as a refresh token, never in a URL", async () => {
    const { server } = await bearerRegistry();
    await harness.client(server, { credentials: { identityToken: "t0ken&x=1" } }).manifest("a", "1");
    const asked = server.seen[1];
    expect([asked?.method, asked?.url, asked?.headers.authorization]).toEqual(["POST", "/token", undefined]);
    expect(Object.fromEntries(new URLSearchParams(asked?.body))).toEqual({
      grant_type: "refresh_token",
      client_id: "tallyman",
      service: "reg, istry",
      scope: "repository:a:pull",
      refresh_token: "t0ken&x=1",
    });
  });

  test("credentials go to another host only where the user named it; else the token is asked anonymously", async () => {
    const realm = await harness.serve((_request, response) => json(response, { token: "t0ken" }));
    const accepts = (request: SeenRequest): boolean => request.headers.authorization === "Bearer t0ken";
    const { server } = await bearerRegistry({ realm: realm.url("/token").href, accepts });
    const stranger = harness.client(server, { credentials });
    await stranger.manifest("a", "1");
    await stranger.manifest("b", "1");
    await harness.client(server, { credentials: { identityToken: "t0ken-i" } }).manifest("a", "1");
    expect(realm.seen.map((one) => [one.method, one.headers.authorization])).toEqual([
      ["GET", undefined],
      ["GET", undefined],
      ["GET", undefined],
    ]);
    expect(harness.warnings).toHaveLength(2);
    expect(harness.warnings[0]).toContain(`--token-host 127.0.0.1:${realm.port}`);
    const tokenHosts = [`127.0.0.1:${realm.port}`];
    await harness.client(server, { credentials, tokenHosts }).manifest("a", "1");
    expect(realm.seen.at(-1)?.headers.authorization).toBe(basic);
    for (const secret of SECRETS) expect(harness.warnings.join()).not.toContain(secret);
  });

  test("a realm's redirect to another host does not take the credentials along", async () => {
    const thief = await harness.serve((_request, response) => json(response, { token: "t0ken" }));
    const server: ScriptedServer = await harness.serve((request, response) => {
      if (request.url.startsWith("/token")) {
        return void response.writeHead(307, { location: thief.url("/x").href }).end();
      }
      if (request.headers.authorization === "Bearer t0ken") return void response.end("{}");
      refuse(response, 401, "X", { "www-authenticate": `Bearer realm="${server.url("/token").href}"` });
    });
    await harness.client(server, { credentials }).manifest("a", "1");
    expect(thief.seen[0]?.headers.authorization).toBeUndefined();
  });

  test.each<[string, Bearer, string]>([
    ["no token", { answer: { token: "" } }, "bad_response"],
    ["a token that would break out of its header", { answer: { token: "a\r\nX: y" } }, "bad_response"],
    ["a realm that is no URL", { realm: "/token" }, "bad_response"],
    ["a realm on the link", { realm: "http://169.254.169.254/token" }, "bad_response"],
    ["a token of 2 MB", { answer: { token: "t".repeat(2_000_000) } }, "body_too_large"],
    ["a challenge without a realm", { challenge: "Bearer" }, "unauthorized"],
    ["a challenge of no known scheme", { challenge: "Negotiate" }, "unauthorized"],
  ])("%s", async (_name, bearer, code) => {
    const { server } = await bearerRegistry(bearer);
    expect((await errorOf(harness.client(server).manifest("a", "1"))).code).toBe(code);
  });

  test.each([
    [401, "unauthorized", 1],
    [403, "unauthorized", 1],
    [404, "bad_response", 1],
    [429, "throttled", 4],
    [503, "server_error", 4],
  ])("a token service that answers %d: %s after %d tries", async (status, code, tries) => {
    const server: ScriptedServer = await harness.serve((request, response) => {
      if (request.url.startsWith("/token")) return refuse(response, status, "X");
      refuse(response, 401, "X", { "www-authenticate": `Bearer realm="${server.url("/token").href}"` });
    });
    const error = await errorOf(harness.client(server, { credentials }).manifest("a", "1"));
    expect([error.code, tokenRequests(server).length]).toEqual([code, tries]);
    for (const secret of SECRETS) expect(error.message).not.toContain(secret);
  });
});
