import { ConfigurationError, type Problem } from "../core/problem";
import { isRepositoryName, parseImageReference } from "../oci/reference";
import { boundedWalk } from "./bounded-walk";
import { type Surroundings, sleepUntilAborted, type WalkBounds, type WalkSurroundings } from "./bounds";
import { MAX_SHARDS } from "./contract";
import { checkExpectations, type Expectations } from "./expectations";
import type { RunFacts } from "./exposition";
import { imagesByOrigin, scopesOf } from "./image-scopes";
import { asUndetermined } from "./object-look";
import type { Shard } from "./shard";

/** Clock, randomness and warnings; only `sleep` has a default, by the timers of Node. */
export type ProbeSurroundings = Omit<Surroundings, "sleep"> & Partial<Pick<Surroundings, "sleep">>;

export interface ProbeRegistryOptions extends ProbeSurroundings, WalkBounds {
  /** @default all that the catalogue lists */
  readonly repositories?: readonly string[];
  /** Only so many tags of a repository, the newest by creation time. @default all */
  readonly newest?: number;
  /** Walks that part of the repositories alone, at an n-th of every rate. @default all of them */
  readonly shard?: Shard | null;
}

/**
 * Walks a registry once, down to the last layer of every tag. What the registry does or does not do never throws: it
 * stands in the report.
 *
 * ```ts
 * import { exitCode, probeRegistry } from "tallyman/probe";
 *
 * export async function isWhole(): Promise<boolean> {
 *   const registry = new URL("https://registry.example.com:5050");
 *   const surroundings = { now: Date.now, random: Math.random, warn: console.warn };
 *   const { assessment } = await probeRegistry(registry, { ...surroundings, newest: 5 });
 *   for (const { kind, repository, tags } of assessment.report.findings) console.log(kind, repository, tags);
 *   return exitCode(assessment) === 0;
 * }
 * ```
 *
 * @param registry `http(s)://host[:port]`
 * @throws ConfigurationError for options that cannot be
 */
export async function probeRegistry(registry: URL, options: ProbeRegistryOptions): Promise<RunFacts> {
  const { repositories, newest = null, shard = null } = options;
  const problems = (repositories ?? []).flatMap((value, i): Problem[] => {
    if (isRepositoryName(value)) return [];
    const fix = "Write lower-case parts with / between them.";
    return [{ path: `repositories[${i}]`, rule: "be a repository name as team/app", value, fix }];
  });
  if (newest !== null && !(Number.isInteger(newest) && newest >= 1)) {
    const fix = "Leave it out for all tags.";
    problems.push({ path: "newest", rule: "be a whole number from 1", value: newest, fix });
  }
  if (shard !== null && !isShard(shard)) {
    const fix = "Give i from 1 to n.";
    problems.push({ path: "shard", rule: `be one of at most ${MAX_SHARDS} shards`, value: shard, fix });
  }
  ConfigurationError.throwIfAny(problems);
  const scopes =
    repositories === undefined
      ? null
      : [...new Set(repositories)].map((repository) => ({
          repository,
          source: "given" as const,
          tags: null,
          digests: [],
          newest,
        }));
  return boundedWalk({ url: registry, scopes, newest, shard }, surroundingsOf(options), options);
}

function isShard({ i, n }: Shard): boolean {
  return Number.isInteger(i) && Number.isInteger(n) && i >= 1 && i <= n && n <= MAX_SHARDS;
}

export interface VerifyImagesOptions extends ProbeSurroundings, WalkBounds {
  /** What every image must be, beyond being whole. @default nothing more */
  readonly expectations?: Partial<Expectations>;
}

/**
 * Proves images whole by the same walk; one result a registry. A tag or digest that does not resolve is damage.
 *
 * @param images `[scheme://]host/name[:tag][@digest]`
 * @throws ConfigurationError for what is no image, and for options that cannot be
 */
export async function verifyImages(
  images: readonly string[],
  options: VerifyImagesOptions,
): Promise<readonly RunFacts[]> {
  const problems: Problem[] = [];
  const references = images.flatMap((value, i) => {
    const reference = parseImageReference(value);
    if (!("problem" in reference)) return [reference];
    problems.push({
      path: `images[${i}]`,
      rule: "be an image reference",
      value,
      fix: `Mend this: ${reference.problem}.`,
    });
    return [];
  });
  const origins = imagesByOrigin(references);
  if (origins.size > 1 && (options.credentials ?? options.address ?? null) !== null) {
    const fix = "Verify the images of each registry by a call of its own.";
    problems.push({ path: "images", rule: "be on one registry", value: [...origins.keys()], fix });
  }
  if (images.length === 0) {
    problems.push({ path: "images", rule: "name an image", value: images, fix: "Nothing is no proof." });
  }
  ConfigurationError.throwIfAny(problems);
  const { platforms = [], digest = null } = options.expectations ?? {};
  const surroundings = surroundingsOf(options);
  const results: RunFacts[] = [];
  for (const [origin, here] of origins) {
    const target = { url: new URL(origin), scopes: scopesOf(here), newest: null };
    const result = await boundedWalk(target, surroundings, options, async (client, ledger) => {
      if (digest === null && platforms.length === 0) return;
      for (const { repository, reference } of here) {
        try {
          const context = { client, ledger, sleep: surroundings.sleep };
          await checkExpectations(context, repository, reference, { platforms, digest });
        } catch (error) {
          const { reason, detail } = asUndetermined(error);
          ledger.doubt({ reason, detail, repository, reference });
        }
      }
    });
    results.push(result);
  }
  return results;
}

/** Every default in its place. */
function surroundingsOf(given: ProbeSurroundings): WalkSurroundings {
  return { ...given, sleep: given.sleep ?? sleepUntilAborted };
}
