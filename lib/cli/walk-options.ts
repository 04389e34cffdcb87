import { readFileSync } from "node:fs";
import { Duration } from "../core/duration";
import { BLOB_WISH_FORM, type BlobWish, parseBlobWish, settleBlobWish } from "../integrity/blob-wish";
import { type ByteSlice, parseByteSlice, settleByteSlice } from "../integrity/byte-slice";
import { type OptionReader, UsageError } from "./arguments";
import { didYouMean } from "./did-you-mean";
import { errorCode } from "./error-code";

/** What `probe` and `verify` share. */
export interface ConnectionOptions {
  readonly address: { readonly host: string; readonly port: number } | null;
  readonly ca: string | null;
  readonly insecureSkipTlsVerify: boolean;
  readonly dockerConfig: string | null;
  readonly tokenHosts: readonly string[];
  readonly timeout: Duration;
  readonly deadline: Duration;
  readonly concurrency: number;
  /** Requests per second, 0 for no limit; null: adaptive. */
  readonly rate: number | null;
}

export interface ProofOptions {
  readonly blobs: BlobWish;
  readonly slice: ByteSlice | null;
}

/** A walk that may take no time at all proves nothing. */
const LEAST = Duration.milliseconds(1);

export function readConnection(reader: OptionReader): ConnectionOptions {
  const ca = reader.text("ca");
  return {
    address: reader.address("address"),
    ca: ca === null ? null : readText(ca, "--ca"),
    insecureSkipTlsVerify: reader.flag("insecure-skip-tls-verify"),
    dockerConfig: reader.text("docker-config"),
    tokenHosts: reader.list("token-host"),
    timeout: reader.duration("timeout", Duration.seconds(30), LEAST),
    deadline: reader.duration("deadline", Duration.minutes(10), LEAST),
    concurrency: reader.integer("concurrency", 1, 256) ?? 4,
    rate: reader.number("rate", "requests a second, from 0 to 100000", 0, 100_000),
  };
}

export function readProof(reader: OptionReader, nowMs: number, interval: Duration): ProofOptions {
  const blobs = readBlobs(reader.text("blobs") ?? "range", nowMs, interval);
  const text = reader.text("verify-bytes");
  if (text === null) return { blobs, slice: blobs === "full" ? { k: 1, n: 1 } : null };
  const spec = parseByteSlice(text);
  if (spec === null)
    throw new UsageError(
      `--verify-bytes must be all, k/n or auto/n with k from 1 to n, got ${JSON.stringify(text)}`,
    );
  return { blobs, slice: settleByteSlice(spec, nowMs, interval.toMilliseconds()) };
}

function readBlobs(text: string, nowMs: number, interval: Duration): BlobWish {
  const spec = parseBlobWish(text);
  if (spec !== null) return settleBlobWish(spec, nowMs, interval.toMilliseconds());
  const guess = didYouMean(text, ["range", "head", "full", "rotate/4"]);
  throw new UsageError(`--blobs must be ${BLOB_WISH_FORM}, got ${JSON.stringify(text)}${guess}`);
}

/** @throws UsageError naming the file and why it cannot be read */
export function readText(path: string, option: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new UsageError(
      `${option} must name a readable file, got ${JSON.stringify(path)} (${errorCode(error)})`,
    );
  }
}
