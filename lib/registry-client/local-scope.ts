import { BlockList, isIPv6 } from "node:net";

/** Addresses that mean this machine, or its own link: where a cloud's metadata service answers. */
export type LocalScope = "loopback" | "link-local";

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet("127.0.0.0", 8);
// "This host": Linux connects 0.0.0.0 and :: to the loopback interface.
LOOPBACK.addSubnet("0.0.0.0", 8);
LOOPBACK.addAddress("::1", "ipv6");
LOOPBACK.addAddress("::", "ipv6");

const LINK_LOCAL = new BlockList();
LINK_LOCAL.addSubnet("169.254.0.0", 16);
LINK_LOCAL.addSubnet("fe80::", 10, "ipv6");

/**
 * The scope that a literal address or a localhost name belongs to, or null for all others. IPv4 addresses written as
 * IPv6 are seen through.
 *
 * @param hostname as `URL` normalizes it, without brackets
 */
export function localScope(hostname: string): LocalScope | null {
  const name = hostname.toLowerCase().replace(/\.$/, "");
  if (name === "localhost" || name.endsWith(".localhost")) return "loopback";
  const address = name.replace(/%.*$/, "");
  const family = isIPv6(address) ? "ipv6" : "ipv4";
  if (LOOPBACK.check(address, family)) return "loopback";
  return LINK_LOCAL.check(address, family) ? "link-local" : null;
}

/** Whether a registry in scope `own` may send its clients to `hostname`: to its own scope, or out of all. */
export function mayLeadTo(hostname: string, own: LocalScope | null): boolean {
  const scope = localScope(hostname);
  return scope === null || scope === own;
}
