import fc from "fast-check";
import { latin1, type Read, readAll } from "./read-all";
import { response } from "./response-arbitrary";

const OK = "HTTP/1.1 200 OK\r\n";

function read(text: string, isHead = false): Read {
  return readAll([latin1(text)], isHead);
}

describe("the head", () => {
  test("names in any case, blanks around values, those that nobody reads passed over", () => {
    const { status, headers, isRefused } = read(
      `${OK}CONTENT-Type:\t text/x \r\nx-any!: \xff\t"\r\nDocker-Content-Digest:a\r\nLink: b\r\nlink:c\r\nRetry-After: 1\r\n` +
        "Retry-After: 2\r\nETag:\r\n__proto__: x\r\nWww-Authenticate: Basic\r\nWWW-Authenticate: Bearer\r\n" +
        "Content-Length: 0\r\n\r\n",
    );
    expect([status, isRefused]).toEqual([200, false]);
    expect(headers).toEqual({
      "content-type": "text/x",
      "docker-content-digest": "a",
      link: "b, c",
      "retry-after": "1",
      "www-authenticate": "Basic, Bearer",
      "content-length": "0",
    });
  });

  test.each([
    ["no reason", "HTTP/1.1 200\r\n\r\n", 200],
    ["an empty reason", "HTTP/1.1 404 \r\n\r\n", 404],
    ["a reason in Latin-1", "HTTP/1.1 500 \xe4 b\r\n\r\n", 500],
    ["HTTP/1.0", "HTTP/1.0 200 OK\r\n\r\n", 200],
    [
      "interim answers first",
      `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nLink: x\r\n\r\n${OK}\r\n`,
      200,
    ],
    ["eight of them", `${"HTTP/1.1 102 P\r\n\r\n".repeat(8)}${OK}\r\n`, 200],
  ])("with %s is read", (_name, text, status) => {
    expect(read(text)).toMatchObject({ status, isRefused: false });
  });

  test("of 64 KiB is read, and of one byte more is not, in one piece or in many", () => {
    const room = 64 * 1024 - `${OK}A: \r\n\r\n`.length;
    const whole = `${OK}A: ${"a".repeat(room)}\r\n\r\n`;
    const larger = `${OK}A: ${"a".repeat(room + 1)}\r\n\r\n`;
    for (const size of [1, 1000, 65_535, 70_000]) {
      const pieces = (text: string): Buffer[] =>
        Array.from({ length: Math.ceil(text.length / size) }, (_, i) =>
          latin1(text.slice(i * size, (i + 1) * size)),
        );
      expect([size, readAll(pieces(`${whole}body`))]).toMatchObject([size, { status: 200, body: "body" }]);
      expect([size, readAll(pieces(`${larger}body`))]).toMatchObject([
        size,
        { status: null, isRefused: true },
      ]);
    }
    expect(read(`${OK}A: ${"a".repeat(80_000)}`).isRefused).toBe(true);
  });

  test.each([
    ["another protocol's greeting", "SSH-2.0-OpenSSH_9\r\n"],
    ["a TLS record", "\x15\x03\x01\x00\x02\x02\x16"],
    ["a web page alone", "<html>"],
    ["HTTP/2", "HTTP/2 200\r\n\r\n"],
    ["HTTP/1.2", "HTTP/1.2 200 OK\r\n\r\n"],
    ["HTTP/1.1 written otherwise", "http/1.1 200 OK\r\n\r\n"],
    ["a tabulator for a blank", "HTTP/1.1\t200 OK\r\n\r\n"],
    ["two blanks", "HTTP/1.1  200 OK\r\n\r\n"],
    ["a status of two digits", "HTTP/1.1 20 OK\r\n\r\n"],
    ["a status of four digits", "HTTP/1.1 2000 OK\r\n\r\n"],
    ["a status below 100", "HTTP/1.1 099 OK\r\n\r\n"],
    ["a sign in the status", "HTTP/1.1 +20 OK\r\n\r\n"],
    ["a control character in the reason", "HTTP/1.1 200 O\x00K\r\n\r\n"],
    ["an empty line first", `\r\n${OK}\r\n`],
    ["lines that end with LF alone", "HTTP/1.1 200 OK\nA: b\n\n"],
    ["a header line that ends with LF alone", `${OK}A: b\nC: d\r\n\r\n`],
    ["a CR within a value", `${OK}A: b\rc\r\n\r\n`],
    ["a NUL within a value", `${OK}A: b\x00c\r\n\r\n`],
    ["a DEL within a value", `${OK}A: b\x7fc\r\n\r\n`],
    ["a line folded on", `${OK}A: b\r\n c\r\n\r\n`],
    ["a folded first line", `${OK} A: b\r\n\r\n`],
    ["a blank before the colon", `${OK}Content-Length : 5\r\n\r\n`],
    ["no colon", `${OK}A\r\n\r\n`],
    ["no name", `${OK}: b\r\n\r\n`],
    ["a name beyond ASCII", `${OK}\xe4: b\r\n\r\n`],
    ["a switch of protocols", "HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n"],
    ["interim answers without end", "HTTP/1.1 102 P\r\n\r\n".repeat(9)],
  ])("with %s is refused", (_name, text) => {
    expect(read(text)).toMatchObject({ status: null, isRefused: true });
  });
});

