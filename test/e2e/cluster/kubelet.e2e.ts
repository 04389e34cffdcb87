import { listAt, numberAt, objectAt, textAt } from "./json";
import { detectIsolation } from "./kubelet/container-process";
import { KubeletStandIn } from "./kubelet/kubelet-stand-in";
import {
  jobOf,
  KubeletWorld,
  NAMESPACE,
  objectOf,
  processesWith,
  script,
  terminated,
  until,
} from "./kubelet/kubelet-world";
import { describeWith } from "./needs";

const isNamespaced = detectIsolation() === "namespaces";

describeWith(["api", "controllers", "kubectl"], "the kubelet stand-in: Jobs", () => {
  let world: KubeletWorld;

  beforeAll(async () => {
    world = await KubeletWorld.start({ hosts: ["pushgateway.monitoring"] });
  });

  afterAll(() => world?.stop());

  test("the node is ready, and its heartbeat goes on", async () => {
    await world.kubectl.must([
      "wait",
      "--for=condition=Ready",
      `node/${world.kubelet.nodeName}`,
      "--timeout=20s",
    ]);
  });

  test("a Job's pod has its variables, its files with their modes, its user, and its own exit code", async () => {
    await world.kubectl.apply(
      objectOf("ConfigMap", "files", { "a.txt": "alpha", b: "beta" }),
      objectOf("Secret", "login", { user: "reader", password: "one" }),
      jobOf(
        "look",
        {
          command: script(`
            const fs = require("node:fs");
            const look = (path) => { const s = fs.statSync(path); return [fs.readFileSync(path, "utf8"), (s.mode & 0o7777).toString(8), s.gid]; };
            const denied = (act) => { try { act(); return "allowed"; } catch (error) { return error.code; } };
            console.log(JSON.stringify({
              config: look("/opt/files/a.txt"), names: fs.readdirSync("/opt/files").filter((n) => !n.startsWith("..")),
              secret: look("/etc/login/password"), ids: [process.getuid(), process.getgid(), process.getgroups()],
              env: { A: process.env.A, B: process.env.B, C: process.env.C, NAME: process.env.NAME, P_user: process.env.P_user },
              all: Object.keys(process.env).sort(), args: process.argv.slice(1), cwd: process.cwd(),
              root: denied(() => fs.writeFileSync("/opt/x", "")), volume: denied(() => fs.writeFileSync("/opt/files/x", "")),
              home: fs.existsSync("/work") || fs.existsSync("/root/.cache"), hosts: fs.readFileSync("/etc/hosts", "utf8"),
              scratch: denied(() => fs.writeFileSync("/scratch/x", "")), pid: process.pid, host: require("node:os").hostname(),
            }));
            console.error("the end");
            process.exitCode = 3;`),
          args: ["$(A)-x", "$$(A)"],
          workingDir: "/opt",
          env: [
            { name: "A", value: "1" },
            { name: "B", value: "b$(A)" },
            { name: "C", valueFrom: { secretKeyRef: { name: "login", key: "user" } } },
            { name: "NAME", valueFrom: { fieldRef: { fieldPath: "metadata.namespace" } } },
          ],
          envFrom: [{ prefix: "P_", secretRef: { name: "login" } }],
          terminationMessagePolicy: "FallbackToLogsOnError",
          volumeMounts: [
            { name: "files", mountPath: "/opt/files" },
            { name: "login", mountPath: "/etc/login", readOnly: true },
            { name: "scratch", mountPath: "/scratch" },
          ],
        },
        {},
        {
          volumes: [
            {
              name: "files",
              configMap: { name: "files", defaultMode: 0o444, items: [{ key: "a.txt", path: "a.txt" }] },
            },
            { name: "login", secret: { secretName: "login", defaultMode: 0o440 } },
            { name: "scratch", emptyDir: {} },
          ],
        },
      ),
    );
    await until("look has failed", () => world.conditionOf("look", "Failed"));
    const pod = await world.podOf("look");
    expect(textAt(pod, "status", "phase")).toBe("Failed");
    expect(terminated(pod)).toMatchObject({
      exitCode: 3,
      reason: "Error",
      message: expect.stringContaining("the end"),
    });
    const name = textAt(pod, "metadata", "name") ?? "";
    const [line = "", end] = (await world.kubectl.must(["logs", "-n", NAMESPACE, name])).split("\n");
    expect(end).toBe("the end");
    const seen: unknown = JSON.parse(line);
    expect(seen).toMatchObject({
      env: { A: "1", B: "b1", C: "reader", NAME: NAMESPACE, P_user: "reader" },
      args: ["1-x", "$(A)"],
      names: ["a.txt"],
    });
    if (!isNamespaced) return;
    expect(seen).toMatchObject({
      config: ["alpha", "444", 65532],
      secret: ["one", "440", 65532],
      ids: [65532, 65532, [65532]],
      all: [
        ...["A", "B", "C", "HOME", "HOSTNAME", "KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT", "NAME"],
        ...["PATH", "P_password", "P_user"],
      ],
      cwd: "/opt",
      root: "EROFS",
      volume: "EROFS",
      scratch: "allowed",
      home: false,
      hosts: expect.stringContaining("pushgateway.monitoring"),
      pid: 1,
      host: name,
    });
  });

  test("`kubectl logs --tail` and `-f` work while it runs; the Job's deadline ends it", async () => {
    await world.kubectl.apply(
      jobOf(
        "late",
        {
          command: script(`console.log("a"); console.log("b"); setInterval(() => {}, 1000); // marker-late`),
        },
        { activeDeadlineSeconds: 4 },
      ),
    );
    const pod = await until("late runs", async () => {
      const one = await world.podOf("late");
      return textAt(one, "status", "phase") === "Running" ? one : null;
    });
    const name = textAt(pod, "metadata", "name") ?? "";
    const tail = await until("its log", async () => {
      const { stdout } = await world.kubectl.run(["logs", "-n", NAMESPACE, name, "--tail=1"]);
      return stdout === "b\n" ? stdout : null;
    });
    expect(tail).toBe("b\n");
    const follow = world.kubectl.run(["logs", "-n", NAMESPACE, name, "-f"]);
    const condition = await until("late has failed", () => world.conditionOf("late", "Failed"));
    expect(textAt(condition, "reason")).toBe("DeadlineExceeded");
    expect((await follow).stdout).toBe("a\nb\n");
    await until("its processes have gone", () => processesWith("marker-late").length === 0);
  });

  test("a pod's own deadline ends it, and a Job that exits 0 is complete", async () => {
    await world.kubectl.apply(
      jobOf("pod-late", { command: script("setInterval(() => {}, 1000)") }, {}, { activeDeadlineSeconds: 1 }),
      jobOf("well", { args: ["-e", "console.log(process.version)"] }),
    );
    await until("well is complete", () => world.conditionOf("well", "Complete"));
    const pod = await until("pod-late has failed", async () => {
      const one = await world.podOf("pod-late");
      return textAt(one, "status", "phase") === "Failed" ? one : null;
    });
    expect(textAt(pod, "status", "reason")).toBe("DeadlineExceeded");
    expect(numberAt(terminated(pod), "exitCode")).toBe(137);
  });

  test("what is missing is waited for; too much memory and a root that must not be are refused", async () => {
    await world.kubectl.apply(
      jobOf("waits", {
        command: script(""),
        env: [{ name: "A", valueFrom: { configMapKeyRef: { name: "later", key: "a" } } }],
      }),
      jobOf("greedy", {
        command: script("const all = []; setInterval(() => all.push(Buffer.alloc(16e6, 1)), 20)"),
        resources: { limits: { memory: "150Mi" } },
      }),
    );
    await until("waits has said why", async () => {
      const state = objectAt(
        listAt(await world.podOf("waits"), "status", "containerStatuses")[0],
        "state",
        "waiting",
      );
      return textAt(state, "message") === 'configmap "later" not found';
    });
    await world.kubectl.apply(objectOf("ConfigMap", "later", { a: "1" }));
    await until("waits is complete", () => world.conditionOf("waits", "Complete"));
    await world.kubectl.apply(
      jobOf("root", { command: script("") }, {}, { securityContext: { runAsUser: 0, runAsNonRoot: true } }),
    );
    await until("root was refused", async () => {
      const state = objectAt(
        listAt(await world.podOf("root"), "status", "containerStatuses")[0],
        "state",
        "waiting",
      );
      return textAt(state, "message") === "container has runAsNonRoot and image will run as root";
    });
    if (!isNamespaced) return;
    await until("greedy has failed", () => world.conditionOf("greedy", "Failed"));
    expect(terminated(await world.podOf("greedy"))).toMatchObject({ exitCode: 137, reason: "OOMKilled" });
  });

  test("without namespaces paths are mapped, and the user is that of the tests", async () => {
    const nodeName = "without-namespaces";
    const kubelet = await KubeletStandIn.start({ api: world.plane, nodeName, isolation: "host" });
    try {
      await world.kubectl.apply(
        objectOf("ConfigMap", "mapped", { "print.js": `console.log(process.env.FILE, process.getuid())` }),
        jobOf(
          "mapped",
          {
            command: ["node", "/opt/mapped/print.js"],
            env: [{ name: "FILE", value: "/opt/mapped/print.js" }],
            volumeMounts: [{ name: "v", mountPath: "/opt/mapped" }],
          },
          {},
          {
            nodeSelector: { "kubernetes.io/hostname": nodeName },
            volumes: [{ name: "v", configMap: { name: "mapped" } }],
          },
        ),
      );
      await until("mapped is complete", () => world.conditionOf("mapped", "Complete"));
      const printed = await world.kubectl.must(["logs", "-n", NAMESPACE, "job/mapped"]);
      expect(printed).toMatch(new RegExp(`^${kubelet.folder}/.*/print\\.js ${process.getuid?.()}\n$`));
    } finally {
      await kubelet.stop();
    }
  });
});
