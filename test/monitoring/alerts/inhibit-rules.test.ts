import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { AlertName } from "../../../lib/monitoring/alerts/alert-names";
import { inhibitRules, renderInhibitRules } from "../../../lib/monitoring/alerts/inhibit-rules";
import { ruleSet } from "../../../lib/monitoring/alerts/rule-set";
import { requireTool } from "../../support/require-tool";
import { ServerProcess } from "../../support/server-process";
import { ALL, INSTANCE, PLAIN, probeOf } from "./rule-set-fixture";

const all = ruleSet(probeOf(), ALL);
let folder = "";
let config = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tallyman-inhibit-"));
  config = join(folder, "alertmanager.yml");
  const minimal = "route: {receiver: nobody, group_wait: 100ms}\nreceivers: [{name: nobody}]\n";
  writeFileSync(config, minimal + renderInhibitRules(all.inhibitRules));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

test("only alerts that there are inhibit and are inhibited", () => {
  expect(all.inhibitRules).toHaveLength(6);
  const pairs = ruleSet(probeOf(), PLAIN).inhibitRules.map(({ sourceMatchers, targetMatchers }) => [
    ...sourceMatchers,
    ...targetMatchers,
  ]);
  expect(pairs).toEqual([
    [
      'alertname = "RegistryCatalogInaccessible"',
      'alertname =~ "RegistryManifestIntegrityFailure|RegistryIntegrityProbeNoCompleteWalk|RegistryIntegrityDegraded"',
    ],
    [
      'alertname = "RegistryProbeAuthFailure"',
      'alertname =~ "RegistryCatalogInaccessible|RegistryIntegrityProbeNoCompleteWalk|RegistryIntegrityDegraded"',
    ],
    ['alertname = "RegistryIntegrityProbeAbsent"', 'alertname =~ "RegistryIntegrityProbeStale"'],
    ['alertname = "RegistryIntegrityProbeStale"', 'alertname =~ "RegistryIntegrityProbeNoCompleteWalk"'],
  ]);
  expect(inhibitRules([])).toEqual([]);
});

test("amtool takes them", () => {
  const { status, stdout } = spawnSync(requireTool("amtool"), ["check-config", config], {
    encoding: "utf8",
    timeout: 10_000,
  });
  expect(stdout).toContain("6 inhibit rules");
  expect(status).toBe(0);
});

describe("a real Alertmanager", () => {
  let server: ServerProcess;
  const url = (path: string) => `http://127.0.0.1:${server.port}${path}`;

  beforeAll(async () => {
    server = await ServerProcess.start({
      command: requireTool("prometheus-alertmanager"),
      args: (port) => [
        `--config.file=${config}`,
        `--storage.path=${folder}`,
        `--web.listen-address=127.0.0.1:${port}`,
        "--cluster.listen-address=",
      ],
      isReady: (port) =>
        fetch(`http://127.0.0.1:${port}/-/ready`).then(
          (response) => response.ok,
          () => false,
        ),
      folder,
    });
  });

  afterAll(() => server.stop());

  async function send(alerts: readonly (readonly [AlertName, string])[]): Promise<void> {
    const body = alerts.map(([alertname, instance]) => ({
      labels: { alertname, instance, severity: "critical" },
    }));
    const response = await fetch(url("/api/v2/alerts"), {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    expect(response.status).toBe(200);
  }

  /** Those that nothing inhibits, once Alertmanager has looked at all of them. */
  async function active(instance: string): Promise<readonly string[]> {
    const filter = encodeURIComponent(`instance="${instance}"`);
    for (let i = 0; i < 100; i++) {
      const found: unknown = await (await fetch(url(`/api/v2/alerts?filter=${filter}`))).json();
      const states = (Array.isArray(found) ? found : []).map((one) => [
        String(one.labels.alertname),
        String(one.status.state),
      ]);
      if (states.length > 0 && states.every(([, state]) => state !== "unprocessed")) {
        return states.filter(([, state]) => state === "active").map(([name = ""]) => name);
      }
      await sleep(50);
    }
    throw new Error("Alertmanager did not look at the alerts");
  }

  test.each<[string, readonly AlertName[], readonly AlertName[]]>([
    [
      "a",
      ["RegistryCatalogInaccessible", "RegistryManifestIntegrityFailure", "RegistryDeployedImageBroken"],
      ["RegistryCatalogInaccessible"],
    ],
    ["b", ["RegistryDown", "RegistryManifestIntegrityFailure"], ["RegistryDown"]],
    ["c", ["RegistryProbeAuthFailure", "RegistryCatalogInaccessible"], ["RegistryProbeAuthFailure"]],
    ["d", ["RegistryIntegrityProbeAbsent", "RegistryIntegrityProbeStale"], ["RegistryIntegrityProbeAbsent"]],
    [
      "f",
      ["RegistryProbeAuthFailure", "RegistryIntegrityDegraded", "RegistryIntegrityProbeNoCompleteWalk"],
      ["RegistryProbeAuthFailure"],
    ],
    [
      "g",
      ["RegistryIntegrityProbeStale", "RegistryIntegrityProbeNoCompleteWalk"],
      ["RegistryIntegrityProbeStale"],
    ],
    ["e", ["RegistryMaintenance", "RegistryDown"], ["RegistryMaintenance"]],
    [INSTANCE, ["RegistryManifestIntegrityFailure"], ["RegistryManifestIntegrityFailure"]],
  ])("of %s only what says why is told", async (instance, sent, told) => {
    // The one that inhibits first, as it fires first.
    for (const name of sent) await send([[name, instance]]);
    expect(await active(instance)).toEqual(told);
  });
});
