import type { Credentials } from "../../registry-client/credentials";
import { RateLimiter } from "../../registry-client/rate-limiter";
import { RegistryClient } from "../../registry-client/registry-client";
import type { CliEnvironment } from "../environment";
import type { ConnectionOptions } from "../walk-options";

/** Planning asks far less than a walk does, and what it asks for is read by nobody else. */
const STANDARD_RATE = 50;

export interface RepairClientRequest {
  readonly url: URL;
  readonly connection: ConnectionOptions;
  readonly credentials: Credentials | null;
  readonly signal: AbortSignal;
  readonly warn: (message: string) => void;
}

/** A client without a deadline of its own: a large layer takes the time that it takes, each request within its own. */
export function repairClient(environment: CliEnvironment, request: RepairClientRequest): RegistryClient {
  const { connection, signal, warn } = request;
  const { now, sleep, random } = environment;
  const pause = (ms: number): Promise<void> => sleep(ms, signal);
  const limiter = new RateLimiter({ now, sleep: pause, perSecond: connection.rate ?? STANDARD_RATE });
  return new RegistryClient({
    baseUrl: request.url,
    address: connection.address,
    ca: connection.ca,
    insecureSkipTlsVerify: connection.insecureSkipTlsVerify,
    credentials: request.credentials,
    tokenHosts: connection.tokenHosts,
    concurrency: connection.concurrency,
    timeoutMs: connection.timeout.toMilliseconds(),
    signal,
    acquire: () => limiter.acquire(),
    now,
    sleep,
    random,
    warn,
  });
}
