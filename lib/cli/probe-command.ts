import { Duration } from "../core/duration";
import { printable } from "../core/printable";
import { type Acceptance, AcceptFileError, parseAcceptFile } from "../integrity/accept";
import { type Assessment, exitCode } from "../integrity/assess";
import { rotatedSlice } from "../integrity/blob-wish";
import { formatByteSlice } from "../integrity/byte-slice";
import { formatSamples, type RunFacts, runSamples } from "../integrity/exposition";
import { forgetOtherShards } from "../integrity/forget-shards";
import { parseGroupingKey, publish } from "../integrity/publish";
import { type GroupingKey, PushError, Pushgateway } from "../integrity/pushgateway";
import type { RepositoryScope } from "../integrity/repository-scope";
import type { Shard } from "../integrity/shard";
import { isRepositoryName } from "../oci/reference";
import type { Credentials } from "../registry-client/credentials";
import { OptionReader, quoted, type RawArguments, UsageError } from "./arguments";
import { credentialSource } from "./credentials";
import type { CliEnvironment } from "./environment";
import { type MemoryOption, readMemory, rememberingBy } from "./memory-option";
import { parseRegistryArgument } from "./registry-argument";
import { renderTable } from "./render-table";
import { readShard, withShard } from "./shard-option";
import {
  type ConnectionOptions,
  type ProofOptions,
  readConnection,
  readProof,
  readText,
} from "./walk-options";
import { runWalk, type WalkRequest } from "./walk-session";

export interface ProbeOptions {
  readonly url: URL;
  readonly instance: string;
  readonly connection: ConnectionOptions;
  readonly proof: ProofOptions;
  /** null: the catalogue. */
  readonly repositories: readonly string[] | null;
  readonly newest: number | null;
  /** null: all of the repositories. */
  readonly shard: Shard | null;
  readonly interval: Duration;
  readonly startJitter: Duration;
  readonly isPrivate: boolean;
  readonly acceptances: readonly Acceptance[];
  readonly memory: MemoryOption | null;
  readonly format: "table" | "json" | "prometheus";
  readonly push: URL | null;
  readonly replaceGroup: GroupingKey | null;
  readonly exitZero: boolean;
}

/** @param env of the pod, whose index `--shard auto/n` takes @throws UsageError */
export function readProbeOptions(
  raw: RawArguments,
  nowMs: number,
  env: CliEnvironment["env"] = {},
): ProbeOptions {
  const [registry, ...more] = raw.positionals;
  if (registry === undefined)
    throw new UsageError("probe needs a registry, as `tallyman probe registry.example.com:5050`");
  if (more.length > 0)
    throw new UsageError(`probe takes one registry, got also ${quoted(more[0] as string)}`);
  const reader = new OptionReader(raw.values);
  const url = parseRegistryArgument(registry);
  const interval = reader.duration("interval", Duration.minutes(15), Duration.seconds(1));
  const repositories = reader.list("repository");
  const unfit = repositories.find((name) => !isRepositoryName(name));
  if (unfit !== undefined) {
    throw new UsageError(`--repository must be a repository name as team/app, got ${quoted(unfit)}`);
  }
  const push = reader.url("push");
  return {
    url,
    instance: reader.text("instance") ?? url.host,
    connection: readConnection(reader),
    proof: readProof(reader, nowMs, interval),
    repositories: repositories.length === 0 ? null : [...new Set(repositories)],
    newest: reader.integer("newest", 1, 1_000_000),
    shard: readShard(reader.text("shard"), env),
    interval,
    startJitter: reader.duration("start-jitter", Duration.seconds(0)),
    isPrivate: reader.flag("private"),
    acceptances: readAcceptances(reader.text("accept-file")),
    memory: readMemory(reader),
    format: reader.choice("format", ["table", "json", "prometheus"] as const, "table"),
    push,
    replaceGroup: readReplaceGroup(reader.text("replace-group"), push),
    exitZero: reader.flag("exit-zero"),
  };
}

function readAcceptances(path: string | null): Acceptance[] {
  if (path === null) return [];
  try {
    return parseAcceptFile(readText(path, "--accept-file"));
  } catch (error) {
    if (error instanceof AcceptFileError)
      throw new UsageError(`the accept file ${JSON.stringify(path)}: ${error.message}`);
    throw error;
  }
}

