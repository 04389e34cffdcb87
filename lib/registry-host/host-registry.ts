import { Duration } from "../core/duration";

/** PEM files on the host, by absolute path; their bytes never pass through a configuration. */
export interface TlsFiles {
  readonly certificateFile: string;
  readonly keyFile: string;
}

export interface WritableOptions {
  /** Where the front listens for it, on the host's every address. */
  readonly port: number;
  /** The name that clients pull by, which is that of the certificate. */
  readonly hostname: string;
  readonly tls: TlsFiles;
  /** bcrypt htpasswd file on the host, by absolute path. Cost 5: it is checked on every request, never cached. */
  readonly htpasswdFile: string;
  /** When uploads that nobody finished are removed. @default 168 hours */
  readonly purgeUploadsAfter?: Duration;
}

export interface CacheOptions {
  /** Where the front listens for it, on the host's every address, without TLS. */
  readonly port: number;
  /**
   * Env file on the host with REGISTRY_PROXY_USERNAME and REGISTRY_PROXY_PASSWORD, by absolute path.
   * @default anonymous pulls
   */
  readonly credentials?: UpstreamCredentials;
  /** When uploads that nobody finished are removed. @default 24 hours */
  readonly purgeUploadsAfter?: Duration;
  /** How long what was pulled is kept; only distribution 3 knows it. @default the registry's own */
  readonly ttl?: Duration;
}

/** Credentials at the upstream of a cache: a file on the host, as a secret has no place in a configuration. */
export class UpstreamCredentials {
  private constructor(readonly envFile: string) {}

  /** @param path absolute, on the host; it holds REGISTRY_PROXY_USERNAME and REGISTRY_PROXY_PASSWORD */
  static envFile(path: string): UpstreamCredentials {
    return new UpstreamCredentials(path);
  }
}

/** Read-write, behind TLS and a password. */
export interface PrivateRegistry {
  readonly kind: "private";
  readonly port: number;
  readonly hostname: string;
  readonly tls: TlsFiles;
  readonly htpasswdFile: string;
  readonly purgeUploadsAfter: Duration;
}

/** A pull-through cache. It holds what somebody pulled, and is therefore never walked. */
export interface CacheRegistry {
  readonly kind: "cache";
  readonly port: number;
  /** Base URL. */
  readonly upstream: string;
  readonly credentialsFile: string | null;
  readonly purgeUploadsAfter: Duration;
  readonly ttl: Duration | null;
}

/** One registry of a host; its name is its key in `registries`. */
export type HostRegistry = PrivateRegistry | CacheRegistry;

/** A registry that images are pushed to. */
export function writable(options: WritableOptions): PrivateRegistry {
  return { kind: "private", purgeUploadsAfter: Duration.hours(168), ...options };
}

/** A pull-through cache. @param upstream base URL, as `https://registry-1.docker.io` */
export function cacheOf(upstream: string, options: CacheOptions): CacheRegistry {
  const { port, credentials, purgeUploadsAfter = Duration.hours(24), ttl } = options;
  return {
    kind: "cache",
    upstream,
    port,
    credentialsFile: credentials?.envFile ?? null,
    purgeUploadsAfter,
    ttl: ttl ?? null,
  };
}
