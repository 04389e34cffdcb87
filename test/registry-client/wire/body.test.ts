import { Digest } from "../../../lib/oci/digest";
import { blobSource } from "../../../lib/registry-client/blob-source";
import { KeptBody } from "../../../lib/registry-client/wire/kept-body";
import { collect, Harness } from "../harness";
import { type RawAnswer, RawServer } from "./raw-server";

const harness = new Harness();
let server: RawServer | null = null;
afterEach(async () => {
  await harness.end();
  await server?.close();
});

async function client(answer: RawAnswer, timeoutMs: number) {
  const raw = await RawServer.start(answer);
  server = raw;
  return harness.client({ url: () => raw.url() }, { retries: 0, timeoutMs });
}

const MIB = 1024 * 1024;
/** More than the time-out of the tests, less than what a mebibyte is given beyond it. */
const PAUSE_MS = 250;

const slow: RawAnswer = (socket) => {
  socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${MIB}\r\n\r\nfirst`);
  setTimeout(() => socket.write(Buffer.alloc(MIB - 5)), PAUSE_MS);
};
const content = Buffer.concat([Buffer.from("first"), Buffer.alloc(MIB - 5)]);

test("a long body that is read whole has time by its size", async () => {
  const one = await client(slow, 100);
  const answer = await one.blob("a", Digest.sha256(content), MIB, "full");
  expect(answer).toEqual({ kind: "present", bytes: MIB, hashed: true });
});

test("a long body that is passed on has time by its size too", async () => {
  const one = await client(slow, 100);
  const chunks = await collect(blobSource(one.session, "a", Digest.sha256(content), MIB).open());
  expect(Buffer.concat(chunks).equals(content)).toBe(true);
});

test("bytes that are passed on stay what they were when more have come", async () => {
  const text = Array.from({ length: 300_000 }, (_, i) => String.fromCharCode(97 + (i % 26))).join("");
  const pieces = text.match(/.{1,7000}/g) ?? [];
  const one = await client((socket) => {
    socket.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (const piece of pieces) socket.write(`${piece.length.toString(16)}\r\n${piece}\r\n`);
    socket.write("0\r\n\r\n");
  }, 5000);
  const source = blobSource(one.session, "a", Digest.sha256(Buffer.from(text)), text.length);
  expect(Buffer.concat(await collect(source.open())).toString() === text).toBe(true);
});

test.each([
  ["nothing", 0, []],
  ["no length, one byte at a time", -1, Array(10_000).fill(1)],
  ["a length", 10, [3, 7]],
  ["a length that was too small", 10, [3, 70_000, 4]],
  ["more than 64 KiB", 200_000, [60_000, 60_000, 80_000]],
  ["a large length", 3_000_000, [3, 70_000, 2_929_997]],
  ["no length, and large", -1, [500_000, 500_000, 2_000_000]],
])("a kept body of %s", (_name, contentLength, sizes) => {
  const body = new KeptBody(contentLength, 4_000_000);
  let expected = "";
  for (const [nth, size] of sizes.entries()) {
    const piece = String.fromCharCode(97 + (nth % 26)).repeat(size);
    body.add(Buffer.from(`<${piece}>`), 1, 1 + size);
    expected += piece;
  }
  expect(body.bytes().toString() === expected).toBe(true);
});
