import { Duration } from "../core/duration";
import { ConfigurationError } from "../core/problem";
import { rotatedSlice } from "../integrity/blob-wish";
import { Exporter } from "../integrity/exporter";
import { HttpFront } from "../integrity/exporter/http-front";
import type { RunMemory } from "../integrity/exporter/run-memory";
import { walkLoop } from "../integrity/exporter/walk-loop";
import type { Remembering } from "../integrity/memory/remembering";
import { OptionReader, quoted, type RawArguments, UsageError } from "./arguments";
import { credentialSource } from "./credentials";
import type { CliEnvironment } from "./environment";
import { errorCode } from "./error-code";
import { type MemoryOption, rememberingBy } from "./memory-option";
import { type ProbeOptions, readProbeOptions, verifiedSlice, walkRequest } from "./probe-command";
import { renderTable } from "./render-table";
import { renderReportPage } from "./report-page/report-page";
import { type LeaseOptions, readLeaseOptions } from "./serve/lease-options";
import { LeaseSeat } from "./serve/lease-seat";
import { runWalk } from "./walk-session";

export interface ServedRegistry {
  readonly instance: string;
  readonly memory: MemoryOption | null;
  /**
   * The options for a walk planned at that time; each call reads the files that they name anew.
   * @throws UsageError
   */
  readonly optionsAt: (plannedAtMs: number) => ProbeOptions;
}

export interface ListenAddress {
  /** null: all interfaces, of IPv6 too where there is one. */
  readonly host: string | null;
  /** 0 takes a free one. */
  readonly port: number;
}

export interface ServeOptions {
  readonly listen: ListenAddress;
  readonly registries: readonly ServedRegistry[];
  /** Of all registries: each has a host of its own. */
  readonly hosts: readonly string[];
  readonly interval: Duration;
  readonly startJitter: Duration;
  readonly longestWalk: Duration;
  /** null: this process walks by itself. */
  readonly lease: LeaseOptions | null;
}

/** Of all interfaces, as a pod's address is IPv4 or IPv6. */
const DEFAULT_LISTEN: ListenAddress = { host: null, port: 9099 };
/** What says something of one registry only. */
const OF_ONE_REGISTRY = ["address", "instance", "accept-file", "repository", "memory"] as const;
/** A walk ends before the next one should begin. */
const LONGEST_SHARE_OF_INTERVAL = 0.9;

/** @throws UsageError */
export function readServeOptions(raw: RawArguments, nowMs: number): ServeOptions {
  const { positionals, values } = raw;
  if (positionals.length === 0)
    throw new UsageError("serve needs a registry, as `tallyman serve registry.example.com:5050`");
  if (positionals.length > 1) {
    const isShared = (name: string): boolean => name === "memory" && values.memory === "process";
    const single = OF_ONE_REGISTRY.find((name) => values[name] !== undefined && !isShared(name));
    if (single !== undefined) {
      throw new UsageError(
        `--${single} belongs to one registry, and there are ${positionals.length}: run one serve for each`,
      );
    }
  }
  const optionsOf = (registry: string, atMs: number) =>
    withinInterval(readProbeOptions({ values, positionals: [registry] }, atMs));
  const settled = positionals.map((registry) => optionsOf(registry, nowMs));
  const twin = settled.find(({ url }, i) => settled.findIndex((other) => other.url.host === url.host) < i);
  if (twin !== undefined)
    throw new UsageError(`each registry stands once, got twice ${quoted(twin.url.host)}`);
  const reader = new OptionReader(values);
  return {
    listen: reader.listenAddress("listen") ?? DEFAULT_LISTEN,
    registries: settled.map(({ instance, memory }, i) => ({
      instance,
      memory,
      optionsAt: (atMs) => optionsOf(positionals[i] ?? "", atMs),
    })),
    hosts: settled.map(({ url }) => url.host),
    interval: settled[0]?.interval ?? Duration.minutes(15),
    startJitter: settled[0]?.startJitter ?? Duration.seconds(0),
    longestWalk: settled[0]?.connection.deadline ?? Duration.minutes(10),
    lease: readLeaseOptions(reader),
  };
}

function withinInterval(options: ProbeOptions): ProbeOptions {
  const longest = options.interval.times(LONGEST_SHARE_OF_INTERVAL);
  const { connection } = options;
  if (connection.deadline.compare(longest) <= 0) return options;
  return { ...options, connection: { ...connection, deadline: longest } };
}

