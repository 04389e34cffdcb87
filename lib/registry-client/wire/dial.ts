import { lookup } from "node:dns";
import { connect, isIP, type LookupFunction, type OnReadOpts, type Socket } from "node:net";
import {
  checkServerIdentity,
  connect as connectTls,
  createSecureContext,
  rootCertificates,
  type TLSSocket,
} from "node:tls";
import { RegistryError } from "../answers";
import { type LocalScope, localScope, mayLeadTo } from "../local-scope";
import type { Origin } from "../origin";

export interface DialOptions {
  readonly origin: Origin;
  /** Dialled for the registry's own origin; Host and server name stay the origin's. */
  readonly address: { readonly host: string; readonly port: number } | null;
  /** PEM, trusted besides the system's roots; null for those alone. */
  readonly ca: string | null;
  /** For the registry's own origin alone: where a token host gets a password, its certificate must be sound. */
  readonly insecureSkipTlsVerify: boolean;
}

/** Opens a connection to an origin: a TLSSocket for https, to be used from `secureConnect` on, else from `connect`. */
export type Dial = (origin: Origin, onread: OnReadOpts) => Socket | TLSSocket;

/** TLS sessions held to be taken up again, one an origin. */
const MAX_SESSIONS = 64;
const KEEP_ALIVE_DELAY_MS = 1000;

export function createDial(options: DialOptions): Dial {
  const { origin: own, address, ca, insecureSkipTlsVerify } = options;
  // Made once: node would parse all roots again for every connection.
  const trust = ca === null ? {} : { secureContext: createSecureContext({ ca: [...rootCertificates, ca] }) };
  const guard = { lookup: guardedLookup(localScope(own.hostname)) };
  const sessions = new Map<string, Buffer>();

  const keepSession = (key: string, session: Buffer): void => {
    sessions.delete(key);
    sessions.set(key, session);
    const [oldest] = sessions.keys();
    if (sessions.size > MAX_SESSIONS && oldest !== undefined) sessions.delete(oldest);
  };

  return (origin, onread) => {
    const isOwn = origin.key === own.key;
    const tcp = {
      host: (isOwn ? address?.host : undefined) ?? origin.hostname,
      port: (isOwn ? address?.port : undefined) ?? origin.port,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: KEEP_ALIVE_DELAY_MS,
      onread,
      ...(isOwn ? {} : guard),
    };
    if (origin.scheme === "http") return connect(tcp);
    const session = sessions.get(origin.key);
    const socket = connectTls({
      ...tcp,
      ...trust,
      ...(session === undefined ? {} : { session }),
      ALPNProtocols: ["http/1.1"],
      servername: isIP(origin.hostname) === 0 ? origin.hostname : "",
      rejectUnauthorized: !(isOwn && insecureSkipTlsVerify),
      // By the origin's name, also where another address is dialled.
      checkServerIdentity: (_dialled, certificate) => checkServerIdentity(origin.hostname, certificate),
    });
    socket.on("session", (fresh: Buffer) => keepSession(origin.key, fresh));
    socket.once("error", () => sessions.delete(origin.key));
    return socket;
  };
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
