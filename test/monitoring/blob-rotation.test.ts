import { parseCommandLine } from "../../lib/cli/arguments";
import { PROBE_COMMAND, SERVE_COMMAND } from "../../lib/cli/option-table";
import { readProbeOptions } from "../../lib/cli/probe-command";
import { readServeOptions } from "../../lib/cli/serve-command";
import { Duration } from "../../lib/core/duration";
import { MAX_SLICES } from "../../lib/integrity/contract";
import { blobTurns } from "../../lib/monitoring/blob-rotation";
import { serveArguments } from "../../lib/monitoring/exporter/render-exporter";
import { ProbeRun } from "../../lib/monitoring/probe-run";
import { type ProbeSpec, resolveProbe } from "../../lib/monitoring/probe-spec";
import { Registry } from "../../lib/monitoring/registry";
import { probeArguments } from "../../lib/monitoring/render-container";

const registry = Registry.at("registry.example.com:5050");

function specOf(run: ProbeRun): ProbeSpec {
  return resolveProbe({ namespace: "monitoring", registries: [registry], run });
}

function byCronJob(schedule: string, provenWithin: Duration): ProbeSpec {
  return specOf(ProbeRun.cronJob({ pushgateway: "http://gateway:9091", schedule, blobs: { provenWithin } }));
}

test.each<[string, Duration, number]>([
  ["*/15 * * * *", Duration.hours(1), 4],
  ["*/15 * * * *", Duration.minutes(15), 1],
  ["*/15 * * * *", Duration.minutes(59), 3],
  // The longest gap counts: 50 minutes.
  ["0,10 * * * *", Duration.hours(3), 3],
  ["0 3 * * *", Duration.days(7), 7],
  ["* * * * *", Duration.days(24), MAX_SLICES],
])("%s, all proven within %s: %d runs", (schedule, provenWithin, n) => {
  const spec = byCronJob(schedule, provenWithin);
  expect(blobTurns(spec.run, spec.times)).toBe(n);
  const words = probeArguments(spec, registry);
  expect(words[words.indexOf("--blobs") + 1]).toBe(`rotate/${n}`);
});

test("a CronJob's runs one after another take all slices in turn, by their own clock", () => {
  const words = probeArguments(byCronJob("*/15 * * * *", Duration.hours(1)), registry);
  const raw = parseCommandLine(PROBE_COMMAND, words.slice(1));
  const slices = [0, 1, 2, 3, 4].map(
    (run) => readProbeOptions(raw, (8_000 + run) * 900_000 + 7_000).proof.blobs,
  );
  expect(slices).toEqual([1, 2, 3, 4, 1].map((k) => ({ rotate: { k, n: 4 } })));
});

test("an exporter's walks take them by the time for which each was planned", () => {
  const spec = specOf(ProbeRun.exporter({ blobs: { provenWithin: Duration.minutes(30) } }));
  const words = serveArguments(spec, registry, 9_099);
  const { registries } = readServeOptions(parseCommandLine(SERVE_COMMAND, words.slice(1)), 0);
  const slices = [0, 1, 2].map((run) => registries[0]?.optionsAt(run * 900_000).proof.blobs);
  expect(slices).toEqual([1, 2, 1].map((k) => ({ rotate: { k, n: 2 } })));
});
