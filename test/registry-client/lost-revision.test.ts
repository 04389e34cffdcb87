import { Digest } from "../../lib/oci/digest";
import { lostRevision } from "../../lib/registry-client/lost-revision";
import { errorOf, Harness } from "./harness";
import { json, refuse } from "./scripted-server";

const harness = new Harness();
afterEach(() => harness.end());

const digest = Digest.sha256(Buffer.from("lost"));
const of = (detail: unknown, code = "MANIFEST_UNKNOWN") => ({ errors: [{ code, message: "m", detail }] });

test.each<[string, unknown, number, string | null]>([
  ["2.8, a lost revision", of({ Name: "app", Revision: `${digest}` }), 404, `${digest}`],
  ["2.8, no such tag", of({ Tag: "1.0" }), 404, null],
  ["3.1, a lost revision", of(`unknown manifest name=app revision=${digest}`), 404, `${digest}`],
  ["3.1, no such tag", of("unknown tag=1.0"), 404, null],
  ["no detail", of(undefined), 404, null],
  ["no digest", of({ Revision: "sha256:abc" }), 404, null],
  ["another error", of({ Revision: `${digest}` }, "NAME_UNKNOWN"), 404, null],
  ["no errors", {}, 404, null],
  ["a tag that resolves", of({ Revision: `${digest}` }), 200, null],
])("%s", async (_, body, status, expected) => {
  const server = await harness.serve((_request, response) => json(response, body, status));
  const { session } = harness.client(server);
  expect((await lostRevision(session, "app", "1.0"))?.toString() ?? null).toBe(expected);
  expect(server.seen[0]).toMatchObject({ method: "GET", url: "/v2/app/manifests/1.0" });
});

test("what is no answer is thrown", async () => {
  const server = await harness.serve((_request, response) => response.destroy());
  const { session } = harness.client(server, { retries: 0 });
  expect((await errorOf(lostRevision(session, "app", "1.0"))).code).toBe("unreachable");
  const closed = await harness.serve((_request, response) => refuse(response, 401, "UNAUTHORIZED"));
  expect(await lostRevision(harness.client(closed).session, "app", "1.0")).toBeNull();
});
