/** A walk that several pods share: an Indexed Job on a real API, one pod killed in its midst, the number changed. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { shardOf } from "../../../lib/integrity/shard";
import { ruleSet } from "../../../lib/monitoring/alerts/rule-set";
import { renderRuleFile } from "../../../lib/monitoring/render-rules";
import type { JsonObject } from "../../../lib/oci/descriptor";
import { buildImage, EmbeddedRegistry } from "../../../lib/testing";
import { renderYaml } from "../../../lib/text/yaml";
import { PrometheusServer } from "../../support/prometheus-server";
import { Pushgateway } from "../../support/pushgateway";
import { scaleRuleFile } from "../../support/scaled-rules";
import { NAMESPACE, ProbeCluster } from "./chain/probe-cluster";
import { listAt, textAt, valueAt } from "./json";
import { processesWith } from "./kubelet/kubelet-world";
import { describeWith, lacks } from "./needs";
import { NAME, ShardedProbe } from "./shards/sharded-probe";

const REPOSITORIES = Array.from({ length: 24 }, (_, at) => `team/app-${at}`);
/** Three intervals of a quarter of an hour in six seconds. */
const DIVISOR = 450;
const OVERDUE_MS = 6_000;
const FIRES = 'ALERTS{alertname="RegistryIntegrityShardMissing",reason="shard_overdue",alertstate="firing"}';

