import { printable } from "../core/printable";

/** Scheme, host and port: the unit to which credentials belong. Equal origins have equal keys. */
export interface Origin {
  readonly scheme: "http" | "https";
  /** A name or an address; IPv6 without brackets. */
  readonly hostname: string;
  readonly port: number;
  /** As the Host header writes it: without the scheme's own port. */
  readonly host: string;
  /** `scheme://host[:port]` */
  readonly key: string;
}

/** Where one request goes. */
export interface Target {
  readonly origin: Origin;
  /** Path and query as they stand on the request line, percent-encoded. */
  readonly path: string;
}

/** The origin of a URL, or null when its scheme is neither http nor https. */
export function originOf(url: URL): Origin | null {
  const scheme = schemeOf(url);
  if (scheme === null || url.hostname === "") return null;
  const hostname = url.hostname.startsWith("[") ? url.hostname.slice(1, -1) : url.hostname;
  const port = url.port === "" ? (scheme === "https" ? 443 : 80) : Number(url.port);
  return { scheme, hostname, port, host: url.host, key: `${scheme}://${url.host}` };
}

/** For messages: origin and path alone, since a query may be a signature. Escaped and cut. */
export function redactTarget(target: Target): string {
  const query = target.path.indexOf("?");
  const path = query < 0 ? target.path : target.path.slice(0, query);
  return printable(`${target.origin.key}${path}`, MAX_SHOWN_LENGTH);
}

/** Long enough for a repository name, a digest of sha512 and what stands around them. */
const MAX_SHOWN_LENGTH = 450;

function schemeOf(url: URL): Origin["scheme"] | null {
  if (url.protocol === "https:") return "https";
  return url.protocol === "http:" ? "http" : null;
}
