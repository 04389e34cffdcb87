import type { RegistryClient } from "../registry-client/registry-client";

/** What a walk asks of a registry; whatever stands before the client, as a memory, answers in its place. */
export type WalkClient = Pick<
  RegistryClient,
  "catalogue" | "tags" | "manifest" | "blob" | "readBlob" | "stats"
>;