function readReplaceGroup(text: string | null, push: URL | null): GroupingKey | null {
  if (text === null) return null;
  if (push === null)
    throw new UsageError("--replace-group needs --push: it deletes a group of that Pushgateway");
  const key = parseGroupingKey(text);
  if (key === null)
    throw new UsageError(
      `--replace-group must be job=name or job=name,label=value, got ${JSON.stringify(text)}`,
    );
  return key;
}

/** Walks once, reports, pushes. @returns the exit code @throws UsageError */
export async function probe(options: ProbeOptions, environment: CliEnvironment): Promise<number> {
  const { connection } = options;
  if (options.memory?.kind === "process") {
    throw new UsageError("--memory process is for serve: a probe ends with its walk, so name a file");
  }
  const warn = (message: string): void => environment.writeError(`tallyman: ${message}\n`);
  const credentials = credentialSource(
    environment,
    connection.dockerConfig,
    [options.url.host],
    warn,
  )(options.url.host);
  const jitterMs = options.startJitter.toMilliseconds() * environment.random();
  if (jitterMs > 0) await environment.sleep(jitterMs);
  const memory = rememberingBy(options.memory, 1);
  const outcome = await runWalk(environment, { ...walkRequest(options, credentials), memory });
  const { assessment } = outcome;
  const facts: RunFacts = outcome;
  if (options.format === "json") environment.write(`${JSON.stringify(assessment.report)}\n`);
  else if (options.format === "prometheus")
    environment.write(formatSamples(withShard(runSamples(facts), assessment.report.shard), options.instance));
  else environment.write(renderTable(assessment, { blobs: options.proof.blobs }));
  if (options.push !== null) {
    try {
      const gateway = new Pushgateway({
        url: options.push,
        timeoutMs: connection.timeout.toMilliseconds(),
        ca: connection.ca,
      });
      const { replaceGroup, proof } = options;
      await publish(gateway, {
        facts,
        verifiedSlice: verifiedSlice(options, assessment),
        rotatedSlice: rotatedSlice(proof.blobs),
        replaceGroup,
      });
      await forgetOthers(gateway, facts, environment);
    } catch (error) {
      if (!(error instanceof PushError)) throw error;
      environment.writeError(`tallyman: ${printable(error.message, 1000)}\n`);
      // Damage found stays 1 whatever else failed; a Job whose push failed has not done its work.
      return !options.exitZero && exitCode(assessment) === 1 ? 1 : 2;
    }
  }
  return options.exitZero ? 0 : exitCode(assessment);
}

/** What stays until a later run forgets it was pushed by an earlier one: this one has done its work. */
async function forgetOthers(
  gateway: Pushgateway,
  facts: RunFacts,
  { now, writeError }: CliEnvironment,
): Promise<void> {
  try {
    const count = await forgetOtherShards(gateway, facts, now());
    if (count > 0) writeError(`tallyman: forgot ${count} groups of runs with another number of shards\n`);
  } catch (error) {
    if (!(error instanceof PushError)) throw error;
    const why = printable(error.message, 1000);
    writeError(`tallyman: groups of runs with another number of shards may be left: ${why}\n`);
  }
}

/** The walk that the options ask for. */
export function walkRequest(options: ProbeOptions, credentials: Credentials | null): WalkRequest {
  const { connection, interval, newest } = options;
  return {
    url: options.url,
    connection,
    proof: options.proof,
    credentials,
    instance: options.instance,
    scopes: options.repositories?.map((repository) => givenScope(repository, newest)) ?? null,
    newest,
    shard: options.shard,
    acceptances: options.acceptances,
    budgetMs: Math.min(interval.toMilliseconds(), connection.deadline.toMilliseconds()),
    intervalMs: interval.toMilliseconds(),
    isPrivate: options.isPrivate,
    said: new Set(),
  };
}

/** `k/n` where the walk read every blob of the slice whole; else null. */
export function verifiedSlice({ proof }: ProbeOptions, { report }: Assessment): string | null {
  return proof.slice !== null && report.complete ? formatByteSlice(proof.slice) : null;
}

function givenScope(repository: string, newest: number | null): RepositoryScope {
  return { repository, source: "given", tags: null, digests: [], newest };
}
