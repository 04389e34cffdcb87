import type { PushedImage, PushedTag } from "./verify-push-spec";

/** `name:tag` as it stands between double quotes of a POSIX shell; names and tags have no character that means anything there. */
export function quotedReference({ name }: PushedImage, tag: PushedTag): string {
  if (typeof tag === "string") return `${name}:${tag}`;
  const { variable, firstCharacters } = tag;
  // POSIX has no substring; printf's precision is one.
  const value =
    firstCharacters === undefined ? `$${variable}` : `$(printf %.${firstCharacters}s "$${variable}")`;
  return `${name}:${value}`;
}
