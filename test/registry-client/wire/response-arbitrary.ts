import fc from "fast-check";

export interface GivenResponse {
  /** Latin-1. */
  readonly text: string;
  readonly isHead: boolean;
  readonly status: number;
}

const NAMES = [
  "Content-Type",
  "content-encoding",
  "Content-Range",
  "DOCKER-Content-Digest",
  "Link",
  "Location",
  "Retry-After",
  "WWW-Authenticate",
  "Date",
  "Set-Cookie",
  "X-Any",
] as const;

function textOf(codes: readonly [number, number][], maxLength: number): fc.Arbitrary<string> {
  const code = fc.oneof(...codes.map(([min, max]) => fc.integer({ min, max })));
  return fc.array(code, { maxLength }).map((all) => String.fromCharCode(...all));
}

const value = textOf(
  [
    [0x20, 0x7e],
    [0x80, 0xff],
  ],
  12,
).map((text) => text.trim());
const blank = fc.constantFrom("", " ", "\t", "  ");
const header = fc
  .tuple(fc.constantFrom(...NAMES), blank, value, blank)
  .map(([name, before, text, after]) => `${name}:${before}${text}${after}\r\n`);
const body = textOf([[0, 255]], 60);

function inChunks(pieces: readonly string[], trailer: string): string {
  const chunks = pieces
    .filter((one) => one !== "")
    .map((one) => `${one.length.toString(16)};x=y\r\n${one}\r\n`);
  return `${chunks.join("")}0\r\n${trailer}\r\n`;
}

/** Answers that every reader of HTTP/1.1 understands the same way, framed in all ways. */
export const response: fc.Arbitrary<GivenResponse> = fc
  .record({
    isHead: fc.boolean(),
    status: fc.constantFrom(200, 206, 401, 404, 429, 500, 204, 304),
    interim: fc.constantFrom("", "HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 103 Hints\r\nLink: <x>\r\n\r\n"),
    headers: fc.array(header, { maxLength: 8 }),
    pieces: fc.array(body, { maxLength: 4 }),
    framing: fc.constantFrom("length", "chunked", "close"),
    trailer: fc.constantFrom("", "X-Trailer: y\r\n"),
    reason: fc.constantFrom("", " ", " OK", " Not Found"),
  })
  .map(({ isHead, status, interim, headers, pieces, framing, trailer, reason }) => {
    const isEmpty = isHead || status === 204 || status === 304;
    const whole = pieces.join("");
    const [line, content] =
      framing === "length"
        ? [`Content-Length: ${whole.length}\r\n`, whole]
        : framing === "chunked"
          ? ["Transfer-Encoding: chunked\r\n", inChunks(pieces, trailer)]
          : ["Connection: close\r\n", whole];
    const head = `HTTP/1.1 ${status}${reason}\r\n${headers.join("")}${status === 204 ? "" : line}\r\n`;
    return { text: `${interim}${head}${isEmpty ? "" : content}`, isHead, status };
  });
