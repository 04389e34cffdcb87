import { errorOf, Harness } from "./harness";
import { type Handler, refuse, type ScriptedServer } from "./scripted-server";

const harness = new Harness();
afterEach(() => harness.end());

const credentials = { username: "ada", password: "s3cret:pw" };
const basic = `Basic ${Buffer.from("ada:s3cret:pw").toString("base64")}`;
const SECRETS = ["s3cret", basic.slice(6)];

function authorizations(server: ScriptedServer): unknown[] {
  return server.seen.map((one) => one.headers.authorization);
}

const basicRegistry =
  (accepted: string): Handler =>
  (request, response) => {
    if (request.headers.authorization === accepted) return void response.end("{}");
    refuse(response, 401, "UNAUTHORIZED", { "www-authenticate": 'Basic realm="r"' });
  };

describe("Basic", () => {
  test("nothing is sent until it is demanded; then always", async () => {
    const server = await harness.serve(basicRegistry(basic));
    const client = harness.client(server, { credentials });
    await client.manifest("a", "1");
    await client.manifest("b", "2");
    expect(authorizations(server)).toEqual([undefined, basic, basic]);
    expect(harness.warnings).toEqual([`credentials go to ${client.host} over plain http`]);
  });

  test("what is refused is not sent twice, and does not stand in the error", async () => {
    const server = await harness.serve(basicRegistry("Basic other"));
    const client = harness.client(server, { credentials });
    const error = await errorOf(client.manifest("a", "1"));
    expect([error.code, error.status]).toEqual(["unauthorized", 401]);
    expect(authorizations(server)).toEqual([undefined, basic]);
    await errorOf(client.manifest("a", "2"));
    // What never worked is not sent ahead.
    expect(authorizations(server).slice(2)).toEqual([undefined, basic]);
    for (const secret of SECRETS) expect(JSON.stringify([error.message, error.stack])).not.toContain(secret);
  });

  test("what once worked and is refused now is not sent again for the same request", async () => {
    let isRevoked = false;
    const accept = basicRegistry(basic);
    const revoked = basicRegistry("Basic other");
    const server = await harness.serve((...given) => (isRevoked ? revoked : accept)(...given));
    const client = harness.client(server, { credentials });
    await client.manifest("a", "1");
    isRevoked = true;
    expect((await errorOf(client.manifest("a", "2"))).code).toBe("unauthorized");
    expect(authorizations(server)).toEqual([undefined, basic, basic]);
  });

  test("without credentials, or with an identity token alone, there is no answer to it", async () => {
    const server = await harness.serve(basicRegistry(basic));
    for (const given of [null, { identityToken: "t0ken" }]) {
      expect((await errorOf(harness.client(server, { credentials: given }).manifest("a", "1"))).code).toBe(
        "unauthorized",
      );
    }
    expect(authorizations(server)).toEqual([undefined, undefined]);
  });

  test("nothing is sent to a registry that demands nothing", async () => {
    const server = await harness.serve((_request, response) => void response.end("{}"));
    const client = harness.client(server, { credentials });
    await client.manifest("a", "1");
    await client.manifest("a", "2");
    expect([authorizations(server), harness.warnings]).toEqual([[undefined, undefined], []]);
  });
});
