import { existsSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../../support/server-process";
import { listAt, numberAt, objectAt, textAt, textsAt } from "./json";
import {
  hostAddress,
  jobOf,
  KubeletWorld,
  NAMESPACE,
  objectOf,
  PODS,
  podSpec,
  processesWith,
  script,
  until,
} from "./kubelet/kubelet-world";
import { describeWith } from "./needs";

const address = hostAddress();

describeWith(["api", "controllers", "kubectl"], "the kubelet stand-in: pods that stay, and its end", () => {
  let world: KubeletWorld;

  beforeAll(async () => {
    world = await KubeletWorld.start({
      maxProbePeriodMs: 300,
      ...(address === null ? {} : { podIp: address }),
    });
  });

  afterAll(() => world?.stop());

  test("a Secret rotated is seen by the next pod, and by one that runs", async () => {
    const secret = (password: string) => objectOf("Secret", "turning", { password });
    const reader = (name: string, text: string) =>
      jobOf(
        name,
        { command: script(text), volumeMounts: [{ name: "s", mountPath: "/etc/s" }] },
        {},
        { volumes: [{ name: "s", secret: { secretName: "turning" } }] },
      );
    const read = `require("node:fs").readFileSync("/etc/s/password", "utf8")`;
    await world.kubectl.apply(
      secret("first"),
      reader(
        "stays",
        `const see = () => { if (${read} === "second") process.exit(0); }; setInterval(see, 50);`,
      ),
      reader("before", `console.log(${read})`),
    );
    await until("before is complete", () => world.conditionOf("before", "Complete"));
    await until(
      "stays runs",
      async () => textAt(await world.podOf("stays"), "status", "phase") === "Running",
    );
    await world.kubectl.apply(secret("second"), reader("after", `console.log(${read})`));
    await until("after is complete", () => world.conditionOf("after", "Complete"));
    await until("stays has seen it", () => world.conditionOf("stays", "Complete"));
    expect(await world.kubectl.must(["logs", "-n", NAMESPACE, "job/before"])).toBe("first\n");
    expect(await world.kubectl.must(["logs", "-n", NAMESPACE, "job/after"])).toBe("second\n");
  });

  test("a Deployment becomes available by its readiness, is restarted when its liveness goes, and ends by SIGTERM", async () => {
    const port = await freePort();
    const serve = `
      let isWell = true;
      const server = require("node:http").createServer((request, response) => {
        if (request.url === "/break") isWell = false;
        response.statusCode = isWell ? 200 : 500; response.end();
      }).listen(${port}); // marker-serve
      process.on("SIGTERM", () => { console.log("bye"); process.exit(0); });`;
    const probe = { httpGet: { path: "/", port: "http" }, periodSeconds: 1, failureThreshold: 2 };
    await world.kubectl.apply({
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "serve", namespace: NAMESPACE },
      spec: {
        replicas: 1,
        strategy: { type: "Recreate" },
        selector: { matchLabels: { app: "serve" } },
        template: {
          metadata: { labels: { app: "serve" } },
          spec: podSpec(
            {
              command: script(serve),
              ports: [{ name: "http", containerPort: port }],
              readinessProbe: probe,
              livenessProbe: probe,
            },
            { terminationGracePeriodSeconds: 5 },
          ),
        },
      },
    });
    await world.kubectl.must(["-n", NAMESPACE, "rollout", "status", "deployment/serve", "--timeout=30s"]);
    await world.kubectl.must(["-n", NAMESPACE, "expose", "deployment", "serve", "--port=80"]);
    if (address !== null) {
      const slices = `/apis/discovery.k8s.io/v1/namespaces/${NAMESPACE}/endpointslices`;
      await until("the Service leads to the pod", async () => {
        const [slice] = await world.api.list(slices, { labelSelector: "kubernetes.io/service-name=serve" });
        return textsAt(listAt(slice, "endpoints")[0], "addresses").includes(address);
      });
    }
    await fetch(`http://127.0.0.1:${port}/break`);
    const restarted = await until("serve was restarted", async () => {
      const [pod] = await world.api.list(PODS, { labelSelector: "app=serve" });
      const status = listAt(pod, "status", "containerStatuses")[0];
      return numberAt(status, "restartCount") === 1 && objectAt(status).ready === true ? pod : null;
    });
    const name = textAt(restarted, "metadata", "name") ?? "";
    expect(await world.kubectl.must(["-n", NAMESPACE, "logs", name, "--previous"])).toBe("bye\n");
    const gone = new AbortController();
    const phases: (string | null)[] = [];
    const watching = (async () => {
      for await (const { type, object } of world.api.watch(PODS, gone.signal, {
        labelSelector: "app=serve",
      })) {
        phases.push(textAt(object, "status", "phase"));
        if (type === "DELETED") break;
      }
    })();
    await world.kubectl.must(["-n", NAMESPACE, "delete", "deployment", "serve"]);
    await watching;
    gone.abort();
    expect(phases.at(-1)).toBe("Succeeded");
    await until("its processes have gone", () => processesWith("marker-serve").length === 0);
  });

  test("what it has not is said, not left out", async () => {
    await world.kubectl.apply(
      jobOf(
        "other",
        { command: script(""), volumeMounts: [{ name: "h", mountPath: "/h" }] },
        {},
        {
          volumes: [{ name: "h", hostPath: { path: "/tmp" } }],
        },
      ),
    );
    await until("other has failed", () => world.conditionOf("other", "Failed"));
    expect(textAt(await world.podOf("other"), "status", "message")).toContain("volume h of another kind");
  });

  test("an API server that was away for a while misses nothing", async () => {
    await world.kubectl.apply(
      jobOf("through", { command: script("setTimeout(() => process.exit(0), 2000)") }),
    );
    await until(
      "through runs",
      async () => textAt(await world.podOf("through"), "status", "phase") === "Running",
    );
    await world.plane.killApiserver();
    await sleep(2_500);
    await world.plane.restartApiserver();
    await until("through is complete", () => world.conditionOf("through", "Complete").catch(() => null));
  });

  test("stop leaves no process, no mount, no folder and no node", async () => {
    await world.kubectl.apply(
      jobOf("left", { command: script("setInterval(() => {}, 1000); // marker-left") }),
    );
    await until("left runs", () => processesWith("marker-left").length > 0);
    await world.kubelet.stop();
    expect(processesWith("marker-left")).toEqual([]);
    expect(existsSync(world.kubelet.folder)).toBe(false);
    expect(readFileSync("/proc/self/mounts", "utf8")).not.toContain(world.kubelet.folder);
    expect(await world.api.find(`/api/v1/nodes/${world.kubelet.nodeName}`)).toBeNull();
  });
});
