import { setMaxListeners } from "node:events";
import { renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { ImageLock, LockedImage } from "../../core/image-lock";
import { printable } from "../../core/printable";
import { type RawArguments, UsageError } from "../arguments";
import { credentialSource } from "../credentials";
import type { CliEnvironment } from "../environment";
import { errorCode } from "../error-code";
import { EXIT_DAMAGE, EXIT_INCOMPLETE } from "../exit-codes";
import { repairClient } from "../repair/repair-client";
import { type PinOptions, type PinTarget, readPinOptions } from "./pin-options";
import { type Resolution, resolveImage } from "./resolve-image";

export { PIN_COMMAND } from "./pin-options";

/** What became of one image. */
interface Outcome {
  readonly line: string;
  readonly entry: LockedImage;
  readonly state: "same" | "new" | "moved" | "unresolved";
  /** For standard error. */
  readonly warning: string | null;
}

/**
 * Resolves, reports, and writes the lock: 2 where an image was not resolved, with --check 1 where one has moved.
 *
 * @returns the exit code. @throws UsageError
 */
export async function pin(raw: RawArguments, environment: CliEnvironment): Promise<number> {
  const options = readPinOptions(raw);
  const resolutions = await resolveAll(options, environment);
  const resolvedAt = new Date(environment.now()).toISOString();
  const outcomes = options.targets.map((target, at) => ({
    target,
    outcome: judge(target, resolutions[at] as Resolution, options, resolvedAt),
  }));
  for (const { outcome } of outcomes) {
    if (outcome.warning !== null) environment.writeError(`tallyman: ${outcome.warning}\n`);
    environment.write(`${outcome.line}\n`);
  }
  const isIncomplete = outcomes.some(({ outcome }) => outcome.state === "unresolved");
  if (options.check) {
    if (outcomes.some(({ outcome }) => outcome.state === "moved")) return EXIT_DAMAGE;
    return isIncomplete || outcomes.some(({ outcome }) => outcome.state === "new") ? EXIT_INCOMPLETE : 0;
  }
  const lock = outcomes.reduce(
    (all, { target, outcome }) => all.with(target.key, outcome.entry),
    options.lock,
  );
  try {
    writeLock(options.lockFile, lock);
  } catch (error) {
    const file = JSON.stringify(options.lockFile);
    environment.writeError(`tallyman: the lock ${file} cannot be written (${errorCode(error)})\n`);
    return EXIT_INCOMPLETE;
  }
  return isIncomplete ? EXIT_INCOMPLETE : 0;
}

async function resolveAll(
  { targets, connection }: PinOptions,
  environment: CliEnvironment,
): Promise<readonly Resolution[]> {
  const warn = (message: string): void => environment.writeError(`tallyman: ${printable(message, 500)}\n`);
  const origins = new Map<string, URL>();
  for (const { reference } of targets) {
    const origin = `${reference.scheme}://${reference.registry}`;
    origins.set(origin, new URL(origin));
  }
  if (connection.address !== null && origins.size > 1) {
    throw new UsageError(`--address belongs to one registry, and the images are on ${origins.size}`);
  }
  const hosts = [...new Set([...origins.values()].map(({ host }) => host))];
  const credentials = credentialSource(environment, connection.dockerConfig, hosts, warn);
  const deadline = new AbortController();
  setMaxListeners(0, deadline.signal);
  const timer = setTimeout(() => deadline.abort(), connection.deadline.toMilliseconds());
  const removeStop = environment.onStop(() => deadline.abort());
  const clients = new Map(
    [...origins].map(([origin, url]) => {
      const request = { url, connection, credentials: credentials(url.host), signal: deadline.signal, warn };
      return [origin, repairClient(environment, request)] as const;
    }),
  );
  try {
    return await Promise.all(
      targets.map(async ({ reference, tag }) => {
        const client = clients.get(`${reference.scheme}://${reference.registry}`);
        if (client === undefined) throw new Error(`no client for ${reference.registry}`);
        return resolveImage(client, reference.repository, tag);
      }),
    );
  } finally {
    clearTimeout(timer);
    removeStop();
    for (const client of clients.values()) client.close();
  }
}

function judge(
  { key, writtenDigest }: PinTarget,
  resolution: Resolution,
  { lock, check }: PinOptions,
  resolvedAt: string,
): Outcome {
  const locked = lock.images.get(key);
  const before = locked?.digest ?? writtenDigest;
  if (resolution.kind === "unresolved") {
    const { reason, message } = resolution;
    const why = `${key}: not resolved (${reason}): ${printable(message, 300)}`;
    const line = `unresolved ${key} ${reason}`;
    // What an earlier run proved stays: no answer today is no word against it.
    if (locked?.status === "resolved") {
      return { line, entry: locked, state: "unresolved", warning: `${why}. The lock keeps ${locked.digest}` };
    }
    const entry = { status: "unresolved", digest: null, mediaType: null, resolvedAt: null, reason } as const;
    return { line, entry, state: "unresolved", warning: `${why}. It has no digest in the lock` };
  }
  const { mediaType } = resolution;
  const digest = resolution.digest.toString();
  const entry = { status: "resolved", digest, mediaType, resolvedAt, reason: null } as const;
  if (before !== null && before !== digest) {
    const warning = `${key} moved: from ${before} to ${digest}${check ? "" : ". The lock now has the new digest"}`;
    return { line: `moved ${key} from ${before} to ${digest}`, entry, state: "moved", warning };
  }
  // The time stays too: a lock in which nothing moved has no diff.
  if (locked?.status === "resolved") {
    return { line: `resolved ${key} ${digest} ${mediaType}`, entry: locked, state: "same", warning: null };
  }
  const warning = check ? `${key} has no digest in the lock: run \`tallyman pin\`` : null;
  return { line: `resolved ${key} ${digest} ${mediaType}`, entry, state: "new", warning };
}

function writeLock(path: string, lock: ImageLock): void {
  const beside = join(dirname(path), `.${basename(path)}.${process.pid}.new`);
  try {
    writeFileSync(beside, lock.format(), { flag: "wx" });
    renameSync(beside, path);
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  }
}