describe("the body", () => {
  test.each<[string, string, boolean, Partial<Read>]>([
    [
      "of a length",
      `${OK}Content-Length: 3\r\n\r\nabc`,
      false,
      { body: "abc", isWhole: true, isReusable: true },
    ],
    ["of no length", `${OK}Content-Length: 0\r\n\r\n`, false, { body: "", isWhole: true, isReusable: true }],
    ["cut short", `${OK}Content-Length: 3\r\n\r\nab`, false, { body: "ab", isWhole: false }],
    [
      "to the end of the connection",
      `${OK}\r\nabc`,
      false,
      { body: "abc", isWhole: true, isReusable: false },
    ],
    [
      "of a length, Connection: close",
      `${OK}Connection: x, Close\r\nContent-Length: 1\r\n\r\na`,
      false,
      { body: "a", isWhole: true, isReusable: false },
    ],
    [
      "of HTTP/1.0, keep-alive or not",
      "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\na",
      false,
      { body: "a", isWhole: true, isReusable: false },
    ],
    ["of HEAD", `${OK}Content-Length: 3\r\n\r\n`, true, { body: "", isWhole: true, isReusable: true }],
    [
      "of HEAD, chunked",
      `${OK}Transfer-Encoding: chunked\r\n\r\n`,
      true,
      { body: "", isWhole: true, isReusable: true },
    ],
    [
      "of HEAD that comes all the same",
      `${OK}Content-Length: 3\r\n\r\nabc`,
      true,
      { body: "", isReusable: false },
    ],
    ["of 204", "HTTP/1.1 204 No\r\n\r\n", false, { body: "", isWhole: true, isReusable: true }],
    [
      "of 304",
      "HTTP/1.1 304 No\r\nContent-Length: 9\r\n\r\n",
      false,
      { body: "", isWhole: true, isReusable: true },
    ],
    [
      "with more behind it",
      `${OK}Content-Length: 1\r\n\r\nab`,
      false,
      { body: "a", isWhole: true, isReusable: false },
    ],
    [
      "with a second answer behind it",
      `${OK}Content-Length: 1\r\n\r\na${OK}Content-Length: 1\r\n\r\nb`,
      false,
      { body: "a", isWhole: true, isReusable: false },
    ],
  ])("%s", (_name, text, isHead, expected) => {
    expect(read(text, isHead)).toMatchObject({ status: expect.any(Number), isRefused: false, ...expected });
  });

  const chunked = `${OK}Transfer-Encoding: Chunked\r\n\r\n`;
  test.each<[string, string, Partial<Read>]>([
    ["nothing", "0\r\n\r\n", { body: "", isWhole: true, isReusable: true }],
    ["two pieces", "3\r\nabc\r\n00A\r\n0123456789\r\n0\r\n\r\n", { body: "abc0123456789", isWhole: true }],
    ["extensions", '1;a=b;c="\xe4"\r\nx\r\n0;d\r\n\r\n', { body: "x", isWhole: true, isReusable: true }],
    [
      "trailers",
      "1\r\nx\r\n0\r\nA: b\r\nContent-Length: 5\r\n\r\n",
      { body: "x", isWhole: true, isReusable: true },
    ],
    [
      "bytes that look like its end",
      "7\r\n0\r\n\r\n\r\n\r\n0\r\n\r\n",
      { body: "0\r\n\r\n\r\n", isWhole: true },
    ],
    ["no end", "3\r\nabc\r\n", { body: "abc", isWhole: false }],
    ["an answer behind it", `0\r\n\r\n${OK}\r\n`, { body: "", isWhole: true, isReusable: false }],
  ])("in chunks, with %s", (_name, text, expected) => {
    expect(read(chunked + text)).toMatchObject({ isRefused: false, ...expected });
  });

  test.each([
    ["no size", "\r\n"],
    ["a sign", "+1\r\nx\r\n"],
    ["a prefix", "0x1\r\nx\r\n"],
    ["a size that no double holds", "10000000000000\r\n"],
    ["a blank before the line's end", "1 \r\nx\r\n"],
    ["LF alone behind the size", "1\nx\r\n"],
    ["LF alone behind the data", "1\r\nx\n"],
    ["more data than its size", "1\r\nxy\r\n"],
    ["a control character in an extension", "1;\x00\r\nx\r\n"],
    ["LF in an extension", "1;a\nx\r\n"],
    ["a trailer without a name", "0\r\n: x\r\n\r\n"],
    ["a trailer folded on", "0\r\nA: b\r\n c\r\n\r\n"],
    ["a trailer that is none", "0\r\nA b\r\n\r\n"],
    ["CR alone at the end", "0\r\n\rx"],
    ["extensions without end", `1;${"a".repeat(70_000)}`],
    ["many extensions", `1;${"a".repeat(1000)}\r\nx\r\n`.repeat(70)],
    ["trailers without end", `0\r\n${"A: b\r\n".repeat(40_000)}`],
  ])("in chunks, with %s, is refused", (_name, text) => {
    expect(read(chunked + text)).toMatchObject({ status: 200, isRefused: true });
  });

  test.each([
    ["two lengths", "Content-Length: 1\r\nContent-Length: 2"],
    ["the same length twice", "Content-Length: 1\r\nContent-Length: 1"],
    ["a list of lengths", "Content-Length: 1, 1"],
    ["a length with a sign", "Content-Length: +1"],
    ["a negative length", "Content-Length: -1"],
    ["a length in hexadecimal", "Content-Length: 0x1"],
    ["a length of sixteen digits", "Content-Length: 1000000000000000"],
    ["an empty length", "Content-Length:"],
    ["chunks and a length", "Transfer-Encoding: chunked\r\nContent-Length: 1"],
    ["a length and chunks", "Content-Length: 1\r\nTransfer-Encoding: chunked"],
    ["another coding", "Transfer-Encoding: gzip"],
    ["another coding, then chunks", "Transfer-Encoding: gzip, chunked"],
    ["chunks, then another coding", "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity"],
    ["chunks twice", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"],
    ["chunks spelled otherwise", "Transfer-Encoding: \x0bchunked"],
    ["something like chunks", "Transfer-Encoding: xchunked"],
  ])("under %s: two readers could disagree on its end, so there is no answer", (_name, lines) => {
    expect(read(`${OK}${lines}\r\n\r\n1\r\na`)).toMatchObject({ status: null, isRefused: true });
    expect(read(`${OK}${lines}\r\n\r\n`, true)).toMatchObject({ status: null, isRefused: true });
  });

  test("in chunks of HTTP/1.0 is refused", () => {
    expect(read("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n").isRefused).toBe(true);
  });
});

describe("whatever comes", () => {
  test("an answer is the same wherever its bytes are parted", () => {
    fc.assert(
      fc.property(response, ({ text, isHead }) => {
        const bytes = latin1(text);
        const whole = readAll([bytes], isHead);
        expect(whole).toMatchObject({ isRefused: false, isWhole: true });
        for (let at = 0; at <= bytes.length; at += 1) {
          expect(readAll([bytes.subarray(0, at), bytes.subarray(at)], isHead)).toEqual(whole);
        }
        expect(
          readAll(
            [...bytes].map((byte) => Buffer.of(byte)),
            isHead,
          ),
        ).toEqual(whole);
      }),
      { numRuns: 60 },
    );
  });

  const mangled = fc
    .tuple(
      response,
      fc.array(fc.tuple(fc.nat(), fc.constantFrom("\r", "\n", "\r\n", "\0", ":", " ", "", "0", "\xff"))),
    )
    .map(([{ text, isHead }, edits]) => {
      let mangledText = text;
      for (const [where, what] of edits) {
        const at = where % (mangledText.length + 1);
        mangledText = mangledText.slice(0, at) + what + mangledText.slice(at + (where % 3));
      }
      return { bytes: latin1(mangledText), isHead };
    });
  const garbage = fc.record({
    bytes: fc.uint8Array({ maxLength: 300 }).map((one) => Buffer.from(one)),
    isHead: fc.boolean(),
  });

  test("is read or refused, the same in one piece or in many, and gives no byte that did not come", () => {
    fc.assert(
      fc.property(
        fc.oneof(mangled, garbage),
        fc.array(fc.integer({ min: 1, max: 40 })),
        ({ bytes, isHead }, sizes) => {
          const whole = readAll([bytes], isHead);
          const pieces: Buffer[] = [];
          let at = 0;
          for (const size of sizes) {
            pieces.push(bytes.subarray(at, at + size));
            at = Math.min(bytes.length, at + size);
          }
          expect(readAll([...pieces, bytes.subarray(at)], isHead)).toEqual(whole);
          expect(bytes.includes(latin1(whole.body)) || whole.body.length < bytes.length).toBe(true);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
