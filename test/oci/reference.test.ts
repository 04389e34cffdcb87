import fc from "fast-check";
import {
  formatImageReference,
  type ImageReference,
  isRegistryHost,
  isRepositoryName,
  isTag,
  parseImageReference,
} from "../../lib/oci/reference";

const digest = `sha256:${"a".repeat(64)}`;
const longDigest = `sha512:${"b".repeat(128)}`;

function read(text: string): ImageReference {
  const reference = parseImageReference(text);
  if ("problem" in reference) throw new Error(`${text}: ${reference.problem}`);
  return reference;
}

test.each([
  ["nginx", "https", "registry-1.docker.io/library/nginx:latest"],
  ["nginx:1.27", "https", "registry-1.docker.io/library/nginx:1.27"],
  [`nginx@${digest}`, "https", `registry-1.docker.io/library/nginx@${digest}`],
  ["grafana/grafana", "https", "registry-1.docker.io/grafana/grafana:latest"],
  ["docker.io/nginx", "https", "registry-1.docker.io/library/nginx:latest"],
  ["index.docker.io/grafana/grafana:11", "https", "registry-1.docker.io/grafana/grafana:11"],
  ["docker.io/library/nginx", "https", "registry-1.docker.io/library/nginx:latest"],
  ["registry.example.com/app", "https", "registry.example.com/app:latest"],
  ["registry.example.com:5050/team/app:1.2", "https", "registry.example.com:5050/team/app:1.2"],
  [
    `registry.example.com:5050/team/app:1.2@${digest}`,
    "https",
    `registry.example.com:5050/team/app:1.2@${digest}`,
  ],
  [`ghcr.io/a/b/c@${longDigest}`, "https", `ghcr.io/a/b/c@${longDigest}`],
  ["localhost/app", "https", "localhost/app:latest"],
  ["localhost:5000/app:x", "https", "localhost:5000/app:x"],
  ["http://localhost:5000/app:x", "http", "localhost:5000/app:x"],
  ["https://registry/app", "https", "registry/app:latest"],
  ["http://registry/app/", null, null],
  ["[::1]:5000/app:x", "https", "[::1]:5000/app:x"],
  ["http://[fd00::7]/app:x", "http", "[fd00::7]/app:x"],
  ["10.0.20.10:5050/app", "https", "10.0.20.10:5050/app:latest"],
  ["a/b:_tag.with-all", "https", "registry-1.docker.io/a/b:_tag.with-all"],
])("%s", (text, scheme, full) => {
  const reference = parseImageReference(text);
  expect("problem" in reference ? null : reference.scheme).toBe(scheme);
  expect("problem" in reference ? null : formatImageReference(reference)).toBe(full);
});

test("a tag beside a digest is kept, and stands for no latest of its own", () => {
  expect(read(`app@${digest}`).tag).toBeNull();
  expect(read(`app:1@${digest}`)).toMatchObject({ tag: "1", repository: "library/app" });
});

test.each([
  ["", "a repository name has"],
  ["UPPER/case", "a repository name has"],
  ["registry.example.com/UPPER", "a repository name has"],
  ["registry.example.com/", "a repository name has"],
  ["registry.example.com/a//b", "a repository name has"],
  ["registry.example.com/../etc/passwd", "a repository name has"],
  ["registry.example.com/a/..", "a repository name has"],
  ["registry.example.com/-a", "a repository name has"],
  ["registry.example.com/a\u001b[31m", "a repository name has"],
  [`registry.example.com/${"a/".repeat(127)}ab`, "a repository name has"],
  ["app:", "a tag has"],
  ["app:-x", "a tag has"],
  ["app:a/b", "is no host or host:port"],
  ["r.io/app:a/b", "a tag has"],
  ["app:a b", "a tag has"],
  ["app:1\n", "a tag has"],
  [`app:${"x".repeat(129)}`, "a tag has"],
  ["app@sha256:abc", "what follows @ must be sha256:<64 hex>"],
  [`app@${digest}x`, "what follows @ must be"],
  ["user:secret@registry.example.com/app", "what follows @ must be"],
  ["registry.example.com:0/app", "is no host or host:port"],
  ["registry.example.com:65536/app", "is no host or host:port"],
  ["registry.example.com:port/app", "is no host or host:port"],
  ["a.b.999/app", "is no host or host:port"],
  ["[::1/app", "is no host or host:port"],
  ["[:::]/app", "is no host or host:port"],
  ["http:///app", "is no host or host:port"],
  ["http://exa mple/app", "is no host or host:port"],
  ["http://localhost:5000", "name an image behind the host"],
  ["https://registry.example.com", "name an image behind the host"],
  ["ftp://registry.example.com/app", "is no host or host:port"],
])("%j: %s", (text, problem) => {
  expect(parseImageReference(text)).toEqual({ problem: expect.stringContaining(problem) });
});

