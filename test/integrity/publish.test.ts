import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { parseGroupingKey, publish } from "../../lib/integrity/publish";
import { isSameGroup, PushError, Pushgateway } from "../../lib/integrity/pushgateway";
import { assessmentOf, draft, STARTED_AT_MS, type WalkFacts } from "./assessment-fixture";

/** A gateway that answers as it is told, and notes what it was asked. */
let answers: { status: number; text: string }[];
let seen: string[];
let bodies: string[];
let server: Server;
let gateway: Pushgateway;

beforeEach(async () => {
  [answers, seen, bodies] = [[], [], []];
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      seen.push(`${request.method} ${request.url}`);
      bodies.push(Buffer.concat(chunks).toString("utf8"));
      const { status, text } = answers.shift() ?? { status: 200, text: "" };
      response.writeHead(status).end(text);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  gateway = at("/");
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function at(path: string, timeoutMs = 5_000): Pushgateway {
  const { port } = server.address() as AddressInfo;
  return new Pushgateway({ url: new URL(`http://127.0.0.1:${port}${path}`), timeoutMs });
}

const doubt = { reason: "timeout", repository: "a", reference: "1", detail: "" } as const;
const OWN = "/metrics/job/tallyman/instance/registry.example.com%3A5050";

function input(
  walk: WalkFacts = {},
  verifiedSlice: string | null = null,
  replaceGroup: string | null = null,
) {
  const assessment = assessmentOf({ instance: "registry.example.com:5050", ...walk });
  const facts = { assessment, endedAtMs: STARTED_AT_MS, authEnforced: null, tlsNotAfterMs: null };
  return {
    facts,
    verifiedSlice,
    replaceGroup: replaceGroup === null ? null : parseGroupingKey(replaceGroup),
  };
}

test("a complete walk puts the run, its success and its slice, always by PUT", async () => {
  await publish(gateway, input({}, "3/96"));
  const slice = Buffer.from("3/96").toString("base64url");
  expect(seen).toEqual([`PUT ${OWN}`, `PUT ${OWN}/part/success`, `PUT ${OWN}/slice@base64/${slice}`]);
  expect(bodies[0]).toContain("registry_manifest_integrity_failures 0\n");
  // The grouping key carries the instance: a body that does too could contradict it.
  expect(bodies.join("")).not.toContain("instance=");
});

test("an incomplete walk puts the run alone, whatever it read of the slice", async () => {
  await publish(gateway, input({ doubts: [[doubt]] }, "3/96"));
  expect(seen).toEqual([`PUT ${OWN}`]);
});

describe("by turns", () => {
  const turn = Buffer.from("2/4").toString("base64url");
  const [broken, proven] = ["blobs_broken", "blobs_proven"].map(
    (part) => `PUT ${OWN}/part/${part}/slice@base64/${turn}`,
  );
  const inTurn = draft({ kind: "truncated", isInTurn: true });

  test("a complete walk puts what its slice has broken, and that it was proven, beside the byte slice's group", async () => {
    await publish(gateway, { ...input({ findings: [inTurn, draft()] }, "2/4"), rotatedSlice: "2/4" });
    expect(seen).toEqual([
      `PUT ${OWN}`,
      broken,
      proven,
      `PUT ${OWN}/part/success`,
      `PUT ${OWN}/slice@base64/${turn}`,
    ]);
    expect(bodies[1]).toContain('registry_manifest_integrity_blobs_broken{slice="2/4"} 1\n');
    expect(bodies[2]).toContain('registry_manifest_integrity_blobs_proven_timestamp{slice="2/4"} ');
  });

  test("an incomplete walk adds what it found, and takes nothing back", async () => {
    await publish(gateway, { ...input({ doubts: [[doubt]], findings: [inTurn] }), rotatedSlice: "2/4" });
    expect(seen).toEqual([`PUT ${OWN}`, broken]);
    seen = [];
    await publish(gateway, { ...input({ doubts: [[doubt]], findings: [draft()] }), rotatedSlice: "2/4" });
    expect(seen).toEqual([`PUT ${OWN}`]);
  });
});

test("a predecessor's group is removed after the push was accepted", async () => {
  await publish(gateway, input({ doubts: [[doubt]] }, null, "job=old,instance=a/b"));
  expect(seen).toEqual([`PUT ${OWN}`, "DELETE /metrics/job/old/instance@base64/YS9i"]);
});

test("a predecessor's group in the way is removed first, and the push tried once more", async () => {
  answers = [{ status: 400, text: "inconsistent" }];
  await publish(gateway, input({ doubts: [[doubt]] }, null, "job=old"));
  expect(seen.slice(0, 3)).toEqual([`PUT ${OWN}`, "DELETE /metrics/job/old", `PUT ${OWN}`]);
});

test.each([401, 404, 500, 503])("on a %d nothing is removed", async (status) => {
  answers = [{ status, text: "no" }];
  await expect(publish(gateway, input({}, null, "job=old"))).rejects.toMatchObject({
    code: "push_rejected",
    status,
  });
  expect(seen).toEqual([`PUT ${OWN}`]);
});

test("our own group is no predecessor's", async () => {
  await publish(
    gateway,
    input({ doubts: [[doubt]] }, null, "job=tallyman,instance=registry.example.com:5050"),
  );
  expect(seen).toEqual([`PUT ${OWN}`]);
});

test("a gateway below a prefix, with and without the slash", async () => {
  await at("/push").remove([["job", "a"]]);
  await at("/push/").remove([["job", "a"]]);
  await at("").remove([["job", ""]]);
  expect(seen).toEqual([
    "DELETE /push/metrics/job/a",
    "DELETE /push/metrics/job/a",
    "DELETE /metrics/job@base64/=",
  ]);
});

test("the error carries the gateway's words in one printable line, cut", async () => {
  answers = [{ status: 400, text: `text format parsing error\n\u001b[31m in line 1 ${"x".repeat(5_000)}` }];
  const error: unknown = await gateway.replace([["job", "a"]], "x").catch((each: unknown) => each);
  if (!(error instanceof PushError)) throw new Error(String(error));
  expect(error.message).toMatch(
    /answers 400 to the group \{job="a"\}: text format parsing error \\u001b\[31m in line 1 x+…$/,
  );
  expect(error.message.length).toBeLessThan(700);
});

test("an endless answer costs no memory, and a gateway that is silent no more than the time allowed", async () => {
  answers = [{ status: 200, text: "y".repeat(1_000_000) }];
  await expect(gateway.remove([["job", "a"]])).resolves.toBeUndefined();
  server.removeAllListeners("request").on("request", () => undefined);
  const started = performance.now();
  const error: unknown = await at("/", 100)
    .remove([["job", "a"]])
    .catch((each: unknown) => each);
  expect(error).toMatchObject({
    code: "push_unreachable",
    message: expect.stringContaining("no answer within 100 ms"),
  });
  expect(performance.now() - started).toBeLessThan(2_000);
});

test("an answer that breaks off is no acceptance", async () => {
  server.removeAllListeners("request").on("request", (_, response) => {
    response.writeHead(200, { "content-length": "10" });
    response.write("abc", () => response.destroy());
  });
  await expect(gateway.remove([["job", "a"]])).rejects.toMatchObject({ code: "push_unreachable" });
});

test.each([
  ["job=old", [["job", "old"]]],
  [
    "job=old,instance=a:1",
    [
      ["job", "old"],
      ["instance", "a:1"],
    ],
  ],
  ["job=a=b", [["job", "a=b"]]],
  [
    " job = old , x = y ",
    [
      ["job", "old"],
      ["x", "y"],
    ],
  ],
])("%j is a grouping key", (text, key) => {
  expect(parseGroupingKey(text)).toEqual(key);
});

test.each([
  "",
  "old",
  "job",
  "job=",
  "=old",
  "instance=a",
  "instance=a,job=b",
  "job=a,job=b",
  "job=a,",
  "job=a,9x=b",
  "job=a,a-b=c",
])("%j is no grouping key", (text) => {
  expect(parseGroupingKey(text)).toBeNull();
});

test("the same group is the same labels with the same values", () => {
  const key = parseGroupingKey("job=a,x=1,y=2") ?? [];
  expect(isSameGroup(key, parseGroupingKey("job=a,y=2,x=1") ?? [])).toBe(true);
  expect(isSameGroup(key, parseGroupingKey("job=a,y=2") ?? [])).toBe(false);
  expect(isSameGroup(key, parseGroupingKey("job=a,x=2,y=1") ?? [])).toBe(false);
});
