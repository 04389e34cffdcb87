import { isIP, isIPv4 } from "node:net";
import type { Problem } from "../core/problem";

/**
 * A path stands in Compose's `source:target`, in nginx's configuration, in units and in shell: what one of them gives
 * a meaning to (blank, colon, quote, $, %) is refused instead of being escaped four times.
 */
const HOST_PATH = /^(?:\/[A-Za-z0-9._+@-]+)+$/;

/** An absolute path on the host, without `.`, `..`, a slash at its end, or a character that needs quoting. */
export function checkHostPath(value: string, path: string): readonly Problem[] {
  const isPlain = HOST_PATH.test(value) && !value.split("/").some((part) => part === "." || part === "..");
  if (isPlain) return [];
  const fix = "Write it as /opt/registry/auth: parts of letters, digits and . _ + @ -, no slash at the end.";
  return [{ path, rule: "be a plain absolute path on the host", value, fix }];
}

export function checkPort(value: number, path: string): readonly Problem[] {
  if (Number.isInteger(value) && value >= 1 && value <= 65_535) return [];
  return [{ path, rule: "be a port from 1 to 65535", value, fix: "Write a number such as 5000." }];
}

/** Of those that listen on the host, each port once: one problem for each later one. */
export function checkDistinctPorts(
  ports: readonly { readonly path: string; readonly port: number }[],
): readonly Problem[] {
  return ports.flatMap(({ path, port }, at) => {
    const first = ports.slice(0, at).find((other) => other.port === port);
    if (first === undefined) return [];
    return [
      { path, rule: `differ from ${first.path}`, value: port, fix: "Give one of the two another port." },
    ];
  });
}

/** An address or a CIDR block as nginx's `allow` takes it, narrower than everybody. */
export function checkAllowed(value: string, path: string): readonly Problem[] {
  const [address = "", bits, ...rest] = value.split("/");
  const max = isIPv4(address) ? 32 : 128;
  const isBlock = bits === undefined || (/^[0-9]{1,3}$/.test(bits) && Number(bits) <= max);
  // nginx takes no zone (fe80::1%eth0).
  if (isIP(address) === 0 || address.includes("%") || !isBlock || rest.length > 0) {
    const fix = "Write it as 10.0.20.7, 10.0.0.0/8 or fd00::/8.";
    return [{ path, rule: "be an IP address or a CIDR block", value, fix }];
  }
  if (bits !== undefined && Number(bits) === 0) {
    return [{ path, rule: "not be everybody", value, fix: "Name the block of those that scrape." }];
  }
  return [];
}

export function checkIp(value: string, path: string): readonly Problem[] {
  if (isIP(value) !== 0 && !value.includes("%")) return [];
  return [{ path, rule: "be an IP address", value, fix: "Write it as 127.0.0.11, without port." }];
}
