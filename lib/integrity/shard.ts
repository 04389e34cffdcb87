import { MAX_SHARDS } from "./contract";

/** The part of a registry's repositories that one walk takes: part `i` of `n`, dealt by their names. */
export interface Shard {
  /** 1 to `n`. */
  readonly i: number;
  readonly n: number;
}

/** What `--shard` says; `auto` is settled by the pod's index. */
export type ShardSpec = Shard | { readonly i: "auto"; readonly n: number };

/** Reads `i/n` or `auto/n`; null where the text is neither. */
export function parseShard(text: string): ShardSpec | null {
  const match = /^(auto|[0-9]{1,3})\/([0-9]{1,3})$/.exec(text);
  if (match === null) return null;
  const n = Number(match[2]);
  if (n < 1 || n > MAX_SHARDS) return null;
  if (match[1] === "auto") return { i: "auto", n };
  const i = Number(match[1]);
  return i >= 1 && i <= n ? { i, n } : null;
}

/**
 * The shard of this pod; null where the index is missing or beyond the shards.
 *
 * @param completionIndex what Kubernetes gives each pod of an Indexed Job, from 0 on
 */
export function settleShard(spec: ShardSpec, completionIndex: string | undefined): Shard | null {
  if (spec.i !== "auto") return { i: spec.i, n: spec.n };
  if (completionIndex === undefined || !/^[0-9]{1,3}$/.test(completionIndex)) return null;
  const i = Number(completionIndex) + 1;
  return i <= spec.n ? { i, n: spec.n } : null;
}

/** `i/n`, the value of the label `shard`. */
export function formatShard({ i, n }: Shard): string {
  return `${i}/${n}`;
}

/** @param shard null: all of them */
export function isInShard(repository: string, shard: Shard | null): boolean {
  return shard === null || isHashInShard(repositoryHash(repository), shard);
}

/** @param hash of the repository's name */
export function isHashInShard(hash: number, { i, n }: Shard): boolean {
  return n === 1 || shardOfHash(hash, n) === i;
}

/**
 * The shard that walks a repository, 1 to `n`: the one of the highest weight (rendezvous hashing), so that a further
 * shard takes names from all others and moves none between them. Never to be changed: it decides who walks what, and
 * the shards of one run may be of two versions.
 */
export function shardOf(repository: string, n: number): number {
  return shardOfHash(repositoryHash(repository), n);
}

/** All that the dealing looks at of a repository: 32 bits, unsigned. */
export function repositoryHash(repository: string): number {
  return fnv1a(repository) >>> 0;
}

function shardOfHash(hash: number, n: number): number {
  let best = 1;
  let highest = -1;
  for (let i = 1; i <= n; i++) {
    const weight = mix(hash ^ mix(Math.imul(i, GOLDEN)));
    if (weight <= highest) continue;
    highest = weight;
    best = i;
  }
  return best;
}

/** 2 ^ 32 over the golden ratio: spreads small numbers. */
const GOLDEN = 0x9e37_79b9;

/** FNV-1a of 32 bits over the low and the high byte of each UTF-16 unit. http://www.isthe.com/chongo/tech/comp/fnv/ */
function fnv1a(text: string): number {
  let hash = 0x811c_9dc5;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    hash = Math.imul(hash ^ (unit & 0xff), 0x0100_0193);
    hash = Math.imul(hash ^ (unit >>> 8), 0x0100_0193);
  }
  return hash;
}

/** The finalizer of MurmurHash3: every bit in moves half of the bits out; unsigned. */
function mix(value: number): number {
  let mixed = value ^ (value >>> 16);
  mixed = Math.imul(mixed, 0x85eb_ca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2_ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
