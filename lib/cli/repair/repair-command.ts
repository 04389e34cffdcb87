import { setMaxListeners } from "node:events";
import { type Assessment, exitCode } from "../../integrity/assess";
import { applyRepairs } from "../../integrity/repair/apply-repairs";
import { MountFinder } from "../../integrity/repair/mount-finder";
import { planRepairs } from "../../integrity/repair/plan-repairs";
import { NO_HINTS, parseRebuildHints, type RebuildHints } from "../../integrity/repair/rebuild-hints";
import type { Credentials } from "../../registry-client/credentials";
import { type RawArguments, UsageError } from "../arguments";
import { credentialSource } from "../credentials";
import type { CliEnvironment } from "../environment";
import { EXIT_DAMAGE, EXIT_INCOMPLETE } from "../exit-codes";
import { readText } from "../walk-options";
import { runWalk } from "../walk-session";
import { type OpenSources, openSources } from "./open-sources";
import { renderRepair } from "./render-repair";
import { repairClient } from "./repair-client";
import { type RepairOptions, readRepairOptions } from "./repair-options";
import { type RepairRun, repairReport } from "./repair-report";

export { REPAIR_COMMAND } from "./repair-options";

/** Walks, plans, with --apply acts and walks again. @returns the exit code. @throws UsageError */
export async function repair(raw: RawArguments, environment: CliEnvironment): Promise<number> {
  const options = readRepairOptions(raw, environment.now());
  const said = new Set<string>();
  const warn = (message: string): void => {
    if (said.has(message)) return;
    said.add(message);
    environment.writeError(`tallyman: ${message}\n`);
  };
  const { url, connection } = options;
  const hints = readHints(options);
  const credentials = credentialSource(environment, connection.dockerConfig, [url.host], warn)(url.host);
  const stop = new AbortController();
  setMaxListeners(0, stop.signal);
  const removeListener = environment.onStop(() => stop.abort());
  let opened: OpenSources | null = null;
  try {
    opened = await openSources(options, environment, stop.signal, warn);
    const run = await work(
      { options, environment, credentials, signal: stop.signal, said, warn, hints },
      opened,
    );
    environment.write(
      options.format === "json" ? `${JSON.stringify(repairReport(run))}\n` : renderRepair(run),
    );
    return repairExitCode(run);
  } finally {
    removeListener();
    opened?.close();
  }
}

interface Session {
  readonly options: RepairOptions;
  readonly environment: CliEnvironment;
  readonly credentials: Credentials | null;
  readonly signal: AbortSignal;
  readonly said: Set<string>;
  readonly warn: (message: string) => void;
  readonly hints: RebuildHints;
}

async function work(session: Session, { sources }: OpenSources): Promise<RepairRun> {
  const { options, environment, credentials, signal, warn, hints } = session;
  const before = await walk(session, options.repositories);
  const client = repairClient(environment, {
    url: options.url,
    connection: options.connection,
    credentials,
    signal,
    warn,
  });
  try {
    const { findings } = before.report;
    const items = await planRepairs({ client, sources, mounts: new MountFinder(client), findings, hints });
    if (!options.apply) return { before, items, results: null, after: null };
    const sleep = (ms: number): Promise<void> => environment.sleep(ms, signal);
    const results = await applyRepairs(items, { client, allowRetag: options.allowRetag, sleep, signal });
    const affected = [...new Set(items.map(({ finding }) => finding.repository))];
    const after = affected.length === 0 ? null : await walk(session, affected);
    return { before, items, results, after };
  } finally {
    client.close();
  }
}

async function walk(session: Session, repositories: readonly string[] | null): Promise<Assessment> {
  const { options, environment, credentials, said, signal } = session;
  const { url, connection, proof } = options;
  const { assessment } = await runWalk(environment, {
    url,
    connection,
    proof,
    credentials,
    instance: url.host,
    scopes:
      repositories?.map((repository) => ({
        repository,
        source: "given",
        tags: null,
        digests: [],
        newest: null,
      })) ?? null,
    newest: null,
    acceptances: [],
    budgetMs: connection.deadline.toMilliseconds(),
    isPrivate: false,
    said,
    signal,
  });
  return assessment;
}

/**
 * A plan has the walk's code. Applied: 2 while something waits for a person or failed, for then the work is not
 * done; else 1 where damage remains; else 2 where the walks could not see all; else 0.
 */
export function repairExitCode({ before, results, after }: RepairRun): number {
  if (results === null || after === null) return exitCode(before);
  const outcomes = [...results.values()].map(({ outcome }) => outcome);
  if (outcomes.some((outcome) => outcome === "refused" || outcome === "failed")) return EXIT_INCOMPLETE;
  if (after.failures > 0) return EXIT_DAMAGE;
  return after.report.complete && before.report.complete ? 0 : EXIT_INCOMPLETE;
}

function readHints({ catalogFile, url }: RepairOptions): RebuildHints {
  if (catalogFile === null) return NO_HINTS;
  const text = readText(catalogFile, "--catalog");
  let json: unknown = null;
  try {
    json = JSON.parse(text);
  } catch {
    // Told below, as for JSON that is no catalogue.
  }
  const hints = parseRebuildHints(json, url.host);
  if (hints !== null) return hints;
  throw new UsageError(
    `--catalog must name a catalogue (tallyman.catalog/1: an object with groups), got ${JSON.stringify(catalogFile)}`,
  );
}
