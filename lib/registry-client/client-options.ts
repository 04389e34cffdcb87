import { X509Certificate } from "node:crypto";
import { ConfigurationError, type Problem } from "../core/problem";
import type { Credentials } from "./credentials";
import { type Origin, originOf } from "./origin";
import type { SessionOptions } from "./registry-session";
import type { Transport, TransportOptions } from "./transport";

export interface RegistryClientOptions {
  /** `http(s)://host[:port]`; a path, a query or user information is refused. */
  readonly baseUrl: URL;
  /** Dialled instead of the host; Host header, server name and certificate check stay those of `baseUrl`. */
  readonly address?: { readonly host: string; readonly port: number } | null;
  /** PEM, one certificate or more: trusted besides the system's roots, for token and redirect hosts too. */
  readonly ca?: string | null;
  /** For the registry's own origin alone. @default false */
  readonly insecureSkipTlsVerify?: boolean;
  /** @default anonymous */
  readonly credentials?: Credentials | null;
  /** Further hosts, `host` or `host:port`, to which a password may go as a token realm. */
  readonly tokenHosts?: readonly string[];
  /** Sockets per origin. */
  readonly concurrency: number;
  /** Of one try: from sending to the last byte, whatever arrives in between. */
  readonly timeoutMs: number;
  /** @default 10 MiB: manifests of up to 4 MiB are legal */
  readonly maxManifestBytes?: number;
  /** What may be read of a blob whose Range was ignored. @default 64 MiB */
  readonly wholeBlobBudgetBytes?: number;
  /** Further tries after the first. @default 3 */
  readonly retries?: number;
  /** The walk's: aborting ends all with `budget_spent`, at once. */
  readonly signal?: AbortSignal;
  /** Awaited before each request that is sent, retries, tokens and redirects too. */
  readonly acquire?: () => Promise<void>;
  /** Called for each 429, and each 403 with Retry-After. */
  readonly onThrottled?: () => void;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** 0 to 1. */
  readonly random: () => number;
  /** Each message comes once. */
  readonly warn: (message: string) => void;
  /** What carries the requests, as a simulation does without sockets. @default over sockets */
  readonly openTransport?: (options: TransportOptions) => Transport;
}

const DEFAULT_RETRIES = 3;

/** The options with every default in its place. @throws ConfigurationError */
export function sessionOptions(options: RegistryClientOptions): SessionOptions {
  const problems: Problem[] = [];
  const origin = checkBaseUrl(options.baseUrl, problems);
  checkCa(options.ca ?? null, problems);
  for (const key of ["concurrency", "timeoutMs"] as const) {
    if (options[key] >= 1) continue;
    problems.push({ path: key, rule: "be 1 or more", value: options[key], fix: "Give a larger number." });
  }
  ConfigurationError.throwIfAny(problems);
  if (origin === null) throw new ConfigurationError(problems);
  return {
    origin,
    address: options.address ?? null,
    ca: options.ca ?? null,
    insecureSkipTlsVerify: options.insecureSkipTlsVerify ?? false,
    credentials: options.credentials ?? null,
    tokenHosts: options.tokenHosts ?? [],
    concurrency: options.concurrency,
    timeoutMs: options.timeoutMs,
    retries: options.retries ?? DEFAULT_RETRIES,
    signal: options.signal ?? null,
    acquire: options.acquire ?? null,
    onThrottled: options.onThrottled ?? null,
    now: options.now,
    sleep: options.sleep,
    random: options.random,
    warn: options.warn,
    ...(options.openTransport === undefined ? {} : { openTransport: options.openTransport }),
  };
}

function checkBaseUrl(url: URL, problems: Problem[]): Origin | null {
  const origin = originOf(url);
  const fix =
    "Give http(s)://host[:port] alone: the API stands at /v2/ of a host, and credentials are given apart.";
  const isBare = url.pathname === "/" && url.search === "" && url.hash === "";
  if (origin !== null && isBare && url.username === "" && url.password === "") return origin;
  // Only what cannot be a secret is shown.
  const value = `${url.protocol}//${url.host}${url.pathname}`;
  problems.push({ path: "baseUrl", rule: "be the http or https URL of a host", value, fix });
  return null;
}

function checkCa(ca: string | null, problems: Problem[]): void {
  if (ca === null) return;
  const blocks = ca.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length > 0 && blocks.every(isCertificate)) return;
  const fix = "Give the text of a file that begins with -----BEGIN CERTIFICATE-----.";
  problems.push({ path: "ca", rule: "hold certificates in PEM", value: `${ca.length} characters`, fix });
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}
