import { printable } from "../../core/printable";
import { type Assessment, exitCode } from "../../integrity/assess";
import { type ApplyResult, applyRetention } from "../../integrity/retention/apply-retention";
import { digestsInUse, type InUse } from "../../integrity/retention/in-use";
import { KeepPatternError } from "../../integrity/retention/keep-pattern";
import { planRetention } from "../../integrity/retention/plan-retention";
import { readRepository } from "../../integrity/retention/read-repository";
import { registryTarget } from "../../integrity/retention/registry-target";
import type { RepositoryModel } from "../../integrity/retention/repository-model";
import type { RepositoryPlan } from "../../integrity/retention/retention-plan";
import type { RetentionTarget } from "../../integrity/retention/retention-target";
import { NO_UPLOAD_TIME, uploadTimesOf } from "../../integrity/retention/storage-times";
import type { Ledger } from "../../integrity/walk-context";
import { RegistryError } from "../../registry-client/answers";
import { type RawArguments, UsageError } from "../arguments";
import { credentialSource } from "../credentials";
import type { CliEnvironment } from "../environment";
import { EXIT_INCOMPLETE } from "../exit-codes";
import { runWalk, type WalkRequest } from "../walk-session";
import { blocksOf } from "./blocked-repositories";
import { readPods } from "./read-pods";
import { renderRetention } from "./render-retention";
import { type RetainOptions, readRetainOptions } from "./retain-options";
import { retentionReport } from "./retention-report";

export { RETAIN_COMMAND } from "./retain-spec";

interface Outcome {
  readonly blocked: readonly string[];
  readonly plans: readonly RepositoryPlan[];
  readonly result: ApplyResult | null;
}

/** By repository in which something was deleted: the tags that are listed since; null where they could not be. */
type Listed = ReadonlyMap<string, readonly string[] | null>;

/**
 * Walks the registry, since retention on a damaged one hides the evidence; plans; with --apply deletes, and walks
 * what stays. @returns the exit code. @throws UsageError
 */
export async function retain(raw: RawArguments, environment: CliEnvironment): Promise<number> {
  const options = readRetainOptions(raw);
  const inUse = options.inUse === null ? null : await readPods(options.inUse);
  const warn = (message: string): void => environment.writeError(`tallyman: ${printable(message, 500)}\n`);
  const [unreadable] = inUse?.unreadable ?? [];
  if (options.apply && unreadable !== undefined) {
    warn(
      `nothing was deleted: a pod's image has a name that cannot be read, and protects nothing: ${unreadable}`,
    );
    return EXIT_INCOMPLETE;
  }
  for (const image of inUse?.unreadable ?? []) warn(`a pod's image has a name that cannot be read: ${image}`);
  const request = walkRequest(options, environment, warn);
  const startedAtMs = environment.now();
  let outcome: Outcome = { blocked: ["the walk did not end"], plans: [], result: null };
  let listed: Listed = new Map();
  const first = await runWalk(environment, request, async (client, ledger) => {
    const uploadTime = options.storage === null ? NO_UPLOAD_TIME : uploadTimesOf(options.storage);
    const target = registryTarget(client, uploadTime);
    outcome = await work(target, options, inUse, ledger, startedAtMs);
    listed = await listTouched(target, outcome);
  });
  const last = await verify(environment, request, outcome, listed);
  const report = retentionReport({
    registry: options.url.host,
    startedAtMs,
    rules: {
      keepLast: options.keepLast,
      keep: options.keep,
      minAgeSeconds: options.minAge.toSeconds(),
      inUsePods: inUse?.pods ?? null,
    },
    ...outcome,
    verified: last === null ? null : exitCode(last) === 0,
  });
  environment.write(options.format === "json" ? `${JSON.stringify(report)}\n` : renderRetention(report));
  const surprise = outcome.result?.surprise ?? null;
  if (surprise !== null) warn(`stopped at ${surprise.repository}: ${surprise.detail}`);
  if (last !== null && exitCode(last) !== 0)
    warn("not every tag that stays is proven whole: run tallyman probe");
  const codes = [exitCode(first.assessment), last === null ? 0 : exitCode(last)];
  if (codes.includes(1)) return 1;
  return report.complete && codes.every((code) => code === 0) ? 0 : EXIT_INCOMPLETE;
}

