import { COMPLETION_INDEX, LABEL_SHARD, MAX_SHARDS } from "../integrity/contract";
import type { Sample } from "../integrity/exposition";
import { parseShard, type Shard, settleShard } from "../integrity/shard";
import { quoted, UsageError } from "./arguments";
import type { CliEnvironment } from "./environment";

/**
 * Reads `--shard`; null for all of the repositories, which the one shard of one is too.
 *
 * @throws UsageError
 */
export function readShard(text: string | null, env: CliEnvironment["env"]): Shard | null {
  if (text === null) return null;
  const spec = parseShard(text);
  if (spec === null) {
    const form = `i/n or auto/n with i from 1 to n and n at most ${MAX_SHARDS}`;
    throw new UsageError(`--shard must be ${form}, got ${quoted(text)}`);
  }
  const index = env[COMPLETION_INDEX];
  const shard = settleShard(spec, index);
  if (shard === null) {
    const got = index === undefined ? "none" : quoted(index);
    throw new UsageError(
      `--shard ${text} needs ${COMPLETION_INDEX} from 0 to ${spec.n - 1}, which Kubernetes sets in the pods of an ` +
        `Indexed Job, got ${got}. Elsewhere write --shard 1/${spec.n} to --shard ${spec.n}/${spec.n}`,
    );
  }
  return shard.n === 1 ? null : shard;
}

/** As a push's grouping key has them, where samples are written by themselves. */
export function withShard(samples: readonly Sample[], shard: string | null): readonly Sample[] {
  if (shard === null) return samples;
  return samples.map((sample) => ({ ...sample, labels: { [LABEL_SHARD]: shard, ...sample.labels } }));
}
