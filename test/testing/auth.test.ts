import { buildImage, EmbeddedRegistry, type EmbeddedRegistryOptions, ghcrLike } from "../../lib/testing";
import { ACCEPT_ALL, type RawAnswer, rawHttp } from "../support/raw-http";
import { errorCode } from "../support/registry-observer";
import { skopeoPull } from "../support/skopeo";

const reader = { username: "reader", password: "p:with colon" };
const basic = (user: { readonly username: string; readonly password: string }): string =>
  `Basic ${Buffer.from(`${user.username}:${user.password}`).toString("base64")}`;

const image = buildImage({ seed: "a", layers: 1 });

async function withRegistry(
  options: EmbeddedRegistryOptions,
  use: (
    registry: EmbeddedRegistry,
    get: (path: string, authorization?: string) => Promise<RawAnswer>,
  ) => Promise<void>,
): Promise<void> {
  const registry = await EmbeddedRegistry.start(options);
  registry.put("private", "latest", image);
  registry.put("public", "latest", image);
  try {
    await use(registry, (path, authorization) =>
      rawHttp(path.startsWith("http") ? path : `${registry.url}${path}`, {
        headers: { ...ACCEPT_ALL, ...(authorization === undefined ? {} : { authorization }) },
      }),
    );
  } finally {
    await registry.close();
  }
}

function challengeOf(answer: RawAnswer): string {
  return String(answer.headers["www-authenticate"]);
}

async function tokenFor(registry: EmbeddedRegistry, scope: string, user?: typeof reader): Promise<string> {
  const headers = user === undefined ? {} : { authorization: basic(user) };
  const answer = await rawHttp(`${registry.url}/token?service=x&scope=${encodeURIComponent(scope)}`, {
    headers,
  });
  expect(answer.status).toBe(200);
  return `Bearer ${Object(JSON.parse(answer.body.toString())).token}`;
}

describe("Basic", () => {
  test.each([
    ["nothing", undefined, 401],
    ["the password", basic(reader), 200],
    ["another password", basic({ ...reader, password: "p:with colom" }), 401],
    ["a longer password", basic({ ...reader, password: `${reader.password}x` }), 401],
    ["a token", "Bearer token-1", 401],
  ])("with %s", async (_, authorization, status) => {
    await withRegistry({ auth: { basic: reader } }, async (_registry, get) => {
      for (const path of ["/v2/", "/v2/_catalog", "/v2/private/manifests/latest"]) {
        const answer = await get(path, authorization);
        expect([path, answer.status]).toEqual([path, status]);
        if (status === 401)
          expect([errorCode(answer), challengeOf(answer)]).toEqual([
            "UNAUTHORIZED",
            'Basic realm="registry"',
          ]);
      }
    });
  });
});

