import { printable } from "../core/printable";
import { RegistryError } from "./answers";

const PLAIN = /^[A-Za-z0-9_][A-Za-z0-9._:-]*(?:\/[A-Za-z0-9_][A-Za-z0-9._:-]*)*$/;

/**
 * A name with its slashes as it stands in a URL's path, percent-encoded where it has to be.
 *
 * @throws RegistryError bad_response for an empty or a dot segment: proxies would resolve it to another path
 */
export function encodePath(name: string): string {
  if (PLAIN.test(name)) return name;
  const segments = name.split("/");
  if (segments.some((one) => one === "" || one === "." || one === "..")) {
    throw new RegistryError("bad_response", `"${printable(name, 80)}" cannot stand in a registry's URL`);
  }
  // Through bytes and back, since a lone surrogate cannot be percent-encoded.
  return segments.map((one) => encodeURIComponent(Buffer.from(one).toString())).join("/");
}
