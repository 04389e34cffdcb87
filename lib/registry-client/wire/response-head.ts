/**
 * The head of an answer: strict where leniency has been used to smuggle answers.
 * https://www.rfc-editor.org/rfc/rfc9112#section-4
 */
import type { ReplyHeaders } from "../http-message";
import { CR, isTokenCode, isValueCode, LF } from "./field-grammar";
import { NotHttpError } from "./not-http-error";

export interface ResponseHead {
  readonly status: number;
  readonly headers: ReplyHeaders;
  /** Content-Length in bytes, -1 where there is none. */
  readonly contentLength: number;
  readonly isChunked: boolean;
  /** Whether the connection may carry another answer after this one. */
  readonly isPersistent: boolean;
  /** Seconds for which the server says that it keeps an idle connection; null where it does not say. */
  readonly keepAliveSeconds: number | null;
}

const SPACE = 0x20;
const TAB = 0x09;
const COLON = 0x3a;
const ZERO = 0x30;
const STATUS_AT = "HTTP/1.1 ".length;

/** The fields that somebody reads, all of them there from the start: one shape for every answer. */
class Fields {
  connection: string | undefined = undefined;
  "content-encoding": string | undefined = undefined;
  "content-length": string | undefined = undefined;
  "content-range": string | undefined = undefined;
  "content-type": string | undefined = undefined;
  "docker-content-digest": string | undefined = undefined;
  "keep-alive": string | undefined = undefined;
  link: string | undefined = undefined;
  location: string | undefined = undefined;
  "retry-after": string | undefined = undefined;
  "transfer-encoding": string | undefined = undefined;
  "www-authenticate": string | undefined = undefined;
}
type FieldName = keyof Fields;

const NAMES_BY_LENGTH = new Map<number, readonly FieldName[]>();
for (const name of Object.keys(new Fields()) as FieldName[]) {
  NAMES_BY_LENGTH.set(name.length, [...(NAMES_BY_LENGTH.get(name.length) ?? []), name]);
}

/** Of what may stand once the first counts, as for node:http; lists are joined. */
const SINGULAR: ReadonlySet<FieldName> = new Set(["content-type", "location", "retry-after"]);

/**
 * @param text Latin-1, from the status line to the empty line
 * @throws NotHttpError
 */
export function parseResponseHead(text: string): ResponseHead {
  const minor = text.charCodeAt(STATUS_AT - 2) - ZERO;
  const status = statusOf(text);
  if (!text.startsWith("HTTP/1.") || text[STATUS_AT - 1] !== " " || (minor !== 0 && minor !== 1)) {
    throw new NotHttpError("the version is not HTTP/1.0 or HTTP/1.1");
  }
  const fields = new Fields();
  let at = endOfReason(text, STATUS_AT + 3);
  while (text.charCodeAt(at) !== CR) at = readField(text, at, fields);
  if (text.charCodeAt(at + 1) !== LF || at + 2 !== text.length) {
    throw new NotHttpError("the head does not end with an empty line");
  }
  return framed(status, minor, fields);
}

function statusOf(text: string): number {
  let status = 0;
  for (let at = STATUS_AT; at < STATUS_AT + 3; at += 1) {
    const digit = text.charCodeAt(at) - ZERO;
    if (!(digit >= 0 && digit <= 9)) throw new NotHttpError("the status is not three digits");
    status = status * 10 + digit;
  }
  if (status < 100) throw new NotHttpError("the status is below 100");
  return status;
}

/** @returns where the line after the status line begins */
function endOfReason(text: string, start: number): number {
  let at = start;
  if (text.charCodeAt(at) === SPACE) while (isValueCode(text.charCodeAt(at))) at += 1;
  return afterLineEnd(text, at, "the status line");
}

function afterLineEnd(text: string, at: number, what: string): number {
  if (text.charCodeAt(at) === CR && text.charCodeAt(at + 1) === LF) return at + 2;
  throw new NotHttpError(`${what} has a character that may not stand there`);
}

/** A line folded on begins with a blank, which is no name: refused. @returns where the next line begins */
function readField(text: string, start: number, fields: Fields): number {
  let at = start;
  while (isTokenCode(text.charCodeAt(at))) at += 1;
  if (at === start || text.charCodeAt(at) !== COLON) throw new NotHttpError("a header has no proper name");
  const nameEnd = at;
  at += 1;
  while (isBlank(text.charCodeAt(at))) at += 1;
  const valueStart = at;
  let valueEnd = at;
  for (let code = text.charCodeAt(at); isValueCode(code); code = text.charCodeAt(at)) {
    at += 1;
    if (!isBlank(code)) valueEnd = at;
  }
  const next = afterLineEnd(text, at, "a header");
  const name = knownName(text, start, nameEnd);
  if (name !== null) take(fields, name, text.slice(valueStart, valueEnd));
  return next;
}

function isBlank(code: number): boolean {
  return code === SPACE || code === TAB;
}

function knownName(text: string, start: number, end: number): FieldName | null {
  const names = NAMES_BY_LENGTH.get(end - start);
  if (names === undefined) return null;
  for (const name of names) if (isNamed(text, start, name)) return name;
  return null;
}

function isNamed(text: string, start: number, name: string): boolean {
  // The bit that makes a letter lower case makes no other character of a token one of these names'.
  for (let i = 0; i < name.length; i += 1) {
    if ((text.charCodeAt(start + i) | SPACE) !== name.charCodeAt(i)) return false;
  }
  return true;
}

function take(fields: Fields, name: FieldName, value: string): void {
  const before = fields[name];
  if (before === undefined) fields[name] = value;
  else if (name === "content-length") throw new NotHttpError("Content-Length stands twice");
  else if (!SINGULAR.has(name)) fields[name] = `${before}, ${value}`;
}

/** Where two readers could disagree on the end of a body, there is no answer: RFC 9112, section 6.3. */
function framed(status: number, minor: number, fields: Fields): ResponseHead {
  const coding = fields["transfer-encoding"];
  const length = fields["content-length"];
  if (coding !== undefined) {
    if (length !== undefined) throw new NotHttpError("Transfer-Encoding stands beside Content-Length");
    if (minor === 0) throw new NotHttpError("Transfer-Encoding stands in an answer of HTTP/1.0");
    if (coding.toLowerCase() !== "chunked") throw new NotHttpError("Transfer-Encoding is not chunked alone");
  }
  if (length !== undefined && !/^[0-9]{1,15}$/.test(length)) {
    throw new NotHttpError("Content-Length is not a number of bytes");
  }
  const connection = fields.connection;
  const seconds = fields["keep-alive"];
  return {
    status,
    headers: fields,
    contentLength: length === undefined ? -1 : Number(length),
    isChunked: coding !== undefined,
    isPersistent:
      minor === 1 && (connection === undefined || !/(?:^|[,\t ])close(?:[,\t ]|$)/i.test(connection)),
    keepAliveSeconds: seconds === undefined ? null : keepAliveOf(seconds),
  };
}

function keepAliveOf(text: string): number | null {
  const seconds = /(?:^|[,\t ])timeout=([0-9]{1,6})(?:[,\t ]|$)/i.exec(text)?.[1];
  return seconds === undefined ? null : Number(seconds);
}
