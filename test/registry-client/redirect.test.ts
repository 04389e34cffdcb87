import dns from "node:dns";
import { Digest } from "../../lib/oci/digest";
import { collect, errorOf, Harness } from "./harness";
import { json, refuse, type ScriptedServer } from "./scripted-server";

const harness = new Harness();
afterEach(() => harness.end());

const digest = Digest.sha256(Buffer.from("0123456789"));
const credentials = { username: "ada", password: "s3cret" };

async function blobStore(): Promise<ScriptedServer> {
  return harness.serve((_request, response) => {
    response.writeHead(206, { "content-range": "bytes 9-9/10", "content-length": 1 }).end("9");
  });
}

test.each([301, 302, 303, 307, 308])(
  "%d leads to another host: Range goes along, credentials do not",
  async (status) => {
    const store = await blobStore();
    const server = await harness.serve((request, response) => {
      if (request.headers.authorization === undefined) {
        return refuse(response, 401, "X", { "www-authenticate": "Basic realm=r" });
      }
      response.writeHead(status, { location: store.url("/b?X-Signature=s3cret").href }).end("see there");
    });
    const client = harness.client(server, { credentials });
    expect(await client.blob("a", digest, 10, "range")).toEqual({ kind: "present", bytes: 1, hashed: false });
    expect(store.seen).toMatchObject([
      { method: "GET", url: "/b?X-Signature=s3cret", headers: { range: "bytes=9-9" } },
    ]);
    expect(store.seen[0]?.headers.authorization).toBeUndefined();
    expect(store.seen[0]?.headers.host).toBe(store.url().host);
    await client.blob("a", digest, 10, "range");
    expect([server.connections, store.connections]).toEqual([1, 1]);
  },
);

test("on the same origin the credentials stay, and the address is dialled again", async () => {
  const server = await harness.serve((request, response) => {
    if (request.headers.authorization === undefined) {
      return refuse(response, 401, "X", { "www-authenticate": "Basic realm=r" });
    }
    if (request.url.startsWith("/moved")) return void response.end("{}");
    response.writeHead(307, { location: `http://registry.example:99/moved${request.url}` }).end();
  });
  const client = harness.client(server, {
    baseUrl: new URL("http://registry.example:99"),
    address: { host: "127.0.0.1", port: server.port },
    credentials,
  });
  expect((await client.manifest("a", "b")).kind).toBe("present");
  expect(server.seen.at(-1)).toMatchObject({
    url: "/moved/v2/a/manifests/b",
    headers: { host: "registry.example:99" },
  });
  expect(server.seen.at(-1)?.headers.authorization).toMatch(/^Basic /);
});

test("a store's own 404 is an absence, its 401 and 403 are not ours to answer", async () => {
  let status = 404;
  const store = await harness.serve((_request, response) => {
    response
      .writeHead(status, { "content-type": "application/xml", "www-authenticate": "Basic realm=r" })
      .end("<x/>");
  });
  const server = await harness.serve((_request, response) => {
    response.writeHead(307, { location: store.url("/b?sig=s3cret").href }).end();
  });
  const client = harness.client(server, { credentials });
  expect(await client.blob("a", digest, 10, "range")).toEqual({
    kind: "absent",
    status: 404,
    errorCode: null,
  });
  for (status of [401, 403]) {
    const error = await errorOf(client.blob("a", digest, 10, "range"));
    expect([error.code, error.message.includes("s3cret")]).toEqual(["unauthorized", false]);
  }
  expect(store.seen).toHaveLength(3);
  expect([...store.seen, ...server.seen].every((one) => one.headers.authorization === undefined)).toBe(true);
});

test("a store that fails once is asked again through the registry, for a fresh address", async () => {
  let asked = 0;
  const store = await harness.serve((_request, response, nth) => {
    if (nth === 0) return void response.writeHead(503).end();
    response.writeHead(206, { "content-range": "bytes 9-9/10", "content-length": 1 }).end("9");
  });
  const server = await harness.serve((_request, response) => {
    asked += 1;
    response.writeHead(307, { location: store.url(`/b?${asked}`).href }).end();
  });
  expect((await harness.client(server).blob("a", digest, 10, "range")).kind).toBe("present");
  expect(store.seen.map((one) => one.url)).toEqual(["/b?1", "/b?2"]);
});

