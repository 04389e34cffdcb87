import fc from "fast-check";
import { RegistryError } from "../../lib/registry-client/answers";
import { parseContentRange } from "../../lib/registry-client/content-range";
import { encodePath } from "../../lib/registry-client/encode-path";
import { localScope, mayLeadTo } from "../../lib/registry-client/local-scope";
import { type Origin, originOf, redactTarget } from "../../lib/registry-client/origin";
import { redirectTarget } from "../../lib/registry-client/redirect";
import { parseRetryAfter } from "../../lib/registry-client/retry-after";
import { mayReceiveCredentials, tokenRealm } from "../../lib/registry-client/token-realm";
import { transportError } from "../../lib/registry-client/transport-error";

function origin(url: string): Origin {
  const found = originOf(new URL(url));
  if (found === null) throw new Error(`${url} has no origin`);
  return found;
}

describe("local addresses", () => {
  test.each([
    ["http://127.0.0.1", "loopback"],
    ["http://127.255.1.2", "loopback"],
    ["http://2130706433", "loopback"],
    ["http://0x7f.1", "loopback"],
    ["http://0.0.0.0", "loopback"],
    ["http://[::1]", "loopback"],
    ["http://[::]", "loopback"],
    ["http://[::ffff:127.0.0.1]", "loopback"],
    ["http://localhost", "loopback"],
    ["http://LOCALHOST.", "loopback"],
    ["http://a.localhost", "loopback"],
    ["http://169.254.169.254", "link-local"],
    ["http://[::ffff:169.254.169.254]", "link-local"],
    ["http://[fe80::1]", "link-local"],
    ["http://[febf::1]", "link-local"],
    ["http://10.0.0.1", null],
    ["http://[fec0::1]", null],
    ["http://registry.example", null],
    ["http://localhost.example", null],
    ["http://128.0.0.1", null],
  ])("%s is %s", (url, expected) => {
    expect(localScope(origin(url).hostname)).toBe(expected);
  });

  test("a registry may lead into its own scope, and out of all", () => {
    expect(mayLeadTo("127.0.0.1", "loopback")).toBe(true);
    expect(mayLeadTo("169.254.1.1", "loopback")).toBe(false);
    expect(mayLeadTo("127.0.0.1", null)).toBe(false);
    expect(mayLeadTo("10.0.0.1", "loopback")).toBe(true);
  });
});

describe("redirects", () => {
  const from = { origin: origin("https://registry.example:5000"), path: "/v2/a/blobs/x?y=1" };
  test.each([
    ["/other", "https://registry.example:5000/other"],
    ["next?sig=1", "https://registry.example:5000/v2/a/blobs/next?sig=1"],
    ["//cdn.example/x", "https://cdn.example/x"],
    ["https://user:pw@cdn.example/x#f", "https://cdn.example/x"],
  ])("%s leads to %s", (location, expected) => {
    const next = redirectTarget(from, location, null);
    expect(`${next.origin.key}${next.path}`).toBe(expected);
  });

  test.each([
    [undefined, "without a Location"],
    ["http://registry.example/x", "from https to http"],
    ["https://127.0.0.1/x", "loopback or link-local"],
    ["https://[fe80::1]/x", "loopback or link-local"],
    ["https://169.254.169.254/latest/meta-data", "loopback or link-local"],
    ["file:///etc/passwd", "neither an http nor an https URL"],
    ["https://[", "neither an http nor an https URL"],
  ])("%s is refused", (location, why) => {
    const go = (): unknown => redirectTarget(from, location, null);
    expect(go).toThrow(RegistryError);
    expect(go).toThrow(why);
    expect(go).not.toThrow("y=1");
  });
});

