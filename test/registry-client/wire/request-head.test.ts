import fc from "fast-check";
import { RegistryError } from "../../../lib/registry-client/answers";
import { DROP_BODY, type HttpRequest } from "../../../lib/registry-client/http-message";
import { originOf, type Target } from "../../../lib/registry-client/origin";
import { requestHead } from "../../../lib/registry-client/wire/request-head";

function target(path: string, url = "http://r.example:5000"): Target {
  const origin = originOf(new URL(url));
  if (origin === null) throw new Error(`${url} has no origin`);
  return { origin, path };
}

function get(...headers: string[]): HttpRequest {
  return { method: "GET", headers, body: null, planBody: () => DROP_BODY };
}

test("is one line each, Host first", () => {
  expect(requestHead(target("/v2/a?b=%20"), get("Range", "bytes=1-1", "Accept", "a\xe4\tb"))).toBe(
    "GET /v2/a?b=%20 HTTP/1.1\r\nHost: r.example:5000\r\nRange: bytes=1-1\r\nAccept: a\xe4\tb\r\n\r\n",
  );
  expect(requestHead(target("/", "https://[::1]/"), get())).toBe("GET / HTTP/1.1\r\nHost: [::1]\r\n\r\n");
});

test.each<[string, string, string[]]>([
  ["a line end in the path", "/a\r\nX: y", []],
  ["a blank in the path", "/a b", []],
  ["a path beyond ASCII", "/ä", []],
  ["a path of another host", "http://x/", []],
  ["no path", "", []],
  ["a line end in a value", "/", ["A", "b\r\nC: d"]],
  ["LF in a value", "/", ["A", "b\nC: d"]],
  ["NUL in a value", "/", ["A", "\0"]],
  ["a value beyond Latin-1, whose low byte is LF", "/", ["A", "b\u010ac"]],
  ["a line end in a name", "/", ["A\r\nB", "c"]],
  ["a colon in a name", "/", ["A:", "c"]],
  ["an empty name", "/", ["", "c"]],
])("%s is not written", (_name, path, headers) => {
  const write = (): unknown => requestHead(target(path), get(...headers));
  expect(write).toThrow(RegistryError);
  expect(write).toThrow("cannot stand in a request");
});

test("whatever is given, as many lines are written as were asked for", () => {
  const text = fc.string({ unit: "binary", maxLength: 10 });
  fc.assert(
    fc.property(text, fc.array(fc.tuple(text, text)), (path, pairs) => {
      let head: string;
      try {
        head = requestHead(target(`/${path}`), get(...pairs.flat()));
      } catch (error) {
        expect(error).toBeInstanceOf(RegistryError);
        return;
      }
      expect(
        Buffer.from(head, "latin1")
          .toString("latin1")
          .split(/\r\n|\r|\n/),
      ).toHaveLength(pairs.length + 4);
    }),
    { numRuns: 1000 },
  );
});
