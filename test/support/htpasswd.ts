import { execFileSync } from "node:child_process";
import { requireTool } from "./require-tool";

/** The one line of an htpasswd file for this user, by bcrypt at cost 5: the registry checks it on every request. */
export function htpasswdLine(username: string, password: string): string {
  return execFileSync(requireTool("htpasswd"), ["-niBC", "5", username], {
    input: password,
    encoding: "utf8",
  }).trim();
}
