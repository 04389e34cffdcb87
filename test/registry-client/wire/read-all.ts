import type { ReplyHeaders } from "../../../lib/registry-client/http-message";
import { NotHttpError } from "../../../lib/registry-client/wire/not-http-error";
import { ResponseReader } from "../../../lib/registry-client/wire/response-reader";

/** What a reader made of the bytes of one connection. */
export interface Read {
  status: number | null;
  headers: ReplyHeaders;
  body: string;
  /** After the end of the connection. */
  isWhole: boolean;
  isReusable: boolean;
  isRefused: boolean;
}

/** Feeds pieces to a reader, each in a buffer that is overwritten afterwards. @throws what is no NotHttpError */
export function readAll(pieces: readonly Buffer[], isHead = false): Read {
  const reader = new ResponseReader();
  const read: Read = {
    status: null,
    headers: {},
    body: "",
    isWhole: false,
    isReusable: false,
    isRefused: false,
  };
  const chunks: Buffer[] = [];
  reader.begin(
    {
      onHead: ({ status, headers }) => {
        if (read.status !== null) throw new Error("a second head for one request");
        Object.assign(read, { status, headers });
        return true;
      },
      onBody: (bytes, start, end) => {
        chunks.push(Buffer.from(bytes.subarray(start, end)));
        return true;
      },
    },
    isHead,
  );
  try {
    for (const piece of pieces) {
      const buffer = Buffer.alloc(piece.length + 7, "!");
      piece.copy(buffer);
      reader.feed(buffer, piece.length);
      buffer.fill("?");
    }
    read.isReusable = reader.isReusable;
    read.isWhole = reader.finish();
  } catch (error) {
    if (!(error instanceof NotHttpError)) throw error;
    read.isRefused = true;
  }
  read.body = Buffer.concat(chunks).toString("latin1");
  return read;
}

export function latin1(text: string): Buffer {
  return Buffer.from(text, "latin1");
}
