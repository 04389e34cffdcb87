/** What a registry, or whatever stands in its place, sends. */
import fc from "fast-check";
import { MalformedError } from "../../lib/oci/descriptor";
import { Digest } from "../../lib/oci/digest";
import { parseManifest } from "../../lib/oci/manifest";
import { parseImageReference } from "../../lib/oci/reference";
import { RegistryError } from "../../lib/registry-client/answers";
import { parseChallenges } from "../../lib/registry-client/challenge";
import { parseContentRange } from "../../lib/registry-client/content-range";
import { parseDockerConfig } from "../../lib/registry-client/credentials";
import type { Reply } from "../../lib/registry-client/http-message";
import { nextLink } from "../../lib/registry-client/link-header";
import { originOf } from "../../lib/registry-client/origin";
import { Pager } from "../../lib/registry-client/pager";
import { parseRetryAfter } from "../../lib/registry-client/retry-after";
import { fetchToken } from "../../lib/registry-client/token-service";
import { buildArtifact, buildImage } from "../../lib/testing";
import { twoPlatforms } from "../support/two-platforms";
import { fuzz, only, plainly } from "./fuzz";
import { expectLinear, repeated } from "./growth";
import { mutated, mutatedBytes, mutatedJson } from "./mutated";

const MANIFESTS = [buildImage({ seed: "fuzz" }), twoPlatforms("fuzz"), buildArtifact({ seed: "fuzz" })];
const BODIES = MANIFESTS.map(({ body }) => body.toString("utf8"));
const CHALLENGES = [
  'Bearer realm="https://auth.example.com/token",service="registry.example.com",scope="repository:a/b:pull"',
  'Basic realm="Registry", Bearer realm="https://a.example/t?x=1"',
  "Negotiate abc==, Basic realm=simple",
];
const LINKS = [
  '</v2/_catalog?last=b&n=2>; rel="next"',
  '<https://registry.example.com/v2/a/tags/list?n=1&last=x>; title="a, b"; rel=next, <x>; rel="prev"',
];
const RANGES = ["bytes 5-9/10", "bytes */10", "bytes 0-0/*", " BYTES 1-2/3 "];
const MEDIA_TYPES = [...MANIFESTS.map(({ mediaType }) => mediaType), "application/json", "text/html", ""];
const contentType = fc.oneof(fc.constant(null), mutated(MEDIA_TYPES));

fuzz(
  "a manifest's bytes",
  fc.tuple(
    fc.oneof(
      mutatedBytes(BODIES),
      mutatedJson(BODIES.map((body) => JSON.parse(body))).map((text) => Buffer.from(text)),
    ),
    contentType,
  ),
  ([body, type]) => {
    const manifest = only([MalformedError], () => parseManifest(body, type, 100));
    if (manifest === null) return;
    const all =
      manifest.kind === "index" ? manifest.manifests : manifest.kind === "image" ? manifest.layers : [];
    for (const { digest, size } of all) {
      expect(Digest.parse(`${digest}`)?.toString()).toBe(`${digest}`);
      expect(Number.isSafeInteger(size) && size >= 0).toBe(true);
    }
  },
);

