import { PROBE_COMMAND } from "../../lib/cli/option-table";
import { Duration } from "../../lib/core/duration";
import { Credentials } from "../../lib/monitoring/credentials";
import { worstCaseTimeToPage } from "../../lib/monitoring/detection-time";
import { type CronJobRunOptions, ProbeRun, runTimes } from "../../lib/monitoring/probe-run";
import { type ProbeOptions, resolveProbe } from "../../lib/monitoring/probe-spec";
import { Registry, type RegistryOptions } from "../../lib/monitoring/registry";
import { probeArguments } from "../../lib/monitoring/render-container";
import { renderCronJob } from "../../lib/monitoring/render-cron-job";
import { egressRules, renderNetworkPolicy } from "../../lib/monitoring/render-network-policy";

const PUSHGATEWAY = "http://pushgateway.monitoring:9091";

function specOf(
  registries: readonly Registry[],
  run: Partial<CronJobRunOptions> = {},
  more: Partial<ProbeOptions> = {},
) {
  return resolveProbe({
    namespace: "monitoring",
    registries,
    run: ProbeRun.cronJob({ pushgateway: PUSHGATEWAY, ...run }),
    ...more,
  });
}

function specAt(host: string, options: RegistryOptions = {}, run: Partial<CronJobRunOptions> = {}) {
  return specOf([Registry.at(host, options)], run);
}

describe("times derive from the schedule", () => {
  test.each([
    ["*/15 * * * *", "15m", "1m", "5m", 810, 450],
    ["* * * * *", "1m", "4s", "20s", 54, 30],
    ["0 * * * *", "1h", "1m", "20m", 1_860, 1_800],
    ["0 3 * * 0", "7d", "1m", "1h", 4_260, 3_600],
  ])("%s", (schedule, interval, jitter, deadline, activeSeconds, startingSeconds) => {
    const times = runTimes(ProbeRun.cronJob({ pushgateway: PUSHGATEWAY, schedule }));
    expect([times.interval, times.startJitter, times.deadline].map(String)).toEqual([
      interval,
      jitter,
      deadline,
    ]);
    expect(times.activeDeadlineSeconds).toBe(activeSeconds);
    expect(times.startingDeadlineSeconds).toBe(startingSeconds);
    expect(times.activeDeadlineSeconds).toBeLessThan(times.interval.toSeconds());
    const needed = times.startJitter.plus(times.deadline).toSeconds();
    expect(times.activeDeadlineSeconds).toBeGreaterThan(needed);
  });
});

describe("the program's arguments", () => {
  test("all that a run needs, by default", () => {
    const spec = specAt("registry.example.com:5050");
    const [registry] = spec.registries;
    if (registry === undefined) throw new Error("no registry");
    expect(probeArguments(spec, registry).join(" ")).toBe(
      "probe registry.example.com:5050 --exit-zero --format table --start-jitter 60s --deadline 5m --interval 15m" +
        " --instance registry.example.com:5050 --push http://pushgateway.monitoring:9091",
    );
  });

  test("everything that can be given", () => {
    const options: RegistryOptions = {
      address: "192.0.2.10:5050",
      ca: "pem",
      private: true,
      instance: "main",
      repositories: ["a", "b/c"],
      tokenHosts: ["auth.example.com"],
    };
    const spec = specAt("http://registry.example.com:5050", options, {
      schedule: "0 * * * *",
      deadline: Duration.minutes(30),
      startJitter: Duration.seconds(90),
      timeout: Duration.seconds(5),
      concurrency: 8,
      rate: 0,
      verifyBytes: "auto/7",
      replaceGroup: "job=old",
    });
    const [registry] = spec.registries;
    if (registry === undefined) throw new Error("no registry");
    expect(probeArguments(spec, registry).join(" ")).toBe(
      "probe http://registry.example.com:5050 --exit-zero --format table --start-jitter 90s --deadline 30m --interval 1h" +
        " --instance main --push http://pushgateway.monitoring:9091 --address 192.0.2.10:5050" +
        " --ca /etc/tallyman/ca/main.pem --private --repository a --repository b/c --token-host auth.example.com" +
        " --timeout 5s --concurrency 8 --rate 0 --verify-bytes auto/7 --replace-group job=old",
    );
    const known = PROBE_COMMAND.options.map((option) => `--${option.name}`);
    const used = probeArguments(spec, registry).filter((one) => one.startsWith("--"));
    expect(used.filter((one) => !known.includes(one))).toEqual([]);
  });
});

