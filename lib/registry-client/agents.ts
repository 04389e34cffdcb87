import { lookup } from "node:dns";
import { type AgentOptions, Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { checkServerIdentity, createSecureContext, rootCertificates } from "node:tls";
import { RegistryError } from "./answers";
import { type LocalScope, localScope, mayLeadTo } from "./local-scope";
import type { Origin } from "./origin";

export interface AgentsOptions {
  readonly origin: Origin;
  /** Sockets per origin. */
  readonly concurrency: number;
  /** PEM, trusted besides the system's roots; null for those alone. */
  readonly ca: string | null;
  /** For the registry's own origin alone: where a token host gets a password, its certificate must be sound. */
  readonly insecureSkipTlsVerify: boolean;
}

/** Keep-alive pools: one for the registry, one for each scheme of all other origins (an agent pools by host itself). */
export interface Agents {
  readonly own: HttpAgent | HttpsAgent;
  readonly http: HttpAgent;
  readonly https: HttpsAgent;
}

export function createAgents(options: AgentsOptions): Agents {
  const { origin, concurrency, ca } = options;
  const pool: AgentOptions = {
    keepAlive: true,
    maxSockets: concurrency,
    maxFreeSockets: concurrency,
    scheduling: "lifo",
  };
  // Made once: node would parse all roots again for every connection.
  const trust = ca === null ? {} : { secureContext: createSecureContext({ ca: [...rootCertificates, ca] }) };
  const guarded = { ...pool, lookup: guardedLookup(localScope(origin.hostname)) };
  const own =
    origin.scheme === "http"
      ? new HttpAgent(pool)
      : new HttpsAgent({
          ...pool,
          ...trust,
          rejectUnauthorized: !options.insecureSkipTlsVerify,
          servername: isIP(origin.hostname) === 0 ? origin.hostname : "",
          // By the registry's name, also where another address is dialled.
          checkServerIdentity: (_dialled, certificate) => checkServerIdentity(origin.hostname, certificate),
        });
  return { own, http: new HttpAgent(guarded), https: new HttpsAgent({ ...guarded, ...trust }) };
}

/** A resolver that refuses names of other hosts which lead to this machine or its link. */
function guardedLookup(own: LocalScope | null): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, options, (error, address, family) => {
      if (error !== null) return callback(error, address, family);
      const found: readonly string[] =
        typeof address === "string" ? [address] : [...address].map((one) => one.address);
      if (found.every((one) => mayLeadTo(one, own))) return callback(null, address, family);
      const what = "the registry sent us to a name that resolves to a loopback or link-local address";
      callback(new RegistryError("bad_response", what), address, family);
    });
  };
}