/** Walks and serves until the process is asked to end. @returns the exit code @throws UsageError */
export async function serve(options: ServeOptions, environment: CliEnvironment): Promise<number> {
  const stop = new AbortController();
  const warn = (message: string): void => environment.writeError(`tallyman: ${message}\n`);
  const { lease } = options;
  const seat = lease === null ? null : await LeaseSeat.take({ ...options, lease, warn }, environment);
  const exporter = new Exporter({
    instances: options.registries.map(({ instance }) => instance),
    renderPage: (registries) => renderReportPage(registries, environment.now(), seat?.describe()),
    lease: seat,
  });
  const sharers = options.registries.length;
  const memories = options.registries.map(({ memory }) => rememberingBy(memory, sharers));
  const walks = options.registries.map((registry, i) =>
    walker(registry, memories[i] ?? null, exporter.registries[i] as RunMemory, options.hosts, environment),
  );
  const removeListener = environment.onStop(() => stop.abort());
  const front = await listen(options, exporter, warn).catch((error: unknown) => {
    removeListener();
    throw error;
  });
  warn(`serving on ${formatListen(options.listen.host, front.port)}`);
  try {
    const { now, sleep } = environment;
    let firstDelayMs = options.startJitter.toMilliseconds() * environment.random();
    const walkAll = async (signal: AbortSignal): Promise<void> => {
      const loops = walks.map(({ walk, onPlanned }) =>
        walkLoop({
          intervalMs: options.interval.toMilliseconds(),
          firstDelayMs,
          now,
          sleep,
          signal,
          walk: (plannedAtMs) => walk(plannedAtMs, signal),
          onPlanned,
        }),
      );
      firstDelayMs = 0;
      await Promise.all(loops);
      for (const memory of exporter.registries) memory.rested();
    };
    const forget = (): void => {
      for (const memory of exporter.registries) memory.forget();
    };
    await (seat === null ? walkAll(stop.signal) : seat.run(walkAll, forget, stop.signal));
    return 0;
  } finally {
    // Also where one loop failed: the others end with it.
    stop.abort();
    removeListener();
    await front.close();
  }
}

async function listen(
  { listen: { host, port } }: ServeOptions,
  exporter: Exporter,
  warn: (message: string) => void,
): Promise<HttpFront> {
  const onError = (error: unknown): void => warn(`unexpected error, please report it: ${messageOf(error)}`);
  try {
    return await HttpFront.listen({ host, port, answer: (path) => exporter.answer(path), onError });
  } catch (error) {
    const place = quoted(formatListen(host, port));
    throw new UsageError(
      `--listen must be an address that is free on this machine, got ${place} (${errorCode(error)})`,
    );
  }
}

/** How one registry is walked, and its memory told of it. */
function walker(
  registry: ServedRegistry,
  walkMemory: Remembering | null,
  memory: RunMemory,
  hosts: readonly string[],
  environment: CliEnvironment,
) {
  const warn = (message: string): void =>
    environment.writeError(`tallyman: ${registry.instance}: ${message}\n`);
  // Several walks would write over one another's line, and a log has none.
  const quiet = { ...environment, isTerminal: false };
  const requestAt = (plannedAtMs: number) => {
    const options = registry.optionsAt(plannedAtMs);
    const source = credentialSource(environment, options.connection.dockerConfig, hosts, warn);
    return { options, request: walkRequest(options, source(options.url.host)) };
  };
  let last: ReturnType<typeof requestAt> | null = null;
  return {
    onPlanned: (atMs: number): void => memory.planned(atMs),
    /** What its signal cuts off is no result. */
    walk: async (plannedAtMs: number, signal: AbortSignal): Promise<void> => {
      try {
        last = requestAt(plannedAtMs);
      } catch (error) {
        // A file that is just being replaced is no reason to stop; one that was never fit is.
        if (last === null || !(error instanceof UsageError)) throw error;
        warn(`${error.message}. The walk goes on with what was read before`);
      }
      const { options, request } = last;
      memory.began(environment.now());
      const isFirst = memory.facts === null;
      try {
        const outcome = await runWalk(quiet, { ...request, signal, memory: walkMemory });
        if (signal.aborted) return;
        const { blobs } = options.proof;
        memory.ended(outcome, verifiedSlice(options, outcome.assessment), rotatedSlice(blobs));
        environment.write(renderTable(outcome.assessment, { blobs }));
      } catch (error) {
        if (isFirst && error instanceof ConfigurationError) throw error;
        warn(`unexpected error, please report it: ${messageOf(error)}`);
      }
    },
  };
}

function formatListen(host: string | null, port: number): string {
  return host?.includes(":") === true ? `[${host}]:${port}` : `${host ?? ""}:${port}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
