/**
 * The whole chain on real servers: the program out of the synthesized stack, run by the CronJob's own command line,
 * the library's rules, Prometheus, Pushgateway, Alertmanager, and whoever is paged. Every length of time is divided.
 */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { main } from "../../stacks/main";
import { type CarriedProbe, readCarriedProbe } from "../support/carried-probe";
import { Pushgateway } from "../support/pushgateway";
import type { ToldAlert } from "../support/webhook-receiver";
import { CHAIN_CASES, type GatewayName } from "./chain-cases";
import { chainInterval, chainRules, gatewayJob, RUNBOOK_BASE_URL } from "./chain-rules";
import { MonitoringWorld } from "./monitoring-world";
import { instanceOf, WatchedRegistry } from "./watched-registry";

const ROOT = join(__dirname, "../..");
/** A quarter of an hour in ten seconds. */
const DIVISOR = 90;
const INTERVAL_MS = chainInterval.toMilliseconds() / DIVISOR;
const HEALTHY_MS = 2.5 * INTERVAL_MS;
/** After the last alert that any case expects, some time for those that none does. */
const WINDOW_MS = 6 * INTERVAL_MS;
const REPAIRED_MS = 9 * INTERVAL_MS;
const GATEWAYS: readonly GatewayName[] = ["kept", "wiped", "gone"];
const NAMES = Object.keys(CHAIN_CASES);
const NEVER_RAN = "never-ran";

let folder: string;
const gateways = new Map<GatewayName, Pushgateway>();
const registries = new Map<string, WatchedRegistry>();
let world: MonitoringWorld;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "tallyman-chain-"));
  const carried = synthesize();
  for (const name of GATEWAYS) gateways.set(name, await Pushgateway.start());
  const times = {
    "--start-jitter": "0s",
    // Shorter than divided: retries wait as long as ever, and a walk cut off later would be told as a slow one.
    "--deadline": "2s",
    "--interval": `${INTERVAL_MS}ms`,
  };
  for (const [name, { gateway }] of Object.entries(CHAIN_CASES)) {
    const options = { name, gateway: get(gateways, gateway), carried, times, intervalMs: INTERVAL_MS };
    registries.set(name, await WatchedRegistry.start(options));
  }
  world = await MonitoringWorld.start({
    ...chainRules(CHAIN_CASES),
    divisor: DIVISOR,
    registries: byName((name) => get(registries, name).registry.metricsHost),
    gateways: Object.fromEntries([...gateways].map(([name, { host }]) => [gatewayJob(name), host])),
  });
  for (const name of NAMES) if (name !== NEVER_RAN) get(registries, name).startProbing();
}, 60_000);

afterAll(async () => {
  const stopped = await Promise.allSettled([
    ...[...registries.values()].map((registry) => registry.stop()),
    world?.stop(),
    ...[...gateways.values()].map((gateway) => gateway.stop()),
  ]);
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  expect(stopped.filter(({ status }) => status === "rejected")).toEqual([]);
}, 30_000);

/** The reference stack, with the program that the build made. */
function synthesize(): CarriedProbe {
  const errors: string[] = [];
  const programFile = join(ROOT, "dist/lib/cli/tallyman.mjs");
  const code = main({ env: {}, outdir: folder, programFile, writeError: (line) => errors.push(line) });
  if (code !== 0) throw new Error(errors.join("\n"));
  return readCarriedProbe(join(folder, "stacks/monitoring/cdk.tf.json"));
}

function get<Key, Value>(map: ReadonlyMap<Key, Value>, key: Key): Value {
  const value = map.get(key);
  if (value === undefined) throw new Error(`nothing was started for ${key}`);
  return value;
}

function byName<Value>(of: (name: string) => Value): Record<string, Value> {
  return Object.fromEntries(NAMES.map((name) => [name, of(name)]));
}

type Told = Readonly<Record<string, readonly string[]>>;

