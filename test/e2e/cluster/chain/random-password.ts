import { randomBytes } from "node:crypto";

/** One that each notation writes in its own way, and that nobody has used before. */
export function randomPassword(): string {
  return `${randomBytes(15).toString("base64url")}"/+ %${randomBytes(3).toString("hex")}`;
}