describeWith(["api", "controllers", "kubectl", "crds"], "a walk that several pods share", () => {
  const hasTerraform = !lacks("terraform", "providers");
  let folder: string;
  let cluster: ProbeCluster;
  let registry: EmbeddedRegistry;
  let gateway: Pushgateway;
  let prometheus: PrometheusServer;
  let probe: ShardedProbe;
  let runs = 0;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "tallyman-shards-e2e-"));
    registry = await EmbeddedRegistry.start();
    for (const name of REPOSITORIES) registry.put(name, "1", buildImage({ seed: `e2e/${name}`, layers: 1 }));
    gateway = await Pushgateway.start();
    cluster = await ProbeCluster.start();
    probe = new ShardedProbe(cluster, hasTerraform);
    prometheus = await PrometheusServer.start(prometheusConfig());
  });

  afterAll(async () => {
    const stopped = await Promise.allSettled([
      prometheus?.stop(),
      cluster?.stop(),
      gateway?.stop(),
      registry?.close(),
    ]);
    rmSync(folder, { recursive: true, force: true });
    expect(stopped.filter(({ status }) => status === "rejected")).toEqual([]);
  });

  const apply = (shards: number) => probe.apply({ registry: registry.url, pushgateway: gateway.url, shards });

  /** The rule alone, at its own speed divided. */
  function prometheusConfig(): string {
    const spec = probe.spec({ registry: registry.url, pushgateway: gateway.url, shards: 3 });
    const groups = ruleSet(spec, { runbookBaseUrl: "https://git.example.com" }).groups.map((group) => ({
      ...group,
      rules: group.rules.filter(({ labels }) => labels.reason === "shard_overdue"),
    }));
    const rules = join(folder, "rules.yml");
    writeFileSync(
      rules,
      scaleRuleFile(renderRuleFile(groups.filter(({ rules }) => rules.length > 0)), DIVISOR),
    );
    return renderYaml({
      global: { scrape_interval: "1s", scrape_timeout: "1s", evaluation_interval: "1s" },
      rule_files: [rules],
      scrape_configs: [
        { job_name: "pushgateway", honor_labels: true, static_configs: [{ targets: [gateway.host] }] },
      ],
    });
  }

  /** Starts the CronJob's Job at once. */
  async function begin(): Promise<string> {
    const job = `${NAME}-by-hand-${++runs}`;
    registry.forgetRequests();
    await cluster.kubectl.must(["-n", NAMESPACE, "create", "job", `--from=cronjob/${NAME}`, job]);
    return job;
  }

  /** Each repository as often as its tags were listed. */
  const walked = (): string[] =>
    registry.requests.flatMap(({ url }) => /^\/v2\/(.+)\/tags\/list/.exec(url)?.[1] ?? []).sort();

  /** The labels `shard` of this registry's runs, each with what it walked. */
  async function reported(): Promise<Readonly<Record<string, number>>> {
    const lines = await gateway.samples("registry_manifest_integrity_repos_checked{");
    return Object.fromEntries(
      lines.map((line) => [/shard="([^"]*)"/.exec(line)?.[1] ?? "", Number(line.split(" ").at(-1))]),
    );
  }

  const sizes = (n: number): Readonly<Record<string, number>> =>
    Object.fromEntries(
      Array.from({ length: n }, (_, at) => [
        `${at + 1}/${n}`,
        REPOSITORIES.filter((name) => shardOf(name, n) === at + 1).length,
      ]),
    );

  async function groups(): Promise<readonly string[]> {
    const lines = await gateway.samples("push_time_seconds{");
    return [...new Set(lines.map((line) => /shard="([^"]*)"/.exec(line)?.[1] ?? ""))].sort();
  }

  const failedJob = (name: string): Promise<JsonObject> =>
    cluster.until(
      `the failure of ${name}`,
      async () => {
        const job = await cluster.api.get(`/apis/batch/v1/namespaces/${NAMESPACE}/jobs/${name}`);
        return listAt(job, "status", "conditions").some((one) => textAt(one, "type") === "Failed")
          ? job
          : null;
      },
      60_000,
    );

  test("three pods cover every repository exactly once, each with a group of its own", async () => {
    const planned = await apply(3);
    if (planned !== null) expect(planned.create).toHaveLength(4);
    const name = await begin();
    const job = await cluster.finishedJob(name);
    expect(job).toMatchObject({
      spec: { completionMode: "Indexed", completions: 3, parallelism: 3, backoffLimitPerIndex: 0 },
      status: { completedIndexes: "0-2", succeeded: 3 },
    });
    expect(walked()).toEqual([...REPOSITORIES].sort());
    expect(await reported()).toEqual(sizes(3));
    const log = await cluster.kubectl.must([
      ...["-n", NAMESPACE, "logs", "-l", `job-name=${name}`, "--all-containers", "--tail=-1"],
    ]);
    expect(log.match(/shard \d of 3/g)?.sort()).toEqual(["shard 1 of 3", "shard 2 of 3", "shard 3 of 3"]);
  });

  test("one killed in mid-walk takes no other with it, the Job says which, and the alert fires", async () => {
    const own = REPOSITORIES.filter((name) => shardOf(name, 3) === 2);
    const isOwn = (url: string): boolean =>
      own.some((name) => url === `/v2/${name}/tags/list` || url.startsWith(`/v2/${name}/tags/list?`));
    // Of its own repositories the registry answers one and then no more; of the others' it is slow.
    const hang = registry.script({ fault: { kind: "hang" }, where: ({ url }) => isOwn(url), after: 1 });
    const slow = registry.script({ fault: { kind: "slow-headers", delayMs: 3_000 }, path: "/tags/list" });
    const before = await pushTimes();
    await sleep(OVERDUE_MS);
    const name = await begin();
    await cluster.until("midst of all three walks", async () =>
      hang.hits > 3 && slow.hits > 7 ? true : null,
    );
    kill(2);
    const job = await failedJob(name);
    for (const fault of [hang, slow]) fault.remove();
    expect(valueAt(job, "status")).toMatchObject({ completedIndexes: "0,2", failedIndexes: "1", failed: 1 });
    const after = await pushTimes();
    expect(["1/3", "2/3", "3/3"].filter((shard) => after[shard] === before[shard])).toEqual(["2/3"]);
    const [alert] = await prometheus.queryUntilThere(`max_over_time(${FIRES}[1m])`, 30_000);
    expect(alert?.labels).toMatchObject({ instance: registry.host, severity: "warning" });
  });

  test("the next run needs nobody's hand", async () => {
    await cluster.finishedJob(await begin());
    expect(walked()).toEqual([...REPOSITORIES].sort());
  });

  test("five pods after three, and one after five: every repository once, and no group of before is left", async () => {
    const planned = await apply(5);
    // What an Indexed Job's size is cannot be changed in place.
    if (planned !== null)
      expect(planned.replace).toEqual([expect.stringMatching(/^kubernetes_cron_job_v1\./)]);
    await cluster.finishedJob(await begin());
    expect(walked()).toEqual([...REPOSITORIES].sort());
    expect(await reported()).toEqual(sizes(5));
    expect(await groups()).toEqual(Object.keys(sizes(5)));
    await apply(1);
    await cluster.finishedJob(await begin());
    expect(walked()).toEqual([...REPOSITORIES].sort());
    expect(await reported()).toEqual({ "": REPOSITORIES.length });
    expect(await groups()).toEqual([""]);
  });

  /** When each shard's run was last pushed. */
  async function pushTimes(): Promise<Readonly<Record<string, number>>> {
    const lines = (await gateway.samples("push_time_seconds{")).filter((line) => !line.includes("part="));
    return Object.fromEntries(
      lines.map((line) => [/shard="([^"]*)"/.exec(line)?.[1] ?? "", Number(line.split(" ").at(-1))]),
    );
  }

  /** As the kernel does when a node's memory is full. */
  function kill(shard: number): void {
    const pids = processesWith("auto/3").filter((pid) =>
      readFileSync(`/proc/${pid}/environ`, "utf8")
        .split("\0")
        .includes(`JOB_COMPLETION_INDEX=${shard - 1}`),
    );
    expect(pids.length).toBeGreaterThan(0);
    for (const pid of pids) process.kill(Number(pid), "SIGKILL");
  }
});
