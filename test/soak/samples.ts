/** What a soaked exporter holds, looked at from inside and outside again and again, and that it does not grow. */
import { setTimeout as pause } from "node:timers/promises";
import { rawHttp } from "../support/raw-http";
import type { ExporterProcess, Inside } from "./exporter-process";

const MIB = 2 ** 20;
/** Between the first and the last third; a leak of one report a walk is more within minutes. */
const MAX_HEAP_GROWTH = 2 * MIB;
const MAX_RESIDENT_GROWTH = 16 * MIB;
/** As the pod's limit is. */
const MAX_RESIDENT = 96 * MIB;
/** Of `--concurrency`. */
export const CONNECTIONS = 8;
/** Connections to the registry, those of the scrapes, the listener, the channel to the test; twice that. */
const MAX_SOCKETS = 2 * (CONNECTIONS + 4 + 2);

export interface Sample extends Inside {
  readonly sockets: number;
  readonly descriptors: number;
  readonly resident: number;
}

/**
 * Asks for everything that is served, again and again, and looks inside.
 * @param hold receives the report that is served, once there is one
 * @param warmUpMs what is loaded and allocated in it is no leak
 */
export async function watch(
  exporter: ExporterProcess,
  hold: (report: string) => void,
  isOver: () => boolean,
  warmUpMs: number,
): Promise<readonly Sample[]> {
  const samples: Sample[] = [];
  const warm = performance.now() + warmUpMs;
  for (let round = 0; !isOver(); round++) {
    const [metrics, report, page] = await Promise.all(
      ["/metrics", "/report", "/"].map((path) => rawHttp(`${exporter.url}${path}`)),
    );
    expect([metrics?.status, page?.status]).toEqual([200, 200]);
    if (report?.status === 200) hold(report.body.toString("utf8"));
    const isSampled = round % 4 === 0 && performance.now() > warm;
    if (isSampled) {
      const resident = exporter.anonymousBytes();
      samples.push({ ...(await exporter.inside()), ...exporter.open(), resident });
    }
    await pause(200);
  }
  return samples;
}

/** Flat while it ran, and at its end within a second of SIGTERM, with nothing that it did not expect. */
export async function expectSound(exporter: ExporterProcess, samples: readonly Sample[]): Promise<void> {
  const { code, tookMs } = await exporter.stop();
  expect(code).toBe(0);
  expect(tookMs).toBeLessThan(1_000);
  expect(exporter.stderr).not.toContain("unexpected error");
  expectFlat(samples);
}

function expectFlat(samples: readonly Sample[]): void {
  const most = (of: (sample: Sample) => number): number => Math.max(...samples.map(of));
  expect(growth(samples, ({ heapUsed }) => heapUsed, median)).toBeLessThan(MAX_HEAP_GROWTH);
  expect(growth(samples, ({ resident }) => resident, median)).toBeLessThan(MAX_RESIDENT_GROWTH);
  expect(most(({ resident }) => resident)).toBeLessThan(MAX_RESIDENT);
  // Between the walks there are few; what is never given back is there then too.
  expect(growth(samples, ({ sockets }) => sockets, least)).toBeLessThanOrEqual(CONNECTIONS);
  expect(most(({ sockets }) => sockets)).toBeLessThanOrEqual(MAX_SOCKETS);
  expect(growth(samples, ({ resources }) => count(resources), least)).toBeLessThanOrEqual(2 * CONNECTIONS);
  // Files and pipes: of these none comes and goes.
  expect(growth(samples, ({ descriptors, sockets }) => descriptors - sockets, median)).toBeLessThanOrEqual(0);
}

/** Lines for people. */
export function summary(samples: readonly Sample[]): string {
  const line = (name: string, of: (sample: Sample) => number, unit = 1): string => {
    const thirds = [0, 1, 2].map((at) => {
      const third = Math.floor(samples.length / 3);
      return (median(samples.slice(at * third, (at + 1) * third).map(of)) / unit).toFixed(1);
    });
    const most = (Math.max(...samples.map(of)) / unit).toFixed(1);
    return `${name}: medians of thirds ${thirds.join(", ")}, most ${most}`;
  };
  return [
    line("heap after collection, MiB", ({ heapUsed }) => heapUsed, MIB),
    line("resident, pages of files apart, MiB", ({ resident }) => resident, MIB),
    line("sockets", ({ sockets }) => sockets),
    line("other descriptors", ({ descriptors, sockets }) => descriptors - sockets),
    line("what keeps the loop busy", ({ resources }) => count(resources)),
  ].join("\n");
}

type Summary = (values: readonly number[]) => number;

function growth(samples: readonly Sample[], of: (sample: Sample) => number, summed: Summary): number {
  const third = Math.floor(samples.length / 3);
  return summed(samples.slice(-third).map(of)) - summed(samples.slice(0, third).map(of));
}

function least(values: readonly number[]): number {
  return Math.min(...values);
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

function count(resources: Inside["resources"]): number {
  return Object.values(resources).reduce((sum, one) => sum + one, 0);
}