function podOf(registries: readonly Registry[]) {
  return renderCronJob(specOf(registries), "hash").spec.jobTemplate.spec.template.spec;
}

describe("the pod", () => {
  test("each registry has a container of its own, named by the registry, whatever its position", () => {
    const a = Registry.at("a.example:5050");
    const b = Registry.at("b.example");
    const forward = podOf([a, b]).container;
    const backward = podOf([b, a]).container;
    expect(forward.map((container) => container.name)).toEqual(["a-example-5050", "b-example"]);
    expect([...backward].reverse()).toEqual(forward);
  });

  test("a container sees the credentials of its own registry alone, as files", () => {
    const pod = podOf([
      Registry.at("a.example", { credentials: Credentials.secret("reader", { usernameKey: "user" }) }),
      Registry.at("b.example", { credentials: Credentials.dockerConfig("pull") }),
      Registry.at("c.example", { credentials: Credentials.variable() }),
      Registry.at("d.example"),
    ]);
    const mounts = pod.container.map((one) => [
      one.env.map(({ name, value }) => `${name}=${value}`),
      one.volumeMount.map((mount) => `${mount.name}:${mount.mountPath}`).slice(1),
    ]);
    expect(mounts).toEqual([
      [
        ["TALLYMAN_CREDENTIALS_DIR=/etc/tallyman/credentials"],
        ["credentials-a-example:/etc/tallyman/credentials"],
      ],
      [["DOCKER_CONFIG=/etc/tallyman/docker"], ["credentials-b-example:/etc/tallyman/docker"]],
      [
        ["TALLYMAN_CREDENTIALS_DIR=/etc/tallyman/credentials"],
        ["credentials-c-example:/etc/tallyman/credentials"],
      ],
      [[], []],
    ]);
    const files = pod.volume.flatMap((volume) => ("secret" in volume ? [volume.secret] : []));
    expect(
      files.map((file) => [file.secretName, ...file.items.map(({ key, path }) => `${key}>${path}`)]),
    ).toEqual([
      ["reader", "user>username", "password>password"],
      ["pull", ".dockerconfigjson>config.json"],
      ["registry-integrity-probe-credentials-c-example", "username>username", "password>password"],
    ]);
    expect(files.map((file) => file.defaultMode)).toEqual(["0440", "0440", "0440"]);
  });

  test("a CA is mounted where it is used", () => {
    const pod = podOf([Registry.at("a.example", { ca: "pem" }), Registry.at("b.example")]);
    expect(pod.container.map((one) => one.volumeMount.some((mount) => mount.name === "ca"))).toEqual([
      true,
      false,
    ]);
    expect(pod.volume.filter((volume) => volume.name === "ca")).toHaveLength(1);
    expect(podOf([Registry.at("b.example")]).volume.map((volume) => volume.name)).toEqual(["program"]);
  });

  test("every boolean of a container's security context is written out", () => {
    for (const { securityContext } of podOf([Registry.at("a.example"), Registry.at("b.example")]).container) {
      expect(securityContext).toMatchObject({
        allowPrivilegeEscalation: false,
        privileged: false,
        readOnlyRootFilesystem: true,
        runAsNonRoot: true,
        capabilities: { drop: ["ALL"] },
      });
    }
  });

  test("Terraform's and the user's characters are kept apart", () => {
    const spec = specOf(
      [Registry.at("a.example")],
      {},
      { annotations: { note: "%{a} $" + "{b}" }, labels: { team: "x" } },
    );
    const { metadata, spec: cronJob } = renderCronJob(spec, "hash", { nodeSelector: { zone: "a" } });
    expect(metadata).toMatchObject({ annotations: { note: "%%{a} $${b}" }, labels: { team: "x" } });
    expect(cronJob.jobTemplate.spec.template.metadata).toMatchObject({
      annotations: { note: "%%{a} $${b}", "checksum/program": "hash" },
      labels: { team: "x", "app.kubernetes.io/instance": "registry-integrity-probe" },
    });
    expect(cronJob.jobTemplate.spec.template.spec).toMatchObject({ nodeSelector: { zone: "a" } });
  });
});

