import { boundedWalk } from "../../lib/integrity/bounded-walk";
import type { WalkBounds } from "../../lib/integrity/bounds";
import type { RunFacts } from "../../lib/integrity/exposition";
import type { Shard } from "../../lib/integrity/shard";
import { seededRandom } from "./seeded";
import type { RequestKind } from "./service-model";
import { SimulatedTransport, type SimulatedWorld } from "./simulated-transport";

export interface WalkInWorld {
  readonly facts: RunFacts;
  readonly byKind: Readonly<Record<RequestKind, number>>;
  readonly warnings: readonly string[];
}

export interface WalkInWorldOptions {
  /** null: walks all of the repositories. */
  readonly shard: Shard | null;
  readonly bounds: WalkBounds & { readonly concurrency: number };
  readonly seed: number;
}

const REGISTRY = new URL("https://registry.example.com");

/** The real walk, with its pace, limiter, retries and deadline, over a transport that is simulated. */
export async function walkInWorld(world: SimulatedWorld, options: WalkInWorldOptions): Promise<WalkInWorld> {
  const { shard, bounds, seed } = options;
  const { clock } = world;
  const warnings: string[] = [];
  const transports: SimulatedTransport[] = [];
  const facts = await boundedWalk(
    { url: REGISTRY, scopes: null, newest: null, shard },
    {
      now: clock.now,
      sleep: clock.sleep,
      after: clock.after,
      random: seededRandom(seed),
      warn: (message) => warnings.push(message),
      openTransport: (given) => {
        const transport = new SimulatedTransport(world, { ...given, concurrency: bounds.concurrency });
        transports.push(transport);
        return transport;
      },
    },
    bounds,
  );
  const [transport] = transports;
  if (transport === undefined) throw new Error("the walk opened no transport");
  return { facts, byKind: transport.byKind, warnings };
}
