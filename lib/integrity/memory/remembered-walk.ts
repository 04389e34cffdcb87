import { printable } from "../../core/printable";
import type { RegistryClient } from "../../registry-client/registry-client";
import type { Shard } from "../shard";
import { NO_SINK } from "./byte-sink";
import { codeOf } from "./byte-source";
import { MemoryBuilder } from "./memory-builder";
import type { MemoryPlace } from "./memory-place";
import { RememberingClient } from "./remembering-client";
import { WalkMemory } from "./walk-memory";

/** Of the walk's surroundings what its memory needs. */
interface Surroundings {
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** 0 up to 1. */
  readonly random: () => number;
  readonly warn: (message: string) => void;
}

/** How a walk ended: it met all there is, a part of it, or was called off. */
export type WalkEnd = "whole" | "in part" | "called off";

/** One walk with a memory: opened before it, written after it. Whatever goes wrong with it is a warning, no more. */
export class RememberedWalk {
  private isEnded = false;

  private constructor(
    readonly client: RememberingClient,
    private readonly place: MemoryPlace,
    private readonly known: WalkMemory | null,
    private readonly builder: MemoryBuilder,
    private readonly surroundings: Surroundings,
  ) {}

  /** @param shard the part of the registry that the walk takes; null: all of it */
  static async begin(
    place: MemoryPlace,
    client: RegistryClient,
    surroundings: Surroundings,
    shard: Shard | null = null,
  ): Promise<RememberedWalk> {
    const { now, random, warn } = surroundings;
    const found = await place.open(client.host, now()).catch((error) => ({
      problem: `cannot be read (${codeOf(error)})`,
      isForeign: true,
    }));
    const known = found instanceof WalkMemory ? found : null;
    let isForeign = false;
    if (found !== null && !(found instanceof WalkMemory)) {
      isForeign = found.isForeign;
      const then = isForeign ? ", and left as it is: name another file, or remove it" : "";
      warn(printable(`${place.name} ${found.problem}: it is ignored${then}`, 1000));
    }
    const options = { registry: client.host, bounds: place.bounds, shard };
    const builder = new MemoryBuilder(known, isForeign ? NO_SINK : place.sink(now(), random()), options);
    const remembering = new RememberingClient(client, known, builder, now);
    return new RememberedWalk(remembering, place, known, builder, surroundings);
  }

  /** Counts once, at the first time. Never rejects. */
  async end(end: WalkEnd): Promise<void> {
    if (this.isEnded) return;
    this.isEnded = true;
    const { builder, place, surroundings } = this;
    try {
      if (end === "called off") await builder.discard();
      else await builder.finish(end === "whole", surroundings.now());
      if (builder.leftOut > 0) {
        const room = `${place.bounds.maxBytes} bytes`;
        surroundings.warn(`${place.name} is full at ${room}: what has no place in it is read at each walk`);
      }
    } catch (error) {
      await builder.discard();
      const message = `${place.name} cannot be written (${codeOf(error)}): the next walk begins without it`;
      surroundings.warn(printable(message, 1000));
    } finally {
      await this.known?.close().catch(() => undefined);
    }
  }
}