fuzz("a challenge", mutated(CHALLENGES), (header) => {
  const challenges = parseChallenges(header);
  expect(challenges.length).toBeLessThanOrEqual(header.length);
  for (const { scheme, parameters } of challenges) {
    expect(scheme).toMatch(/^[!#$%&'*+.^_`|~0-9a-z-]+$/);
    for (const value of parameters.values()) expect(value.length).toBeLessThanOrEqual(header.length);
  }
});

fuzz(
  "a Link header, followed to its end",
  fc.array(fc.tuple(mutated(LINKS), fc.array(fc.string(), { maxLength: 3 })), { maxLength: 12 }),
  (pages) => {
    const pager = new Pager("/v2/_catalog");
    const asked = new Set<string>();
    for (const [header, names] of pages) {
      const { path } = pager;
      if (path === null) return;
      // Never in a circle, never to another host, and nothing that a request line could not hold.
      expect(asked.has(path)).toBe(false);
      asked.add(path);
      expect(path).toMatch(/^\/[\x21-\x7e]*$/);
      if (only([RegistryError], () => pager.accept(names, header)) === null) return;
      const reference = nextLink(header);
      if (reference !== null) expect(header).toContain(reference);
    }
  },
);

fuzz("Content-Range", mutated(RANGES), (value) => {
  const range = parseContentRange(value);
  for (const one of Object.values(range ?? {}))
    if (one !== null) expect(Number.isSafeInteger(one)).toBe(true);
});

fuzz(
  "Retry-After",
  mutated(["120", "Wed, 21 Oct 2026 07:28:00 GMT", "Wednesday, 21-Oct-26 07:28:00 GMT"]),
  (value) => {
    const waitMs = parseRetryAfter(value, 1_700_000_000_000);
    if (waitMs !== null) expect(Number.isFinite(waitMs) && waitMs >= 0).toBe(true);
  },
);

const DOCKER_CONFIGS = [
  {
    auths: {
      "registry.example.com:5050": { auth: "dXNlcjpwYXNz" },
      "https://index.docker.io/v1/": { username: "a", password: "b" },
    },
  },
  {
    auths: { "registry.example.com:5050": { identitytoken: "t" } },
    credHelpers: { "x.example": "y" },
    credsStore: "desktop",
  },
];

fuzz(
  "a Docker config",
  fc.oneof(mutated(DOCKER_CONFIGS.map((one) => JSON.stringify(one))), mutatedJson(DOCKER_CONFIGS)),
  (text) => {
    const { notice, problem } = parseDockerConfig(text, "registry.example.com:5050");
    for (const said of [notice, problem]) if (said !== null) expect(said).toBe(plainly(said));
  },
);

const TOKENS = [
  { token: "eyJhbGciOi.e30.c2ln", expires_in: 300, issued_at: "2026-01-01T00:00:00Z" },
  { access_token: "abc", scope: "repository:a/b:pull", expires_in: 60, refresh_token: "r" },
  { errors: [{ code: "DENIED", message: "no" }] },
];
const REALM = { origin: originOf(new URL("https://auth.example.com")), path: "/token?account=a" };
const DAY_MS = 24 * 3_600_000;

fuzz(
  "a token service's answer, which is a header or an error",
  fc.record({
    body: fc.oneof(
      mutatedBytes(TOKENS.map((one) => JSON.stringify(one))),
      mutatedJson(TOKENS).map((text) => Buffer.from(text)),
    ),
    status: fc.oneof(
      { weight: 4, arbitrary: fc.constant(200) },
      { weight: 1, arbitrary: fc.constantFrom(201, 204, 302, 400, 401, 403, 404, 429, 500) },
    ),
    type: mutated(["application/json", "text/html"]),
    end: fc.constantFrom<Reply["end"]>("complete", "complete", "complete", "cut", "stopped"),
    password: fc.string(),
  }),
  async ({ body, status, type, end, password }) => {
    const { origin } = REALM;
    if (origin === null) throw new Error("the realm is a URL");
    const realm = { origin, path: REALM.path };
    const credentials = { username: "u", password: `secret-of-ours-${password}` };
    const headers = { "content-type": type };
    const reply = { target: realm, status, headers, body, bytes: body.length, end };
    const question = { realm, service: "registry", scope: "repository:a/b:pull", credentials };
    try {
      const { authorization, usableUntil } = await fetchToken(
        question,
        async () => reply,
        () => 1_000,
      );
      expect(authorization).toMatch(/^Bearer [\x21-\x7e]+$/);
      expect(authorization.length).toBeLessThanOrEqual(body.length + 7);
      expect(usableUntil >= 1_000 && usableUntil <= 1_000 + DAY_MS).toBe(true);
    } catch (error) {
      if (!(error instanceof RegistryError)) throw error;
      expect(error.message).toBe(plainly(error.message));
      expect(error.message).not.toContain("secret-of-ours");
    }
  },
);

fuzz(
  "a reference and a digest",
  mutated([`registry.example.com:5050/team/app:v1@sha256:${"a".repeat(64)}`, "nginx"]),
  (text) => {
    const read = parseImageReference(text);
    expect(typeof read).toBe("object");
    const digest = Digest.parse(text);
    if (digest !== null) expect(`${digest}`).toBe(text);
  },
);

describe("four times the text costs some four times as much", () => {
  const PARTS = [...CHALLENGES, ...LINKS, ...' |,|=|"|\\|;|<|>|a|a=|a="|rel|\t'.split("|"), "a, ", '"\\"'];
  fuzz("challenges", repeated(PARTS), (make) => expectLinear(parseChallenges, make));
  fuzz("links", repeated(PARTS), (make) => expectLinear(nextLink, make));
  fuzz("ranges", repeated([...RANGES, " ", "0", "-", "/"]), (make) => expectLinear(parseContentRange, make));
  fuzz("references", repeated(["a", "/", ":", "@", "-", "__", ".", "sha256:"]), (make) =>
    expectLinear(parseImageReference, make),
  );
  fuzz("manifests", repeated([...BODIES, "[", "{", '{"a":', '"', "\\", "0", ","]), (make) =>
    expectLinear((text) => parseManifest(Buffer.from(text), null), make),
  );
});