describe("Bearer", () => {
  test("a token is for one repository and one action", async () => {
    await withRegistry({ auth: { bearer: { credentials: reader } } }, async (registry, get) => {
      const refused = await get("/v2/private/manifests/latest");
      expect(refused.status).toBe(401);
      expect(challengeOf(refused)).toBe(
        `Bearer realm="${registry.url}/token",service="${registry.host}",scope="repository:private:pull"`,
      );
      const pull = await tokenFor(registry, "repository:private:pull", reader);
      expect((await get("/v2/private/manifests/latest", pull)).status).toBe(200);
      const elsewhere = await get("/v2/public/manifests/latest", pull);
      expect([elsewhere.status, challengeOf(elsewhere)]).toEqual([
        401,
        expect.stringContaining('error="insufficient_scope"'),
      ]);
      const upload = (authorization: string): Promise<RawAnswer> =>
        rawHttp(`${registry.url}/v2/private/blobs/uploads/`, { method: "POST", headers: { authorization } });
      expect(challengeOf(await upload(pull))).toContain('scope="repository:private:pull,push"');
      expect((await upload(await tokenFor(registry, "repository:private:pull,push", reader))).status).toBe(
        202,
      );
      expect((await get("/v2/_catalog", pull)).status).toBe(401);
      expect((await get("/v2/_catalog", await tokenFor(registry, "registry:catalog:*", reader))).status).toBe(
        200,
      );
      expect((await get("/v2/private/manifests/latest", "Bearer token-99")).status).toBe(401);
    });
  });

  test("anonymous tokens pull what is public and nothing else", async () => {
    const auth = { bearer: { credentials: reader, publicRepositories: ["public"] } };
    await withRegistry({ auth }, async (registry, get) => {
      const both = await tokenFor(registry, "repository:public:pull repository:private:pull");
      expect((await get("/v2/public/manifests/latest", both)).status).toBe(200);
      expect((await get("/v2/private/manifests/latest", both)).status).toBe(401);
      expect((await get("/token?scope=repository:private:pull")).status).toBe(401);
      expect(
        (await get("/token?scope=repository:public:pull", basic({ ...reader, password: "x" }))).status,
      ).toBe(401);
    });
    await withRegistry({ auth: { bearer: {} } }, async (registry, get) => {
      const token = await tokenFor(registry, "repository:private:pull");
      expect((await get("/v2/private/manifests/latest", token)).status).toBe(200);
    });
  });

  test("tokens end in the middle of a walk: revoked, used up, too old", async () => {
    const path = "/v2/private/manifests/latest";
    await withRegistry({ auth: { bearer: { validForRequests: 2 } } }, async (registry, get) => {
      const token = await tokenFor(registry, "repository:private:pull");
      const statuses = [await get(path, token), await get(path, token), await get(path, token)];
      expect(statuses.map((answer) => answer.status)).toEqual([200, 200, 401]);
      const fresh = await tokenFor(registry, "repository:private:pull");
      registry.revokeTokens();
      const refused = await get(path, fresh);
      expect([refused.status, challengeOf(refused)]).toEqual([
        401,
        expect.stringContaining('error="invalid_token"'),
      ]);
    });
    await withRegistry({ auth: { bearer: { validForMs: 30 } } }, async (registry, get) => {
      const token = await tokenFor(registry, "repository:private:pull");
      await new Promise((resolve) => setTimeout(resolve, 45));
      expect((await get(path, token)).status).toBe(401);
    });
  });

  test("what the token's answer says", async () => {
    const answerOf = async (bearer: object): Promise<unknown> => {
      let said: unknown;
      await withRegistry({ auth: { bearer } }, async (_, get) => {
        said = JSON.parse((await get("/token?scope=repository:public:pull")).body.toString());
      });
      return said;
    };
    expect(await answerOf({})).toEqual({ token: "token-1", expires_in: 300 });
    expect(await answerOf({ tokenField: "access_token", expiresInSeconds: null })).toEqual({
      access_token: "token-1",
    });
    expect(await answerOf({ expiresInSeconds: 7 })).toEqual({ token: "token-1", expires_in: 7 });
  });

  test("several challenges stand in headers of their own, and the realm may be anywhere", async () => {
    const bearer = { credentials: reader, offerBasic: true, realm: "https://auth.example.com/token" };
    await withRegistry({ auth: { bearer } }, async (registry, get) => {
      const headers: string[] = [];
      registry.script({
        times: 1,
        fault: {
          kind: "reply",
          change: (reply) => {
            headers.push(...[reply.headers["www-authenticate"] ?? []].flat());
            return reply;
          },
        },
      });
      await get("/v2/private/manifests/latest");
      expect(headers).toEqual([
        'Basic realm="registry"',
        expect.stringMatching(/^Bearer realm="https:\/\/auth\.example\.com\/token",/),
      ]);
      expect((await get("/v2/private/manifests/latest", basic(reader))).status).toBe(200);
    });
  });

  test("a registry that checks no scope opens all to one token", async () => {
    await withRegistry({ auth: { bearer: { ignoreScope: true } } }, async (registry, get) => {
      const token = await tokenFor(registry, "repository:public:pull");
      expect((await get("/v2/private/manifests/latest", token)).status).toBe(200);
    });
  });
});

describe("as GHCR", () => {
  test("no catalogue, and skopeo pulls through tokens and redirects without a leak", async () => {
    await withRegistry(ghcrLike(reader, ["public"]), async (registry, get) => {
      expect((await get("/v2/_catalog", await tokenFor(registry, "registry:catalog:*", reader))).status).toBe(
        405,
      );
      expect(await skopeoPull(`${registry.host}/public:latest`)).toEqual({ ok: true, stderr: "" });
      expect((await skopeoPull(`${registry.host}/private:latest`)).ok).toBe(false);
      registry.forgetRequests();
      expect(await skopeoPull(`${registry.host}/private:latest`, { credentials: reader })).toEqual({
        ok: true,
        stderr: "",
      });
      expect(registry.requests.filter((request) => request.listener === "other-host")).toHaveLength(2);
      expect(registry.leaks).toEqual([]);
    });
  });

  test("credentials that go to the other host are a leak, and refused there", async () => {
    await withRegistry(ghcrLike(reader), async (registry, get) => {
      const token = await tokenFor(registry, "repository:private:pull", reader);
      const digest = image.layers[0]?.digest;
      const sent = await get(`/v2/private/blobs/${digest}`, token);
      expect([sent.status, sent.body.length]).toEqual([307, 0]);
      const location = String(sent.headers.location);
      expect(location.startsWith(`${registry.otherUrl}/`)).toBe(true);
      expect((await get(location)).body.length).toBe(image.layers[0]?.size);
      expect(registry.leaks).toEqual([]);
      expect((await get(location, token)).status).toBe(400);
      expect(registry.leaks).toMatchObject([{ authorization: "bearer", listener: "other-host" }]);
      expect((await get(location.replace(/[0-9a-f]{64}/, "0".repeat(64)))).status).toBe(404);
    });
  });
});
