/**
 * The whole chain in a cluster: CronJob, Job, pod, program, Pushgateway, Prometheus, alert, runbook, repair. Nothing
 * is called by the test but what a schedule, a controller or somebody at a terminal would call.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  AlertSink,
  Credentials,
  ProbeRun,
  Registry,
  RegistryAlerts,
  RegistryIntegrityProbe,
} from "../../../lib/index";
import { Pushgateway } from "../../support/pushgateway";
import type { ToldAlert } from "../../support/webhook-receiver";
import { Alerting } from "./chain/alerting";
import { ruleFileOf } from "./chain/operator";
import { PrivateRegistry } from "./chain/private-registry";
import { NAMESPACE, PROGRAM, ProbeCluster } from "./chain/probe-cluster";
import { randomPassword } from "./chain/random-password";
import { runbookCommand } from "./chain/runbook-commands";
import { runCommand } from "./chain/shell";
import { listAt, requireText, textAt, valueAt } from "./json";
import { describeWith } from "./needs";

const RUNBOOKS = "https://git.example.com/estate/infra/-/blob/main";
const ALERT = "RegistryManifestIntegrityFailure";
const RUNBOOK = "registry-manifest-integrity-failure";
const NAME = "registry-integrity-probe";
const INSTANCE = "registry.example.com:5050";
const SECRET = "registry-reader";
/** Two minutes of `for` in ten seconds; the alerts on the probe's age then speak between two runs, and are not looked at. */
const DIVISOR = 12;
const PULLER = { username: "reader", password: randomPassword() };
const BROKEN = "registry.example.com:5050/app:latest (index_child_missing)";

