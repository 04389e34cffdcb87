import type { Delivery } from "./deliver";
import { applyFault, type Fault } from "./faults";
import type { Listener, RegistryRequest } from "./registry-request";
import type { Reply } from "./reply";

/** Which requests a fault befalls, and how many of them. */
export interface ScriptedFault {
  readonly fault: Fault;
  /** @default any method */
  readonly method?: string | readonly string[];
  /** A part of path and query as sent, or an expression that they match. @default any */
  readonly path?: string | RegExp;
  /** @default any request */
  readonly where?: (request: RegistryRequest) => boolean;
  /** @default "registry" */
  readonly listener?: Listener;
  /** Matching requests that are spared first. @default 0 */
  readonly after?: number;
  /** Matching requests that are hit then; Infinity is for ever. @default Infinity */
  readonly times?: number;
}

/** A fault in force. */
export interface ActiveFault {
  /** Requests hit so far. */
  readonly hits: number;
  /** Ends it. */
  readonly remove: () => void;
}

interface Entry {
  readonly scripted: ScriptedFault;
  matched: number;
  hits: number;
}

/** The faults in force. The first that matches decides; hooks run on the way and decide nothing. */
export class Script {
  readonly #entries = new Set<Entry>();

  add(scripted: ScriptedFault): ActiveFault {
    const entry: Entry = { scripted, matched: 0, hits: 0 };
    this.#entries.add(entry);
    return {
      get hits() {
        return entry.hits;
      },
      remove: () => this.#entries.delete(entry),
    };
  }

  clear(): void {
    this.#entries.clear();
  }

  async play(
    request: RegistryRequest,
    answer: (request: RegistryRequest) => Promise<Reply>,
  ): Promise<Delivery> {
    for (const entry of [...this.#entries]) {
      if (!isHit(entry, request)) continue;
      const { fault } = entry.scripted;
      if (fault.kind !== "hook") return applyFault(fault, request, answer);
      await fault.run(request);
    }
    return { reply: await answer(request) };
  }
}

/** Counts the request where it matches. */
function isHit(entry: Entry, request: RegistryRequest): boolean {
  const { after = 0, times = Number.POSITIVE_INFINITY } = entry.scripted;
  if (!matches(entry.scripted, request)) return false;
  entry.matched += 1;
  if (entry.matched <= after || entry.hits >= times) return false;
  entry.hits += 1;
  return true;
}

function matches(scripted: ScriptedFault, request: RegistryRequest): boolean {
  const { method, path, where, listener = "registry" } = scripted;
  if (request.listener !== listener) return false;
  if (method !== undefined && ![method].flat().includes(request.method)) return false;
  if (typeof path === "string" && !request.url.includes(path)) return false;
  if (path instanceof RegExp && request.url.search(path) < 0) return false;
  return where === undefined || where(request);
}
