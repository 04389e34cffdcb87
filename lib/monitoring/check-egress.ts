import { isIPv4, isIPv6 } from "node:net";
import type { Problem } from "../core/problem";
import type { EgressRule } from "./egress-rule";
import { checkPort } from "./literal";

export function checkEgress(rule: EgressRule, path: string): readonly Problem[] {
  const { cidr } = rule;
  const problems = checkPort(rule.port, `${path}.port`);
  if (cidr === undefined || isCidr(cidr)) return problems;
  const fix = "Write an address and a prefix length, such as 192.0.2.0/24 or 2001:db8::/32.";
  return [...problems, { path: `${path}.cidr`, rule: "be a block of addresses", value: cidr, fix }];
}

function isCidr(text: string): boolean {
  const match = /^([^/]+)\/([0-9]{1,3})$/.exec(text);
  if (match === null) return false;
  const [, address = "", bits] = match;
  return isIPv4(address) ? Number(bits) <= 32 : isIPv6(address) && Number(bits) <= 128;
}