describe("token realms", () => {
  const secure = origin("https://registry.example");
  test("a query of its own stays", () => {
    const realm = tokenRealm("https://auth.example/token?a=b", secure);
    expect([realm.origin.key, realm.path]).toEqual(["https://auth.example", "/token?a=b"]);
  });

  test.each([
    [undefined, secure],
    ["/token", secure],
    ["ftp://auth.example/token", secure],
    ["http://auth.example/token", secure],
    ["https://127.0.0.1/token", secure],
    ["http://[::1]:99/token", origin("http://registry.example")],
    ["http://169.254.169.254/token", origin("http://localhost:5000")],
  ])("%s is not asked", (realm, registry) => {
    expect(() => tokenRealm(realm, registry)).toThrow(RegistryError);
  });

  test.each([
    ["https://registry.example/token", "https://registry.example", [], true],
    ["https://registry.example:444/token", "https://registry.example", [], false],
    ["http://registry.example:443/token", "https://registry.example", [], false],
    ["https://auth.example/token", "https://registry.example", [], false],
    ["https://auth.example/token", "https://registry.example", ["AUTH.example"], true],
    ["https://auth.example:8443/token", "https://registry.example", ["auth.example"], false],
    ["https://auth.example:8443/token", "https://registry.example", ["auth.example:8443"], true],
    ["https://auth.example.evil/token", "https://registry.example", ["auth.example"], false],
    ["https://auth.docker.io/token", "https://registry-1.docker.io", [], true],
    ["http://auth.docker.io/token", "https://registry-1.docker.io", [], false],
    ["https://auth.docker.io/token", "https://registry.example", [], false],
  ])("a password to %s of %s with %j: %s", (realm, registry, hosts, expected) => {
    expect(mayReceiveCredentials(origin(realm), origin(registry), hosts)).toBe(expected);
  });
});

describe("headers", () => {
  const now = Date.UTC(2026, 0, 2, 3, 4, 5);
  test.each([
    ["120", 120_000],
    [" 0 ", 0],
    ["Fri, 02 Jan 2026 03:04:35 GMT", 30_000],
    ["Fri, 02 Jan 2026 03:04:00 GMT", 0],
    ["-5", null],
    ["1.5", null],
    ["2027", 2_027_000],
    ["2027-01-01", null],
    ["soon", null],
    [undefined, null],
  ])("Retry-After %s is %s ms", (value, expected) => {
    expect(parseRetryAfter(value, now)).toBe(expected);
  });

  test.each([
    ["bytes 4-4/5", { start: 4, end: 4, total: 5 }],
    ["Bytes 4-4/*", { start: 4, end: 4, total: null }],
    ["bytes */5", { start: null, end: null, total: 5 }],
    ["bytes 4-4", null],
    ["items 4-4/5", null],
    ["bytes -4/5", null],
    [undefined, null],
  ])("Content-Range %s", (value, expected) => {
    expect(parseContentRange(value)).toEqual(expected);
  });
});

describe("paths", () => {
  test.each([
    ["library/app", "library/app"],
    ["sha256:00ff", "sha256:00ff"],
    ["a b", "a%20b"],
    ["a?n=1#x", "a%3Fn%3D1%23x"],
    ["a%2e", "a%252e"],
    ["-a", "-a"],
    ["a\r\nHost: b", "a%0D%0AHost%3A%20b"],
    ["\ud800", "%EF%BF%BD"],
  ])("%j stands as %s", (name, expected) => {
    expect(encodePath(name)).toBe(expected);
  });

  test.each(["", "/", "a//b", "../a", "a/..", "a/./b", "/a", "a/"])("%j is refused", (name) => {
    expect(() => encodePath(name)).toThrow(RegistryError);
  });

  test("whatever the name, a URL parser leaves the path as it is", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 40 }), (name) => {
        let path: string;
        try {
          path = `/v2/${encodePath(name)}/tags/list`;
        } catch {
          return;
        }
        expect(path).toMatch(/^[!-~]+$/);
        const url = new URL(path, "http://r.example");
        expect([url.pathname, url.search, url.hash]).toEqual([path, "", ""]);
      }),
    );
  });

  test("what is shown of a target holds no query, and no terminal escape", () => {
    const target = { origin: origin("https://u:p@cdn.example/"), path: "/x\u001b[2J?X-Amz-Signature=s" };
    expect(redactTarget(target)).toBe("https://cdn.example/x\\u001b[2J");
  });
});

test.each([
  ["CERT_HAS_EXPIRED", "tls", false],
  ["DEPTH_ZERO_SELF_SIGNED_CERT", "tls", false],
  ["ERR_TLS_CERT_ALTNAME_INVALID", "tls", false],
  ["EPROTO", "tls", false],
  ["ECONNREFUSED", "unreachable", true],
  ["ENOTFOUND", "unreachable", true],
])("a connection that fails with %s is %s", (code, expected, retryable) => {
  const error = transportError(Object.assign(new Error("x"), { code }), "GET y");
  expect([error.code, error.retryable]).toEqual([expected, retryable]);
  expect(error.message).toContain(code);
  const several = transportError(new AggregateError([Object.assign(new Error("x"), { code })]), "GET y");
  expect(several.code).toBe(expected);
});