test.each([
  ["registry.example.com", true],
  ["registry.example.com:65535", true],
  ["REGISTRY.example.com:443", true],
  ["[2001:db8::1]", true],
  ["[2001:db8::1]:5000", true],
  ["a-b.c", true],
  ["registry.example.com.", false],
  ["-a.example.com", false],
  ["registry:", false],
  ["registry:000000", false],
  ["2001:db8::1", false],
  ["user@registry", false],
  ["registry/path", false],
  ["registry\n", false],
  ["", false],
])("%j is a registry host: %s", (text, expected) => {
  expect(isRegistryHost(text)).toBe(expected);
});

test("every accepted host stands in a URL", () => {
  const unit = fc.constantFrom(..."ab019.-:[]xn".split(""));
  fc.assert(
    fc.property(fc.string({ unit, minLength: 1, maxLength: 12 }), (text) => {
      if (isRegistryHost(text)) expect(() => new URL(`https://${text}`)).not.toThrow();
    }),
    { numRuns: 500 },
  );
});

test.each([
  ["a", true],
  ["team/app", true],
  ["a.b/c_d/e__f/g---h", true],
  ["a".repeat(255), true],
  ["a".repeat(256), false],
  ["a___b", false],
  ["a..b", false],
  ["a-", false],
  [".a", false],
  ["a/", false],
  ["/a", false],
  ["a\u0000b", false],
  ["ä", false],
])("%j is a repository name: %s", (text, expected) => {
  expect(isRepositoryName(text)).toBe(expected);
});

test("a hostile name of great length is refused at once", () => {
  const started = performance.now();
  expect(isRepositoryName(`${"a-".repeat(1_000_000)}!`)).toBe(false);
  expect(isRepositoryName(`${"a-".repeat(100)}!`)).toBe(false);
  expect(isTag(`${"a".repeat(1_000_000)}!`)).toBe(false);
  expect(isRegistryHost(`${"a.".repeat(20_000)}!`)).toBe(false);
  expect(performance.now() - started).toBeLessThan(500);
});

test("what is written is read back", () => {
  const part = fc.stringMatching(/^[a-z0-9]{1,5}(?:[._-][a-z0-9]{1,3})?$/);
  const repository = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));
  const host = fc.constantFrom(
    "",
    "docker.io/",
    "localhost/",
    "r.example.com:5050/",
    "[::1]:5000/",
    "http://r/",
  );
  const tag = fc.option(fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,8}$/), { nil: null });
  const digests = fc.constantFrom(null, digest, longDigest);
  fc.assert(
    fc.property(host, repository, tag, digests, (prefix, name, tagText, digestText) => {
      // A first part with a dot would be the host.
      fc.pre(prefix !== "" || !/^[^/]*\..*\//.test(name));
      const text = `${prefix}${name}${tagText === null ? "" : `:${tagText}`}${digestText === null ? "" : `@${digestText}`}`;
      const first = read(text);
      const written = `${first.scheme}://${formatImageReference(first)}`;
      expect(read(written)).toEqual(first);
      expect(formatImageReference(read(written))).toBe(formatImageReference(first));
      expect([first.tag, first.digest?.toString() ?? null]).toEqual([
        tagText ?? (digestText === null ? "latest" : null),
        digestText,
      ]);
    }),
    { numRuns: 200 },
  );
});

test("any text is either a reference or has a problem", () => {
  const unit = fc.constantFrom(..."aA0./:@[]-_ \n\u001bsha256http://".split(""));
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 40 }), (text) => {
      const reference = parseImageReference(text);
      if ("problem" in reference) expect(reference.problem).not.toBe("");
      else expect(isRepositoryName(reference.repository) && isRegistryHost(reference.registry)).toBe(true);
    }),
    { numRuns: 500 },
  );
});