test.each([
  ["to itself", (): string => "/v2/a/manifests/b", 1],
  ["to a new place each time", (nth: number): string => `/v2/x?${nth}`, 6],
  ["to the metadata service", (): string => "http://169.254.169.254/latest", 1],
  ["out of http", (): string => "ftp://x/", 1],
])("a redirect %s is no answer", async (_name, location, requests) => {
  const server = await harness.serve((_request, response, nth) => {
    response.writeHead(302, { location: location(nth) }).end();
  });
  const client = harness.client(server);
  expect((await errorOf(client.manifest("a", "b"))).code).toBe("bad_response");
  expect(server.seen).toHaveLength(requests);
});

test("a redirect without a Location is no answer", async () => {
  const server = await harness.serve((_request, response) => void response.writeHead(302).end());
  expect((await errorOf(harness.client(server).manifest("a", "b"))).message).toContain("without a Location");
});

test("the address is dialled for the registry's own origin alone", async () => {
  const store = await blobStore();
  const server = await harness.serve((_request, response) => {
    response.writeHead(307, { location: store.url("/b").href }).end();
  });
  const client = harness.client(server, {
    baseUrl: new URL("http://127.0.0.1:9"),
    address: { host: "127.0.0.1", port: server.port },
  });
  expect((await client.blob("a", digest, 10, "range")).kind).toBe("present");
  expect([server.seen.length, store.seen.length]).toEqual([1, 1]);
});

describe("a registry that is not on loopback may not lead there", () => {
  async function leadTo(host: string): Promise<{ victim: ScriptedServer; code: string }> {
    const victim = await harness.serve((_request, response) => void response.end("{}"));
    const server = await harness.serve((_request, response) => {
      response.writeHead(302, { location: victim.url("/", host).href }).end();
    });
    const client = harness.client(server, {
      baseUrl: new URL("http://registry.example"),
      address: { host: "127.0.0.1", port: server.port },
    });
    return { victim, code: (await errorOf(client.manifest("a", "b"))).code };
  }

  test.each(["127.0.0.1", "localhost", "[::ffff:127.0.0.1]"])("by %s", async (host) => {
    const { victim, code } = await leadTo(host);
    expect([code, victim.connections]).toEqual(["bad_response", 0]);
  });

  test.each([
    ["one address", "127.0.0.1"],
    ["a local one among others", "192.0.2.1", "127.0.0.1"],
  ])("by a name that resolves so, %s", async (_name, ...addresses) => {
    const resolved: string[] = [];
    const real = dns.lookup;
    const fake = (
      name: string,
      options: dns.LookupOptions,
      callback: (...found: unknown[]) => void,
    ): void => {
      if (name !== "store.example") {
        Reflect.apply(real, dns, [name, options, callback]);
        return;
      }
      resolved.push(name);
      const all = addresses.map((address) => ({ address, family: 4 }));
      if (options.all === true) callback(null, all);
      else callback(null, addresses.at(-1), 4);
    };
    const spy = jest.spyOn(dns, "lookup").mockImplementation(fake as typeof dns.lookup);
    try {
      const { victim, code } = await leadTo("store.example");
      expect([code, victim.connections, resolved]).toEqual(["bad_response", 0, ["store.example"]]);
    } finally {
      spy.mockRestore();
    }
  });
});

test("HEAD stays HEAD, and lists follow too", async () => {
  const store = await harness.serve((request, response) => {
    if (request.method === "HEAD") return void response.writeHead(200, { "content-length": 10 }).end();
    json(response, { repositories: ["a"] });
  });
  const server = await harness.serve((request, response) => {
    response.writeHead(307, { location: store.url(request.url).href }).end();
  });
  const client = harness.client(server);
  expect((await client.blob("a", digest, 10, "head")).kind).toBe("present");
  expect(await collect(client.catalogue())).toEqual([["a"]]);
  expect(store.seen.map((one) => one.method)).toEqual(["HEAD", "GET"]);
});
