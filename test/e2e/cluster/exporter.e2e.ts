/** The probe as a Deployment: its probes of health, the target that its ServiceMonitor describes, and what it finds. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  AlertSink,
  Credentials,
  Duration,
  ProbeRun,
  Registry,
  RegistryAlerts,
  RegistryIntegrityProbe,
} from "../../../lib/index";
import { isObject } from "../../../lib/oci/descriptor";
import { rawHttp } from "../../support/raw-http";
import { freePort } from "../../support/server-process";
import { Alerting } from "./chain/alerting";
import { ruleFileOf, scrapeConfigsOf } from "./chain/operator";
import { PrivateRegistry } from "./chain/private-registry";
import { NAMESPACE, PROGRAM, ProbeCluster } from "./chain/probe-cluster";
import { randomPassword } from "./chain/random-password";
import { runbookCommand } from "./chain/runbook-commands";
import { listAt, requireText } from "./json";
import { describeWith } from "./needs";

const ALERT = "RegistryManifestIntegrityFailure";
const NAME = "registry-integrity-probe";
const INSTANCE = "registry.example.com:5050";
const SECRET = "registry-pull";
/** Two minutes of `for` in ten seconds. */
const DIVISOR = 12;
const PULLER = { username: "puller", password: randomPassword() };
const FAILURES = `registry_manifest_integrity_failures{instance="${INSTANCE}"}`;

describeWith(
  ["api", "controllers", "kubectl", "terraform", "crds", "providers"],
  "the probe as a Deployment",
  () => {
    let cluster: ProbeCluster;
    let registry: PrivateRegistry;
    let alerting: Alerting;
    let port: number;

    beforeAll(async () => {
      port = await freePort();
      registry = await PrivateRegistry.start([PULLER]);
      cluster = await ProbeCluster.start();
      const auth = Buffer.from(`${PULLER.username}:${PULLER.password}`).toString("base64");
      const config = JSON.stringify({ auths: { [INSTANCE]: { auth } } });
      await cluster.putSecret(SECRET, { ".dockerconfigjson": config }, "kubernetes.io/dockerconfigjson");
      await cluster.applyStack((stack) => {
        const probe = new RegistryIntegrityProbe(stack, "probe", {
          namespace: NAMESPACE,
          registries: [
            Registry.at(`http://${INSTANCE}`, {
              address: registry.address,
              private: true,
              credentials: Credentials.dockerConfig(SECRET),
            }),
          ],
          run: ProbeRun.exporter({ interval: Duration.minutes(1), port }),
          programFile: PROGRAM,
        });
        new RegistryAlerts(stack, "alerts", {
          probe,
          runbookBaseUrl: "https://git.example.com/estate/infra/-/blob/main",
          sink: AlertSink.prometheusRule(),
        });
      });
    });

    afterAll(async () => {
      const stopped = await Promise.allSettled([alerting?.stop(), cluster?.stop(), registry?.stop()]);
      expect(stopped.filter(({ status }) => status === "rejected")).toEqual([]);
    });

    test("it becomes available by its own probes", async () => {
      await cluster.kubectl.must([
        "-n",
        NAMESPACE,
        "rollout",
        "status",
        `deployment/${NAME}`,
        "--timeout=60s",
      ]);
      const [pod] = await cluster.kubectl.list(["pods", "-n", NAMESPACE]);
      const container = listAt(pod, "spec", "containers")[0];
      expect(container).toMatchObject({
        livenessProbe: { httpGet: { path: "/healthz", port } },
        readinessProbe: { httpGet: { path: "/readyz", port } },
      });
      expect(listAt(pod, "status", "containerStatuses")).toMatchObject([{ ready: true, restartCount: 0 }]);
    });

    test("Prometheus scrapes what the ServiceMonitor and the Service describe", async () => {
      const rule = await cluster.kubectl.json(["-n", NAMESPACE, "get", "prometheusrule", NAME]);
      const monitor = await cluster.kubectl.json(["-n", NAMESPACE, "get", "servicemonitor", NAME]);
      if (!isObject(monitor)) throw new Error("no ServiceMonitor");
      const [services, pods] = await Promise.all([
        cluster.api.list("/api/v1/services"),
        cluster.api.list("/api/v1/pods"),
      ]);
      alerting = await Alerting.start({
        ruleFile: ruleFileOf(rule),
        inhibitRules: readFileSync(join(cluster.artifacts, "monitoring/inhibit-rules.yml"), "utf8"),
        divisor: DIVISOR,
        scrapeConfigs: scrapeConfigsOf(monitor, services, pods),
      });
      const [up] = await alerting.prometheus.queryUntilThere(`up{job="${NAME}"} == 1`);
      expect(up?.labels).toMatchObject({
        namespace: NAMESPACE,
        service: NAME,
        endpoint: "registry-example-com-5050",
      });
      // The instance is the registry, not the pod.
      expect(await alerting.prometheus.queryUntilThere(`${FAILURES} == 0`)).toHaveLength(1);
    });

    test("what `garbage-collect -m` takes is found by the next walk, and the alert fires", async () => {
      await registry.collectGarbage();
      await alerting.prometheus.queryUntilThere(`${FAILURES} == 2`, 75_000);
      const page = await alerting.waitFor(ALERT, "firing", 45_000);
      expect(page.annotations.description).toContain(`${INSTANCE}/app:latest (index_child_missing)`);
      const command = runbookCommand(
        "registry-manifest-integrity-failure",
        "Diagnosis",
        "kubectl -n monitoring logs",
      );
      expect((await cluster.paste(command)).output).toContain("index_child_missing");
    });

    test("after the repair a pod made anew walks at once, is ready, and the alert ends", async () => {
      const repaired = await registry.repair(INSTANCE, PULLER);
      cluster.keep("tallyman repair", repaired.output);
      expect(repaired).toMatchObject({ code: 0 });
      const [pod] = await cluster.kubectl.list(["pods", "-n", NAMESPACE]);
      const name = requireText(pod, "metadata", "name");
      await cluster.kubectl.must(["-n", NAMESPACE, "delete", "pod", name, "--timeout=60s"]);
      await cluster.kubectl.must([
        "-n",
        NAMESPACE,
        "rollout",
        "status",
        `deployment/${NAME}`,
        "--timeout=60s",
      ]);
      expect((await rawHttp(`http://127.0.0.1:${port}/readyz`)).status).toBe(200);
      await alerting.prometheus.queryUntilThere(`${FAILURES} == 0`);
      await alerting.waitFor(ALERT, "resolved", 45_000);
    });

    test("no secret stands anywhere but in its Secret", async () => {
      const { body } = await rawHttp(`http://127.0.0.1:${port}/metrics`);
      cluster.keep("the exporter's metrics", body.toString("utf8"));
      cluster.keep("the exporter's page", (await rawHttp(`http://127.0.0.1:${port}/`)).body.toString("utf8"));
      cluster.keep("messages to whoever is paged", JSON.stringify(alerting.webhook.told));
      cluster.keep("the registry's log", registry.registry.log());
      expect(await cluster.leaks({ password: PULLER.password })).toEqual([]);
    });
  },
);