async function work(
  target: RetentionTarget,
  options: RetainOptions,
  inUse: InUse | null,
  ledger: Ledger,
  nowMs: number,
): Promise<Outcome> {
  const blocks = blocksOf(ledger);
  if (blocks.all.length > 0) return { blocked: blocks.all, plans: [], result: null };
  let names: readonly string[];
  try {
    names = options.repositories ?? (await target.repositories());
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    return { blocked: [`catalogue: ${error.message}`], plans: [], result: null };
  }
  const models: RepositoryModel[] = [];
  for (const name of names) {
    const wanted = inUse === null ? [] : [...digestsInUse(inUse, name)];
    models.push(await readRepository(target, name, { wanted, concurrency: options.connection.concurrency }));
  }
  const { keepLast, keep } = options;
  const rules = { keepLast, keep, minAgeMs: options.minAge.toMilliseconds(), inUse };
  const plans = planned(() => planRetention(models, rules, nowMs, blocks.byRepository));
  return { blocked: [], plans, result: options.apply ? await applyRetention(target, plans) : null };
}

function planned(plan: () => readonly RepositoryPlan[]): readonly RepositoryPlan[] {
  try {
    return plan();
  } catch (error) {
    if (error instanceof KeepPatternError) throw new UsageError(error.message);
    throw error;
  }
}

async function listTouched(target: RetentionTarget, { result }: Outcome): Promise<Listed> {
  const listed = new Map<string, readonly string[] | null>();
  for (const { repository } of result?.deleted ?? []) {
    if (listed.has(repository)) continue;
    try {
      listed.set(repository, await target.tags(repository));
    } catch (error) {
      if (!(error instanceof RegistryError)) throw error;
      listed.set(repository, null);
    }
  }
  return listed;
}

/** A walk of what was to stay and of what was pushed since, where something was deleted; null where nothing was. */
async function verify(
  environment: CliEnvironment,
  request: WalkRequest,
  { plans }: Outcome,
  listed: Listed,
): Promise<Assessment | null> {
  if (listed.size === 0) return null;
  const scopes = plans
    .filter(({ repository }) => listed.has(repository))
    .map(({ repository, tags }) => ({
      repository,
      source: "given" as const,
      tags: tagsToVerify(tags, listed.get(repository) ?? null),
      digests: [],
      newest: null,
    }));
  return (await runWalk(environment, { ...request, scopes })).assessment;
}

/** What was to stay and is not listed any more is found missing. null: the walk lists them, or says why it cannot. */
function tagsToVerify(
  tags: RepositoryPlan["tags"],
  listed: readonly string[] | null,
): readonly string[] | null {
  if (listed === null) return null;
  const kept = tags.filter(({ action }) => action !== "drop").map(({ tag }) => tag);
  return [...new Set([...kept, ...listed])];
}

function walkRequest(
  options: RetainOptions,
  environment: CliEnvironment,
  warn: (message: string) => void,
): WalkRequest {
  const { url, connection, repositories } = options;
  const scopes = repositories?.map((repository) => ({
    repository,
    source: "given" as const,
    tags: null,
    digests: [],
    newest: null,
  }));
  return {
    url,
    connection,
    proof: { blobs: "range", slice: null },
    credentials: credentialSource(environment, connection.dockerConfig, [url.host], warn)(url.host),
    instance: url.host,
    scopes: scopes ?? null,
    newest: null,
    acceptances: [],
    budgetMs: connection.deadline.toMilliseconds(),
    isPrivate: false,
    said: new Set(),
  };
}
