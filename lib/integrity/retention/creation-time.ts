import { isObject } from "../../oci/descriptor";

/** No image of today's formats is older: an earlier time is what a reproducible build or a signer writes for none. */
const EARLIEST_MS = Date.UTC(2013, 0, 1);

/** Epoch milliseconds; null for no time, and for one that stands for none, such as 1970-01-01 or year 1. */
export function believableTime(created: unknown): number | null {
  if (typeof created !== "string") return null;
  const ms = Date.parse(created);
  return Number.isNaN(ms) || ms < EARLIEST_MS ? null : ms;
}

/** `created` of an image config's bytes. */
export function configTime(config: Buffer): number | null {
  try {
    const json: unknown = JSON.parse(config.toString("utf8"));
    return isObject(json) ? believableTime(json.created) : null;
  } catch {
    return null;
  }
}
