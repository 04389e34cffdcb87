import type { Reply } from "./http-message";

/** The body as JSON, or null where it is none or did not arrive whole. */
export function parseJsonReply(reply: Reply): unknown {
  if (reply.end !== "complete") return null;
  try {
    const json: unknown = JSON.parse(reply.body.toString("utf8"));
    return json;
  } catch {
    return null;
  }
}