describeWith(
  ["api", "controllers", "kubectl", "terraform", "crds", "providers"],
  "the chain from a schedule to a repair",
  () => {
    let cluster: ProbeCluster;
    let registry: PrivateRegistry;
    let gateway: Pushgateway;
    let alerting: Alerting;
    let page: ToldAlert;

    beforeAll(async () => {
      registry = await PrivateRegistry.start([PULLER]);
      gateway = await Pushgateway.start();
      cluster = await ProbeCluster.start();
      await cluster.putSecret(SECRET, PULLER, "kubernetes.io/basic-auth");
    });

    afterAll(async () => {
      const stopped = await Promise.allSettled([
        alerting?.stop(),
        cluster?.stop(),
        gateway?.stop(),
        registry?.stop(),
      ]);
      expect(stopped.filter(({ status }) => status === "rejected")).toEqual([]);
    });

    test("an image is lost to `garbage-collect -m`, and Terraform applies the probe and its alerts", async () => {
      expect(await registry.isPullable(PULLER)).toBe(true);
      await registry.collectGarbage();
      expect(await registry.isPullable(PULLER)).toBe(false);
      const { create } = await cluster.applyStack((stack) => {
        const probe = new RegistryIntegrityProbe(stack, "probe", {
          namespace: NAMESPACE,
          registries: [
            Registry.at(`http://${INSTANCE}`, {
              address: registry.address,
              private: true,
              credentials: Credentials.secret(SECRET),
            }),
          ],
          run: ProbeRun.cronJob({ pushgateway: gateway.url, schedule: "* * * * *" }),
          programFile: PROGRAM,
        });
        new RegistryAlerts(stack, "alerts", {
          probe,
          runbookBaseUrl: RUNBOOKS,
          sink: AlertSink.prometheusRule(),
        });
      });
      expect(create.map((address) => address.split(".")[0]).sort()).toEqual([
        "kubernetes_config_map_v1",
        "kubernetes_cron_job_v1",
        "kubernetes_manifest",
        "kubernetes_network_policy_v1",
        "kubernetes_service_account_v1",
      ]);
    });

    test("the schedule makes a Job, whose pod the scheduler places and the node runs", async () => {
      const name = await cluster.until("Job of the schedule", scheduledJob, 75_000);
      await cluster.finishedJob(name);
      const [pod] = await cluster.kubectl.list(["pods", "-n", NAMESPACE, "-l", `job-name=${name}`]);
      expect(requireText(pod, "spec", "nodeName")).not.toBe("");
      expect(textAt(pod, "status", "phase")).toBe("Succeeded");
      // Damage is a metric of a run that went well.
      expect(await gateway.samples("registry_manifest_integrity_failures{")).toEqual([
        `registry_manifest_integrity_failures{instance="${INSTANCE}",job="tallyman"} 2`,
      ]);
    });

    test("the alert fires, with its runbook", async () => {
      const rule = await cluster.kubectl.json(["-n", NAMESPACE, "get", "prometheusrule", NAME]);
      alerting = await Alerting.start({
        ruleFile: ruleFileOf(rule),
        inhibitRules: readFileSync(join(cluster.artifacts, "monitoring/inhibit-rules.yml"), "utf8"),
        divisor: DIVISOR,
        scrapeConfigs: [
          { job_name: "pushgateway", honor_labels: true, static_configs: [{ targets: [gateway.host] }] },
        ],
      });
      page = await alerting.waitFor(ALERT, "firing", 45_000);
      expect(page).toMatchObject({
        labels: { instance: INSTANCE, severity: "critical", reason: "damage" },
        annotations: {
          runbook_url: `${RUNBOOKS}/docs/runbooks/${RUNBOOK}.md`,
          description: expect.stringContaining(BROKEN),
        },
      });
    });

    test("the runbook's first command shows the damage, as does the one in the alert itself", async () => {
      const fromRunbook = await cluster.paste(
        runbookCommand(RUNBOOK, "Diagnosis", "kubectl -n monitoring logs"),
      );
      const [, fromAlert = ""] = /First: (kubectl .*)$/.exec(page.annotations.description ?? "") ?? [];
      for (const { code, output } of [fromRunbook, await cluster.paste(fromAlert)]) {
        expect(code).toBe(0);
        expect(output).toMatch(/index_child_missing .*app/);
        expect(output).toContain("latest");
      }
    });

    test("`tallyman repair --apply` mends it from a mirror", async () => {
      const repaired = await registry.repair(INSTANCE, PULLER);
      cluster.keep("tallyman repair", repaired.output);
      expect(repaired).toMatchObject({ code: 0 });
      expect(await registry.isPullable(PULLER)).toBe(true);
    });

    test("the runbook's last command runs the CronJob at once, and the alert ends", async () => {
      const { code, output } = await cluster.paste(runbookCommand(RUNBOOK, "Mitigation", "create job"));
      if (code !== 0) throw new Error(`the runbook's command ended with ${code}: ${output}`);
      const [, job = ""] = /job\.batch\/(\S+) created/.exec(output) ?? [];
      await cluster.finishedJob(job);
      expect(output).not.toContain("index_child_missing");
      expect(await gateway.samples("registry_manifest_integrity_failures{")).toEqual([
        `registry_manifest_integrity_failures{instance="${INSTANCE}",job="tallyman"} 0`,
      ]);
      const over = await alerting.waitFor(ALERT, "resolved", 45_000);
      expect(over.labels).toEqual(page.labels);
    });

    test("no secret stands anywhere but in its Secret", async () => {
      cluster.keep("messages to whoever is paged", JSON.stringify(alerting.webhook.told));
      cluster.keep("the Pushgateway's metrics", (await gateway.samples("")).join("\n"));
      cluster.keep("the registry's log", registry.registry.log());
      cluster.keep("Alertmanager's log", alerting.alertmanager.log());
      expect(await cluster.leaks({ password: PULLER.password })).toEqual([]);
    });

    test("and would be found in an object, an event, an artifact and a command line", async () => {
      const { password } = PULLER;
      const object = { kind: "Pod", name: "careless", namespace: NAMESPACE };
      const metadata = { name: "careless", namespace: NAMESPACE };
      await cluster.kubectl.apply(
        { apiVersion: "v1", kind: "ConfigMap", metadata, data: { "config.ini": `password = ${password}` } },
        { apiVersion: "v1", kind: "Event", metadata, involvedObject: object, message: `denied: ${password}` },
      );
      writeFileSync(join(cluster.artifacts, "careless.ini"), password);
      await runCommand("sh", ["-c", "sleep 0.2; exit", "sh", password], {});
      expect(await cluster.leaks({ password })).toEqual([
        "objects of the cluster: password, in JSON",
        "events: password, as it is",
        "out/artifacts/careless.ini: password, as it is",
        "command lines of processes: password, as it is",
      ]);
    });

    /** One that a controller made of the CronJob, not somebody by hand. */
    async function scheduledJob(): Promise<string | null> {
      const jobs = await cluster.api.list(`/apis/batch/v1/namespaces/${NAMESPACE}/jobs`);
      const job = jobs.find((one) => {
        const annotations = valueAt(one, "metadata", "annotations");
        const isScheduled = textAt(annotations, "batch.kubernetes.io/cronjob-scheduled-timestamp") !== null;
        return (
          isScheduled &&
          listAt(one, "metadata", "ownerReferences").some((owner) => textAt(owner, "name") === NAME)
        );
      });
      return textAt(job, "metadata", "name");
    }
  },
);
