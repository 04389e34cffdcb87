/** What a registry gives clients written in C that do nothing with what they get. */
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { MANIFEST_ACCEPT } from "../../lib/oci/media-type";
import { requireTool } from "../../test/support/require-tool";
import { measure } from "../measure";
import type { Store } from "../store";
import type { RecordedRequest } from "./recorded-requests";
import type { Target } from "./target";

/** As seen from the bundle in dist/bench. */
const CYCLE = resolve(__dirname, "../../bench/walk/cycle.lua");
const ACCEPT = MANIFEST_ACCEPT.join(", ");
/** `ab` counts requests and wrk seconds: about what a registry answers in one. */
const HEADS_A_SECOND = 1_500;
const FREE: Price = { wallSeconds: 0, cpuSeconds: 0 };

/** Every reference of the store once, by GET: manifests whole, of each blob the last byte. */
export function referencesByGet({ manifestPaths, blobs }: Store): readonly RecordedRequest[] {
  return [
    ...manifestPaths.map((path) => ({ method: "GET", path: `/v2/${path}`, range: null })),
    ...blobs.map(({ repository, digest, size }) => ({
      method: "GET",
      path: `/v2/${repository}/blobs/${digest}`,
      range: `bytes=${size - 1}-${size - 1}`,
    })),
  ];
}

export interface Ceiling {
  readonly wallSeconds: number;
  /** Of the clients that ask. */
  readonly cpuSeconds: number;
}

/** What one request takes of a client and of the clock. */
type Price = Ceiling;

/**
 * Seconds in which the registry answers these requests at most, over that many connections: GETs at the rate at which it
 * answers wrk (which cannot do HEAD), HEADs at that at which it answers `ab -i` for one path of them.
 * @param seconds how long each rate is measured
 * @param folder for the list of paths
 */
export async function measureCeiling(
  target: Target,
  requests: readonly RecordedRequest[],
  connections: number,
  seconds: number,
  folder: string,
): Promise<Ceiling> {
  const gets = requests.filter(({ method }) => method === "GET");
  const heads = requests.filter(({ method }) => method === "HEAD");
  const [head] = heads;
  const get = await priceOfGet(target, gets, connections, seconds, join(folder, "paths"));
  const ofHead = head === undefined ? FREE : await priceOfHead(target, head.path, connections, seconds);
  return {
    wallSeconds: gets.length * get.wallSeconds + heads.length * ofHead.wallSeconds,
    cpuSeconds: gets.length * get.cpuSeconds + heads.length * ofHead.cpuSeconds,
  };
}

async function priceOfGet(
  target: Target,
  gets: readonly RecordedRequest[],
  connections: number,
  seconds: number,
  list: string,
): Promise<Price> {
  const lines = evenly(gets).map(({ path, range }) => `${path}\t${range ?? ""}`);
  writeFileSync(list, `${lines.join("\n")}\n`);
  // One thread: one counter over the list, and the registry keeps the other core as it does beside the walk.
  const load = ["-t1", `-c${connections}`, `-d${seconds}s`, "--timeout", "10s"];
  const words = [...load, "-s", CYCLE, target.url, "--", list, ACCEPT, target.authorization ?? ""];
  const run = await measure(requireTool("wrk"), words);
  const [, requests, microseconds, errors] = /^RESULT (\d+) (\d+) (\d+)$/m.exec(run.stdout) ?? [];
  if (errors !== "0") throw new Error(`wrk saw errors: ${run.stdout}`);
  const count = Number(requests);
  return { wallSeconds: Number(microseconds) / 1e6 / count, cpuSeconds: run.cpuSeconds / count };
}

async function priceOfHead(
  { url, authorization }: Target,
  path: string,
  connections: number,
  seconds: number,
): Promise<Price> {
  const count = Math.max(connections * 4, Math.round(HEADS_A_SECOND * seconds));
  const load = ["-q", "-i", "-k", "-c", `${connections}`, "-n", `${count}`];
  const auth = authorization === null ? [] : ["-H", `Authorization: ${authorization}`];
  const run = await measure(requireTool("ab"), [
    ...load,
    "-H",
    `Accept: ${ACCEPT}`,
    ...auth,
    `${url}${path}`,
  ]);
  const rate = Number(/^Requests per second:\s+([\d.]+)/m.exec(run.stdout)?.[1]);
  if (!/^Failed requests:\s+0$/m.test(run.stdout) || /^Non-2xx/m.test(run.stdout) || !(rate > 0)) {
    throw new Error(`ab saw errors: ${run.stdout}`);
  }
  return { wallSeconds: 1 / rate, cpuSeconds: run.cpuSeconds / count };
}

/** In an order of which every part is like the whole, as no run of wrk ends with the list. */
export function evenly<T>(items: readonly T[]): readonly T[] {
  const { length } = items;
  let stride = Math.max(1, Math.round(length * 0.618));
  while (gcd(stride, length) > 1) stride++;
  return items.map((_, i) => items[(i * stride) % length] as T);
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}
