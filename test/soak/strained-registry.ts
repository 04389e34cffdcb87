import { Distribution, type DistributionVersion } from "../support/distribution";
import { portOutsideEphemeral } from "../support/server-process";
import type { SeededRandom } from "./seeded-random";

/**
 * A real registry to which one thing happens at a time: a request that writes, damage, a restart. A process that is
 * killed amid a write leaves links half written (2.8 writes them in place), which would be damage that nobody knows of.
 */
export class StrainedRegistry {
  private last: Promise<unknown> = Promise.resolve();

  private constructor(readonly real: Distribution) {}

  static async start(version: DistributionVersion): Promise<StrainedRegistry> {
    return new StrainedRegistry(await Distribution.start({ version, port: await portOutsideEphemeral() }));
  }

  /** Waits for its turn, then does the work while nothing else happens. */
  alone<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.last.then(work);
    this.last = turn.catch(() => undefined);
    return turn;
  }

  /** What it held in memory is gone. */
  restart(): Promise<void> {
    return this.alone(() => this.real.restart());
  }

  /** Ends it by SIGKILL and lets it lie for so long. */
  killFor(ms: number, pause: (ms: number) => Promise<void>): Promise<void> {
    return this.alone(async () => {
      await this.real.kill();
      await pause(ms);
      await this.real.restart();
    });
  }

  /** It accepts connections, and says nothing on them. */
  holdFor(ms: number, pause: (ms: number) => Promise<void>): Promise<void> {
    return this.alone(async () => {
      process.kill(this.real.pid, "SIGSTOP");
      try {
        await pause(ms);
      } finally {
        process.kill(this.real.pid, "SIGCONT");
      }
    });
  }

  async stop(): Promise<void> {
    await this.last;
    await this.real.stop();
  }
}

/** Stops, kills and holds a registry at random until the time is over. @returns how often each was done */
export async function strainAtRandom(
  registry: StrainedRegistry,
  random: SeededRandom,
  isOver: () => boolean,
  pause: (ms: number) => Promise<void>,
): Promise<Readonly<Record<string, number>>> {
  const strains = {
    restart: () => registry.restart(),
    kill: () => registry.killFor(random.between(0, 1_500), pause),
    hold: () => registry.holdFor(random.between(100, 2_500), pause),
  };
  const done: Record<string, number> = { restart: 0, kill: 0, hold: 0 };
  while (!isOver()) {
    // Long enough for a walk to come through now and then.
    await pause(random.between(2_000, 12_000));
    const name = random.of(["restart", "kill", "hold"] as const);
    await strains[name]();
    done[name] = (done[name] ?? 0) + 1;
  }
  return done;
}
