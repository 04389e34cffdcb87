import { errorOf, Harness } from "./harness";
import type { Handler } from "./scripted-server";
import { selfSigned } from "./self-signed";

const harness = new Harness();
afterEach(() => harness.end());

const ok: Handler = (_request, response) => void response.end("{}");

describe("TLS", () => {
  const own = selfSigned("registry.example");
  const name = { baseUrl: new URL("https://registry.example:5050") };

  test("by a CA of one's own, under the registry's name at another address", async () => {
    const server = await harness.serve(ok, own);
    const address = { host: "127.0.0.1", port: server.port };
    const client = harness.client(server, { ...name, address, ca: own.cert });
    expect(client.tlsNotAfter).toBeNull();
    expect((await client.manifest("a", "b")).kind).toBe("present");
    expect(server.seen[0]?.headers.host).toBe("registry.example:5050");
    expect(server.serverNames).toEqual(["registry.example"]);
    expect(client.tlsNotAfter).toBe(own.notAfterMs);
  });

  test.each([
    ["another name", {}, { baseUrl: new URL("https://other.example"), ca: own.cert }],
    ["an unknown CA", {}, name],
    ["a CA of the same name, and another key", {}, { ...name, ca: selfSigned("registry.example").cert }],
  ])("%s is refused, and not tried again", async (_name, _none, options) => {
    const server = await harness.serve(ok, own);
    const address = { host: "127.0.0.1", port: server.port };
    const error = await errorOf(harness.client(server, { ...options, address }).manifest("a", "b"));
    expect([error.code, error.retryable, server.connections, server.seen.length]).toEqual([
      "tls",
      false,
      1,
      0,
    ]);
  });

  test("what has expired is refused, and is accepted only where verification is off", async () => {
    const expired = selfSigned("registry.example", Math.floor(Date.now() / 1000) * 1000 - 60_000);
    const server = await harness.serve(ok, expired);
    const options = { ...name, address: { host: "127.0.0.1", port: server.port } };
    const error = await errorOf(harness.client(server, { ...options, ca: expired.cert }).manifest("a", "b"));
    expect(error.code).toBe("tls");
    const lax = harness.client(server, { ...options, insecureSkipTlsVerify: true });
    expect((await lax.manifest("a", "b")).kind).toBe("present");
    expect(lax.tlsNotAfter).toBe(expired.notAfterMs);
  });

  test("https is never left for http, and an http server is no TLS", async () => {
    const plain = await harness.serve(ok);
    const server = await harness.serve(
      (_request, response) => void response.writeHead(307, { location: "http://cdn.example/" }).end(),
      own,
    );
    const options = { ...name, ca: own.cert, address: { host: "127.0.0.1", port: server.port } };
    const error = await errorOf(harness.client(server, options).manifest("a", "b"));
    expect([error.code, error.message]).toEqual([
      "bad_response",
      expect.stringContaining("from https to http"),
    ]);
    const wrong = { ...name, address: { host: "127.0.0.1", port: plain.port } };
    expect((await errorOf(harness.client(server, wrong).manifest("a", "b"))).code).toBe("tls");
  });
});