describe("egress", () => {
  const dns = ["anywhere:53/UDP", "anywhere:53/TCP"];
  const rules = (spec: ReturnType<typeof specOf>) =>
    egressRules(spec).map((rule) => `${rule.cidr ?? "anywhere"}:${rule.port}/${rule.protocol ?? "TCP"}`);

  test.each<[string, RegistryOptions, string]>([
    ["registry.example.com:5050", {}, "anywhere:5050/TCP"],
    ["registry.example.com", {}, "anywhere:443/TCP"],
    ["http://registry.example.com", {}, "anywhere:80/TCP"],
    ["registry.example.com:5050", { address: "192.0.2.10:6060" }, "192.0.2.10/32:6060/TCP"],
    ["registry.example.com:5050", { address: "[2001:db8::1]:6060" }, "2001:db8::1/128:6060/TCP"],
    ["registry.example.com:5050", { address: "vm.example.com:6060" }, "anywhere:6060/TCP"],
    ["192.0.2.10:5000", {}, "192.0.2.10/32:5000/TCP"],
  ])("%s %j", (host, options, expected) => {
    expect(rules(specAt(host, options))).toEqual([...dns, expected, "anywhere:9091/TCP"]);
  });

  test.each([
    ["http://gateway", undefined, "anywhere:80/TCP"],
    ["https://gateway/path", undefined, "anywhere:443/TCP"],
    ["http://{TfToken[TOKEN.1]}", undefined, "anywhere:9091/TCP"],
    ["http://gateway", 9092, "anywhere:9092/TCP"],
  ])("the Pushgateway %s with port %s", (pushgateway, port, expected) => {
    const run = port === undefined ? { pushgateway } : { pushgateway, pushgatewayPort: port };
    expect(rules(specAt("192.0.2.1:5000", {}, run)).slice(3)).toEqual([expected]);
  });

  test("each rule stands once, and what the user adds comes last", () => {
    const spec = specOf(
      [Registry.at("a.example"), Registry.at("b.example")],
      {},
      { egress: [{ port: 443 }, { port: 443, cidr: "192.0.2.0/24" }] },
    );
    expect(rules(spec)).toEqual([...dns, "anywhere:443/TCP", "anywhere:9091/TCP", "192.0.2.0/24:443/TCP"]);
  });

  test("nothing comes in, and the policy holds the probe's pods alone", () => {
    const { spec } = renderNetworkPolicy(specAt("a.example"));
    expect(spec.policyTypes).toEqual(["Ingress", "Egress"]);
    expect(spec).not.toHaveProperty("ingress");
    expect(spec.podSelector.matchLabels).toEqual({
      "app.kubernetes.io/name": "registry-integrity-probe",
      "app.kubernetes.io/instance": "registry-integrity-probe",
    });
  });
});

describe("the worst case from a loss to its page", () => {
  const minutes = Duration.minutes;

  test("each part is named, and their sum is the total", () => {
    const input = { interval: minutes(15), startJitter: minutes(1), deadline: minutes(5), for: minutes(16) };
    const time = worstCaseTimeToPage(input);
    expect(time.parts.map((part) => `${part.name} ${part.seconds}`)).toEqual([
      "interval 900",
      "startJitter 60",
      "deadline 300",
      "push 10",
      "scrape 60",
      "evaluation 60",
      "for 960",
    ]);
    expect(time.total.toSeconds()).toBe(2_350);
  });

  test("a rule fires at an evaluation, not between two", () => {
    const input = {
      interval: minutes(1),
      startJitter: minutes(0),
      deadline: minutes(0),
      for: Duration.seconds(61),
    };
    const forPart = (evaluation: Duration) =>
      worstCaseTimeToPage({ ...input, evaluation }).parts.at(-1)?.seconds;
    expect(forPart(Duration.seconds(60))).toBe(120);
    expect(forPart(Duration.seconds(1))).toBe(61);
  });
});
