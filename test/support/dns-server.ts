/** A name server of a test's own: A records over UDP. https://www.rfc-editor.org/rfc/rfc1035#section-4 */
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";

const TYPE_A = 1;
/** As Docker's own: whoever goes by it asks again ten minutes later. */
const TTL_SECONDS = 600;
const NAME_UNKNOWN = 3;

/** Answers on loopback from a table that a test may change at any time. */
export class DnsServer {
  /** By name; what is not in it does not exist. */
  readonly records = new Map<string, string>();
  /** Names that were asked for, oldest first. */
  readonly questions: string[] = [];

  private constructor(private readonly socket: Socket) {}

  static async start(): Promise<DnsServer> {
    const socket = createSocket("udp4");
    const server = new DnsServer(socket);
    socket.on("message", (query, from) => {
      socket.send(server.answer(query), from.port, from.address);
    });
    socket.bind(0, "127.0.0.1");
    await once(socket, "listening");
    return server;
  }

  get port(): number {
    return this.socket.address().port;
  }

  async stop(): Promise<void> {
    this.socket.close();
    await once(this.socket, "close");
  }

  private answer(query: Buffer): Buffer {
    const { name, end, type } = question(query);
    this.questions.push(name);
    const address = type === TYPE_A ? this.records.get(name) : undefined;
    const header = Buffer.alloc(12);
    query.copy(header, 0, 0, 2);
    // Answer, recursion wished and there.
    header.writeUInt16BE(0x8180 | (this.records.has(name) ? 0 : NAME_UNKNOWN), 2);
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(address === undefined ? 0 : 1, 6);
    const asked = query.subarray(12, end);
    return Buffer.concat([header, asked, ...(address === undefined ? [] : [record(address)])]);
  }
}

function question(query: Buffer): { readonly name: string; readonly end: number; readonly type: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query.readUInt8(at); length > 0; length = query.readUInt8(at)) {
    labels.push(query.toString("latin1", at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join("."), type: query.readUInt16BE(at + 1), end: at + 5 };
}

function record(address: string): Buffer {
  const bytes = Buffer.alloc(16);
  // The name is that of the question, at offset 12.
  bytes.writeUInt16BE(0xc00c, 0);
  bytes.writeUInt16BE(TYPE_A, 2);
  bytes.writeUInt16BE(1, 4);
  bytes.writeUInt32BE(TTL_SECONDS, 6);
  bytes.writeUInt16BE(4, 10);
  Buffer.from(address.split(".").map(Number)).copy(bytes, 12);
  return bytes;
}
