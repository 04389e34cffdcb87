import { createHash } from "node:crypto";

/** One walker's part of a registry: shard `i` of `n`, from 1. */
export interface ShardPart {
  readonly i: number;
  readonly n: number;
}

/** The shard that walks a repository, 1 to `n`: the one of the highest weight, so that another shard moves few. */
export function shardOf(repository: string, n: number): number {
  let winner = 1;
  let highest = -1;
  for (let i = 1; i <= n; i++) {
    const weight = createHash("sha256").update(`${i} ${repository}`).digest().readUInt32LE(0);
    if (weight <= highest) continue;
    highest = weight;
    winner = i;
  }
  return winner;
}
