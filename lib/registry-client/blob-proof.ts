/**
 * What proves that a blob is there.
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#pulling-blobs
 */
import type { Hash } from "node:crypto";
import type { Digest } from "../oci/digest";
import { type BlobAnswer, type BlobMode, RegistryError, type SizeMismatch, type Truncated } from "./answers";
import { parseContentRange } from "./content-range";
import {
  type BodyPlan,
  contentLength,
  countBody,
  DROP_BODY,
  extraMsFor,
  type HttpRequest,
  type Reply,
  type ReplyHead,
} from "./http-message";
import { redactTarget } from "./origin";
import { absentOf, bad, cutError, refusal } from "./refusal";

export interface BlobQuestion {
  readonly digest: Digest;
  /** Bytes, from the descriptor. */
  readonly size: number;
  /** How much may be read of a blob whose Range was ignored. */
  readonly wholeBlobBudgetBytes: number;
}

export interface BlobVerdict {
  readonly answer: BlobAnswer;
  /** A connection that broke says the same as data that ends early: worth one more look. */
  readonly isDoubtful: boolean;
}

/** One way to ask for a blob, with the meaning of its replies. */
export interface BlobProof {
  readonly request: HttpRequest;
  /** @throws RegistryError when the reply proves nothing */
  judge(reply: Reply): BlobVerdict;
}

const IDENTITY = ["Accept-Encoding", "identity", "User-Agent", "tallyman"] as const;
const ONE_BYTE = countBody(1);
const HEAD: HttpRequest = { method: "HEAD", headers: IDENTITY, body: null, planBody: () => DROP_BODY };

export function blobProof(question: BlobQuestion, mode: BlobMode): BlobProof {
  if (mode === "head") return { request: HEAD, judge: (reply) => judgeHead(question, reply) };
  // An empty blob has no last byte.
  return mode === "range" && question.size > 0 ? lastByteProof(question) : wholeProof(question);
}

/** The blob's length as the registry tells it: what a cache says of data long lost. */
function judgeHead({ size }: BlobQuestion, reply: Reply): BlobVerdict {
  const absent = absentOf(reply);
  if (absent !== null) return sure(absent);
  if (reply.status !== 200) throw refusal(reply);
  return sure(wrongSize(size, contentLength(reply)) ?? { kind: "present", bytes: 0, hashed: false });
}

/**
 * The last byte alone: it is there only if all before it can be. The first byte, or the last one counted from the
 * end, would miss a blob one byte short.
 */
function lastByteProof(question: BlobQuestion): BlobProof {
  const { size, wholeBlobBudgetBytes } = question;
  const last = size - 1;
  const whole = new WholeBody(question);
  return {
    request: {
      method: "GET",
      headers: [...IDENTITY, "Range", `bytes=${last}-${last}`],
      body: null,
      planBody: (head) => {
        if (head.status === 206) return ONE_BYTE;
        return size <= wholeBlobBudgetBytes ? whole.plan(head) : DROP_BODY;
      },
    },
    judge: (reply) => {
      if (reply.status === 206) return judgePart(size, reply);
      if (reply.status === 416) return judgeUnsatisfiable(size, reply);
      const wrong = reply.status === 200 ? wrongSize(size, contentLength(reply)) : null;
      if (wrong === null && reply.status === 200 && size > wholeBlobBudgetBytes) {
        throw new RegistryError(
          "limit",
          `${redactTarget(reply.target)}: the registry ignores Range, and ${size} bytes are more than the ` +
            `${wholeBlobBudgetBytes} that are read of one blob: check it by full mode`,
        );
      }
      return whole.judge(reply);
    },
  };
}

function judgePart(size: number, reply: Reply): BlobVerdict {
  const range = parseContentRange(reply.headers["content-range"]);
  if (range === null || range.start === null) throw bad(reply, "without the Content-Range of a part");
  const wrong = wrongSize(size, range.total);
  if (wrong !== null) return sure(wrong);
  if (range.start !== size - 1) throw bad(reply, "with another part of the blob than the one asked for");
  if (reply.bytes > 1) throw bad(reply, "with more bytes than were asked for");
  // The header may be a cache's word: what counts is the byte.
  if (reply.bytes === 1) return sure({ kind: "present", bytes: 1, hashed: false });
  return { answer: { kind: "truncated", expected: size, actual: 0 }, isDoubtful: true };
}

function judgeUnsatisfiable(size: number, reply: Reply): BlobVerdict {
  const actual = parseContentRange(reply.headers["content-range"])?.total ?? 0;
  if (actual >= size) throw bad(reply, `to a range within the ${actual} bytes that it says are there`);
  return { answer: { kind: "truncated", expected: size, actual }, isDoubtful: true };
}

function wholeProof(question: BlobQuestion): BlobProof {
  const whole = new WholeBody(question);
  return {
    request: { method: "GET", headers: IDENTITY, body: null, planBody: (head) => whole.plan(head) },
    judge: (reply) => whole.judge(reply),
  };
}

/** All bytes, counted and hashed while they pass; nothing is kept. */
class WholeBody {
  private hash: Hash | null = null;

  constructor(private readonly question: BlobQuestion) {}

  plan(head: ReplyHead): BodyPlan {
    const { size, digest } = this.question;
    if (head.status !== 200 || wrongSize(size, contentLength(head)) !== null) return DROP_BODY;
    // A new one for each try.
    this.hash = digest.hasher();
    return { keep: false, maxBytes: size, hash: this.hash, extraMs: extraMsFor(size) };
  }

  judge(reply: Reply): BlobVerdict {
    const { size, digest } = this.question;
    const absent = absentOf(reply);
    if (absent !== null) return sure(absent);
    if (reply.status !== 200) throw refusal(reply);
    const promised = contentLength(reply);
    const wrong = wrongSize(size, promised);
    if (wrong !== null) return sure(wrong);
    if (reply.end === "cut" && promised === null) throw cutError(reply);
    if (reply.bytes !== size) {
      const answer = wrongSize(size, reply.bytes) ?? {
        kind: "truncated",
        expected: size,
        actual: reply.bytes,
      };
      return { answer, isDoubtful: reply.bytes < size };
    }
    const hex = this.hash?.digest("hex");
    if (hex === digest.hex) return sure({ kind: "present", bytes: reply.bytes, hashed: true });
    return sure({ kind: "digest_mismatch", actual: `${digest.algorithm}:${hex ?? ""}` });
  }
}

function wrongSize(expected: number, actual: number | null): Truncated | SizeMismatch | null {
  if (actual === null || actual === expected) return null;
  return { kind: actual < expected ? "truncated" : "size_mismatch", expected, actual };
}

function sure(answer: BlobAnswer): BlobVerdict {
  return { answer, isDoubtful: false };
}
