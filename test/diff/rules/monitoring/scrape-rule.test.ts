import type { JsonObject } from "../../../../lib/diff/json";
import { scrapeRule } from "../../../../lib/diff/rules/monitoring/scrape-rule";
import { holdsForOddJson, judgeWith, output } from "./judge-with";

interface Job {
  readonly name: string;
  readonly targets: readonly string[];
  readonly interval?: string;
}

const HOST: Job = { name: "host", targets: ["10.0.0.1:9100", "10.0.0.2:9100"] };
const CACHE: Job = { name: "cache", targets: ["10.0.0.1:5001"] };

/** The same jobs by the operator's objects, by a chart's values and by the artifact. */
function scraping(...jobs: readonly Job[]) {
  const scrape_configs: readonly JsonObject[] = jobs.map(({ name, targets, interval }) => ({
    job_name: name,
    metrics_path: "/metrics",
    ...(interval === undefined ? {} : { scrape_interval: interval }),
    static_configs: [{ targets }],
  }));
  const objects = jobs.map(({ name, targets, interval }): [string, JsonObject] => [
    `kubernetes_manifest.${name}`,
    {
      manifest: {
        kind: "ScrapeConfig",
        metadata: { name },
        spec: {
          ...(interval === undefined ? {} : { scrapeInterval: interval }),
          staticConfigs: [{ targets }],
        },
      },
    },
  ]);
  return output(
    {
      ...Object.fromEntries(objects),
      "chart/helm_release.prometheus": {
        values: [{ "(document)": { serverFiles: { "a.yml": { scrape_configs } } } }],
      },
    },
    { "monitoring/scrape-config.yml": { scrape_configs } },
  );
}

test.each<[string, readonly Job[], readonly Job[], string]>([
  [
    "a job removed",
    [HOST, CACHE],
    [HOST],
    "risk scrape_target_removed cache: no longer scraped (10.0.0.1:5001/metrics), alerts on its metrics go silent",
  ],
  [
    "a job added",
    [HOST],
    [HOST, CACHE],
    "info scrape_target_added cache: scraped now (10.0.0.1:5001/metrics)",
  ],
  [
    "a target removed",
    [HOST, CACHE],
    [{ ...HOST, targets: ["10.0.0.1:9100"] }, CACHE],
    "risk scrape_target_removed host: no longer scrapes 10.0.0.2:9100/metrics, alerts on its metrics go silent",
  ],
  [
    "a target added",
    [CACHE],
    [{ ...CACHE, targets: ["10.0.0.1:5001", "10.0.0.9:5001"] }],
    "info scrape_target_added cache: scrapes 10.0.0.9:5001/metrics too",
  ],
  [
    "a target that moved",
    [CACHE],
    [{ ...CACHE, targets: ["10.0.0.9:5001"] }],
    "notice scrape_target_changed cache: scrapes 10.0.0.9:5001/metrics instead of 10.0.0.1:5001/metrics",
  ],
  [
    "slower",
    [{ ...CACHE, interval: "30s" }],
    [{ ...CACHE, interval: "5m" }],
    "risk scrape_slower cache: scraped every 30s → 5m",
  ],
  [
    "faster",
    [CACHE],
    [{ ...CACHE, interval: "30s" }],
    "info scrape_changed cache: scraped every default interval → 30s",
  ],
])("%s is one change wherever it is configured", (_name, before, after, expected) => {
  const found = judgeWith(scrapeRule, scraping(...before), scraping(...after));
  const also = found.judged.map(
    ({ change: { grade, kind, text } }) => `${grade} ${kind} ${text.replace(/\. Also at .*|\.$/, "")}`,
  );
  expect(also).toEqual([expected]);
  // An object that came or went as a whole is said by itself too.
  expect(found.open.filter((one) => !one.endsWith("kubernetes_manifest.cache "))).toEqual([]);
});

test("a monitor that discovers its targets", () => {
  const monitor = (interval: string) => ({
    manifest: {
      kind: "ServiceMonitor",
      metadata: { name: "gateway" },
      spec: { endpoints: [{ port: "http", interval }] },
    },
  });
  const at = (interval: string) =>
    output({ "kubernetes_manifest.m": monitor(interval), "null_resource.a": {} });
  const slower = judgeWith(scrapeRule, at("15s"), at("1m"));
  expect(slower.lines).toEqual([
    expect.stringMatching(/^risk scrape_slower .*: gateway: scraped every 15s → 1m\.$/),
  ]);
  expect(slower.open).toEqual([]);
  const gone = judgeWith(scrapeRule, at("15s"), output({ "null_resource.a": {} }));
  expect(gone.lines).toEqual([
    expect.stringContaining(
      "risk scrape_target_removed monitoring/kubernetes_manifest.m gateway: gateway: no longer scraped (discovered targets)",
    ),
  ]);
});

test("nothing is said where nothing differs, or a job only moved", () => {
  expect(judgeWith(scrapeRule, scraping(HOST), scraping(HOST)).judged).toEqual([]);
  expect(judgeWith(scrapeRule, scraping(HOST, CACHE), scraping(CACHE, HOST)).judged).toEqual([]);
});

test("random outputs", () => {
  holdsForOddJson(scrapeRule, "kubernetes_manifest", [
    "job_name",
    "static_configs",
    "targets",
    "staticConfigs",
    "endpoints",
    "interval",
    "ScrapeConfig",
    "ServiceMonitor",
  ]);
});