/** By the label `instance`, of whatever kind that is: each alert once, in order; nothing of those without any. */
function sorted(alerts: Iterable<readonly [instance: string, alert: string]>): Told {
  const names = new Map<string, Set<string>>();
  for (const [instance, alert] of alerts) {
    names.set(instance, (names.get(instance) ?? new Set()).add(alert));
  }
  const entries = [...names].map(([instance, set]) => [instance, [...set].sort()] as const);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function told(alerts: readonly ToldAlert[] = world.webhook.told): Told {
  return sorted(alerts.map((alert) => [alert.labels.instance ?? "", labelled(alert)]));
}

/** The alert's name, and what tells its rules apart where they mean different things. */
function labelled({ name, labels }: ToldAlert): string {
  return name === "RegistryIntegrityDegraded" ? `${name}{${labels.reason}}` : name;
}

const EXPECTED = sorted([
  ...Object.entries(CHAIN_CASES).flatMap(([name, one]) =>
    one.told.map((alert) => [instanceOf(name), alert] as const),
  ),
  [gatewayJob("gone"), "PushgatewayDown"],
]);

test("while all is well, nobody is told anything", async () => {
  await sleep(HEALTHY_MS);
  // Its alert waits no longer than a first run may take.
  expect(told()).toEqual({ [instanceOf(NEVER_RAN)]: CHAIN_CASES[NEVER_RAN]?.told });
}, 60_000);

test("each case is told by exactly its alerts", async () => {
  const began = performance.now();
  await Promise.all([
    ...NAMES.map((name) => CHAIN_CASES[name]?.begins(get(registries, name))),
    get(gateways, "wiped").restartEmpty(),
    get(gateways, "gone").halt(),
  ]);
  const isTold = (): boolean => JSON.stringify(told()) === JSON.stringify(EXPECTED);
  await world.webhook.waitUntil(isTold, 2 * WINDOW_MS);
  await sleep(Math.max(0, WINDOW_MS - (performance.now() - began)));
  expect(told()).toEqual(EXPECTED);
}, 180_000);

test("damage is told with what whoever is paged needs", () => {
  const instance = instanceOf("damaged");
  const alerts = world.webhook.told.filter(({ labels }) => labels.instance === instance);
  expect(alerts[0]).toMatchObject({
    status: "firing",
    labels: { severity: "critical", instance, reason: "damage" },
    annotations: {
      runbook_url: `${RUNBOOK_BASE_URL}/docs/runbooks/registry-manifest-integrity-failure.md`,
      summary: `${instance} has 2 broken references: pulls of their tags fail`,
      description: expect.stringMatching(
        new RegExp(` 2 manifests or blobs .*${instance}/app:latest \\(index_child_missing\\)`),
      ),
    },
  });
});

test("every alert that was told leads to a runbook that is there", () => {
  for (const { annotations } of world.webhook.told) {
    const { runbook_url: url = "" } = annotations;
    expect(url.startsWith(`${RUNBOOK_BASE_URL}/docs/runbooks/`)).toBe(true);
    expect([url, existsSync(join(ROOT, url.slice(RUNBOOK_BASE_URL.length)))]).toEqual([url, true]);
  }
});

test("after the repair all are told that it is over", async () => {
  await get(gateways, "gone").restartEmpty();
  await Promise.all(NAMES.map((name) => CHAIN_CASES[name]?.ends(get(registries, name))));
  await world.webhook.waitUntil(() => world.webhook.firing().length === 0, REPAIRED_MS);
  expect(told(world.webhook.firing())).toEqual({});
  // Where the outage was long, what RegistryDown said for it is told for the minute until the next complete walk.
  const isLeftOver = ({ name, labels }: ToldAlert): boolean =>
    name === "RegistryIntegrityProbeNoCompleteWalk" && labels.instance === instanceOf("stopped");
  expect(told(world.webhook.told.filter((alert) => !isLeftOver(alert)))).toEqual(EXPECTED);
}, 120_000);

test("no run failed but those whose report nobody took", () => {
  const failed = byName((name) => get(registries, name).failedRuns[0]);
  expect(failed).toEqual({
    ...byName(() => undefined),
    "gateway-gone": expect.stringMatching(/^exit 2: [\s\S]*cannot be reached/),
    "push-rejected": expect.stringMatching(/^exit 2: [\s\S]*answers 400/),
  });
});
