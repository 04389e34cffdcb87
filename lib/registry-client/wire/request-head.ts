/**
 * The head of a request as its bytes.
 * https://www.rfc-editor.org/rfc/rfc9112#section-3
 */

import { RegistryError } from "../answers";
import type { HttpRequest } from "../http-message";
import { redactTarget, type Target } from "../origin";

const TARGET = /^\/[\x21-\x7e]*$/;
const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * Latin-1. Nothing that could end a line early gets into it, whoever gave it.
 * @throws RegistryError bad_response for a path or header that cannot stand there: only a registry's word leads to one
 */
export function requestHead(target: Target, request: HttpRequest): string {
  const { path, origin } = target;
  const { headers } = request;
  if (!TARGET.test(path) || !VALUE.test(origin.host)) throw unwritable(target, "path");
  let text = `${request.method} ${path} HTTP/1.1\r\nHost: ${origin.host}\r\n`;
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] ?? "";
    const value = headers[i + 1] ?? "";
    if (!NAME.test(name) || !VALUE.test(value)) throw unwritable(target, "header");
    text += `${name}: ${value}\r\n`;
  }
  return `${text}\r\n`;
}

function unwritable(target: Target, what: string): RegistryError {
  return new RegistryError("bad_response", `${redactTarget(target)}: the ${what} cannot stand in a request`);
}
