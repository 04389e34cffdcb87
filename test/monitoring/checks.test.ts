import { Duration } from "../../lib/core/duration";
import { formatProblem } from "../../lib/core/problem";
import { Schedule } from "../../lib/core/schedule";
import { checkAlerts } from "../../lib/monitoring/check-alerts";
import { checkTwins } from "../../lib/monitoring/check-twins";
import { checkProbe } from "../../lib/monitoring/checks";
import { Credentials } from "../../lib/monitoring/credentials";
import { type CronJobRunOptions, ProbeRun } from "../../lib/monitoring/probe-run";
import { type ProbeOptions, resolveProbe } from "../../lib/monitoring/probe-spec";
import { Registry, type RegistryOptions } from "../../lib/monitoring/registry";

const TOKEN = "a-token-in-brackets: {TfToken[TOKEN.7]}";
const isToken = (text: string) => text.includes("{TfToken[");
const PUSHGATEWAY = "http://pushgateway.monitoring:9091";
/** Parsed once: a schedule looks through the whole calendar. */
const EVERY_QUARTER = Schedule.parse("*/15 * * * *");
const CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";

function probe(overrides: Partial<ProbeOptions> = {}): ProbeOptions {
  return {
    namespace: "monitoring",
    registries: [Registry.at("registry.example.com:5050")],
    run: ProbeRun.cronJob({ pushgateway: PUSHGATEWAY, schedule: EVERY_QUARTER }),
    ...overrides,
  };
}

function withRegistry(host: string, options: RegistryOptions = {}): ProbeOptions {
  return probe({ registries: [Registry.at(host, options)] });
}

function withRun(options: Partial<CronJobRunOptions>): ProbeOptions {
  return probe({ run: ProbeRun.cronJob({ pushgateway: PUSHGATEWAY, schedule: EVERY_QUARTER, ...options }) });
}

function problems(options: ProbeOptions): string[] {
  return checkProbe(options, isToken).map(formatProblem);
}

describe("a sound probe", () => {
  test.each<[string, ProbeOptions]>([
    ["with defaults", probe()],
    ["by address", withRegistry("registry.example.com", { address: "192.0.2.10:5050" })],
    ["by an IPv6 address", withRegistry("registry.example.com", { address: "[2001:db8::1]:5050" })],
    ["over plain HTTP", withRegistry("http://localhost:5000")],
    ["with a CA", withRegistry("registry.example.com", { ca: CERTIFICATE })],
    ["with repositories", withRegistry("ghcr.io", { repositories: ["owner/app"], tokenHosts: ["ghcr.io"] })],
    ["with a Secret", withRegistry("a.example", { credentials: Credentials.secret("reader") })],
    ["with a Docker config", withRegistry("a.example", { credentials: Credentials.dockerConfig("pull") })],
    ["with variables", withRegistry("a.example", { credentials: Credentials.variable() })],
    ["with a token as namespace", probe({ namespace: TOKEN })],
    ["with a token as Pushgateway", withRun({ pushgateway: `http://${TOKEN}:9091` })],
    [
      "with tokens as Secret and CA",
      withRegistry("a.example", { ca: TOKEN, credentials: Credentials.secret(TOKEN) }),
    ],
    ["with a token in labels", probe({ labels: { team: TOKEN }, annotations: { note: TOKEN } })],
    ["every minute", withRun({ schedule: "* * * * *" })],
    ["every Sunday", withRun({ schedule: "0 3 * * 0" })],
    ["three times a month", withRun({ schedule: "0 3 1,9,17 * *" })],
    ["at the longest deadline", withRun({ deadline: Duration.seconds(12 * 60 + 30) })],
    ["by turns", withRun({ blobs: { provenWithin: Duration.hours(1) } })],
    ["by turns of one", withRun({ blobs: { provenWithin: Duration.minutes(15) } })],
    ["with a slice", withRun({ verifyBytes: "auto/7", rate: 0, concurrency: 16 })],
    ["after a predecessor", withRun({ replaceGroup: "job=old,instance=registry.example.com:5050" })],
    [
      "with egress",
      probe({ egress: [{ port: 443 }, { cidr: "2001:db8::/32", port: 8443, protocol: "TCP" }] }),
    ],
  ])("%s", (_name, options) => {
    expect(problems(options)).toEqual([]);
  });
});

describe("each fault is told with its path", () => {
  test.each<[ProbeOptions, string]>([
    [probe({ namespace: "Monitoring" }), "namespace must be an RFC 1123 label"],
    [probe({ name: "a".repeat(53) }), "name must have at most 52 characters"],
    [probe({ name: TOKEN }), "name must be literal"],
    [probe({ image: "node:22" }), "image must be pinned"],
    [probe({ image: "node" }), "image must be pinned"],
    [probe({ registries: [] }), "registries must name at least one registry"],
    [probe({ egress: [{ port: 0 }] }), "egress[0].port must be a port"],
    [probe({ egress: [{ port: 443, cidr: "192.0.2.0/33" }] }), "egress[0].cidr must be a block of addresses"],
    [
      probe({ egress: [{ port: 443, cidr: "example.com/24" }] }),
      "egress[0].cidr must be a block of addresses",
    ],
    [probe({ labels: { "a b": "c" } }), 'labels["a b"] must have a valid key'],
    [probe({ labels: { "app.kubernetes.io/name": "x" } }), 'labels["app.kubernetes.io/name"] must be left'],
    [withRegistry("registry.example.com/app"), "registries[0].host must be host or host:port"],
    [withRegistry(TOKEN), "registries[0].host must be literal"],
    [withRegistry("a.example", { address: "192.0.2.10" }), "registries[0].address must be host:port"],
    [withRegistry("a.example", { address: TOKEN }), "registries[0].address must be literal"],
    [
      withRegistry("a.example", { instance: 'a"} or {' }),
      "registries[0].instance must be a plain label value",
    ],
    [
      withRegistry("a.example", { repositories: ["App"] }),
      "registries[0].repositories[0] must be a repository",
    ],
    [withRegistry("a.example", { tokenHosts: ["https://b"] }), "registries[0].tokenHosts[0] must be host"],
    [withRegistry("a.example", { ca: "/etc/ca.pem" }), "registries[0].ca must hold a PEM certificate"],
    [
      withRegistry("a.example", { credentials: Credentials.secret("Reader") }),
      "registries[0].credentials.secretName must be an RFC 1123 subdomain",
    ],
    [
      withRegistry("a.example", { credentials: Credentials.secret("r", { usernameKey: "a/b" }) }),
      "registries[0].credentials.usernameKey must be a data key",
    ],
    [
      withRegistry("a.example", { credentials: Credentials.secret("r", { usernameKey: "password" }) }),
      "registries[0].credentials.passwordKey must differ from usernameKey",
    ],
    [
      withRegistry("a.example", { credentials: Credentials.variable({ revision: 0 }) }),
      "registries[0].credentials.revision must be a whole number from 1",
    ],
    [withRun({ schedule: "*/90 * * * *x" }), "run.schedule must have a valid"],
    [withRun({ schedule: TOKEN }), "run.schedule must be literal"],
    [withRun({ schedule: "0 3 1 * *" }), "run.schedule must leave at most 24d between two runs"],
    [withRun({ pushgateway: "pushgateway:9091" }), "run.pushgateway must be an http or https URL"],
    [withRun({ pushgateway: "http://gateway?x=1" }), "run.pushgateway must have neither query"],
    [withRun({ pushgatewayPort: 70_000 }), "run.pushgatewayPort must be a port"],
    [withRun({ deadline: Duration.minutes(15) }), "run.deadline must with the start jitter of 1m end within"],
    [
      withRun({ deadline: Duration.seconds(12 * 60 + 31) }),
      "run.deadline must with the start jitter of 1m end",
    ],
    [withRun({ deadline: Duration.seconds(0) }), "run.deadline must be longer than zero"],
    [withRun({ startJitter: Duration.milliseconds(1_500) }), "run.startJitter must be whole seconds"],
    [withRun({ concurrency: 0 }), "run.concurrency must be a whole number from 1 to 256"],
    [withRun({ rate: -1 }), "run.rate must be a number of requests"],
    [
      withRun({ blobs: { provenWithin: Duration.minutes(14) } }),
      "run.blobs.provenWithin must be at least the longest gap between two runs, 15m: every blob is proven once in " +
        "provenWithin / interval = 14m / 15m runs, and less than one is none, got",
    ],
    [
      withRun({ schedule: "0,10 * * * *", blobs: { provenWithin: Duration.minutes(49) } }),
      "run.blobs.provenWithin must be at least the longest gap between two runs, 50m",
    ],
    [
      withRun({ blobs: JSON.parse('{"provenWithin":"1h"}') }),
      'run.blobs.provenWithin must be a Duration, got "1h". Write blobs: { provenWithin: Duration.hours(1) }.',
    ],
    [withRun({ verifyBytes: "0/7" }), "run.verifyBytes must be all, k/n or auto/n"],
    [withRun({ replaceGroup: "instance=a" }), "run.replaceGroup must be a grouping key"],
    [withRun({ replaceGroup: "job=$(HOSTNAME)" }), "run.replaceGroup must be a grouping key"],
  ])("%#: %s", (options, message) => {
    expect(problems(options)).toEqual([expect.stringContaining(message)]);
  });

  test("all of them at once", () => {
    const options = probe({
      namespace: "A",
      image: "node:latest",
      registries: [Registry.at("a/b"), Registry.at("c.example", { address: "x" })],
      run: ProbeRun.cronJob({ pushgateway: "x", schedule: "x" }),
    });
    expect(checkProbe(options, isToken).map((problem) => problem.path)).toEqual([
      "namespace",
      "image",
      "registries[0].host",
      "registries[1].address",
      "run.pushgateway",
      "run.schedule",
    ]);
  });

  test("two registries of one name", () => {
    const registries = [Registry.at("a.example"), Registry.at("b.example"), Registry.at("a.example")];
    expect(problems(probe({ registries }))).toEqual([
      expect.stringContaining("registries[2].instance must differ from that of registries[0]"),
    ]);
    const named = [Registry.at("a.example"), Registry.at("a.example", { instance: "a.example-direct" })];
    expect(problems(probe({ registries: named }))).toEqual([]);
  });

  test.each<[string, ProbeOptions]>([
    ["host", withRegistry("user:hunter2@registry.example.com")],
    ["address", withRegistry("a.example", { address: "user:hunter2@192.0.2.10:5050" })],
    ["Pushgateway", withRun({ pushgateway: "http://user:hunter2@gateway:9091" })],
    ["broken Pushgateway", withRun({ pushgateway: "ftp://user:hunter2@gateway" })],
    [
      "variable",
      withRegistry("a.example", { credentials: Credentials.variable({ passwordVariable: "hunter2!" }) }),
    ],
    ["CA", withRegistry("a.example", { ca: "-----BEGIN PRIVATE KEY-----\nhunter2\n" })],
  ])("a secret given by mistake is not repeated: %s", (_name, options) => {
    const texts = problems(options);
    expect(texts).toHaveLength(1);
    expect(texts.join()).not.toContain("hunter2");
  });
});

describe("two probes of one app", () => {
  const spec = (overrides: Partial<ProbeOptions> = {}) => resolveProbe(probe(overrides));

  test("share neither name nor instance", () => {
    expect(checkTwins(spec(), [spec({ name: "other", registries: [Registry.at("b.example")] })])).toEqual([]);
    expect(checkTwins(spec(), [spec({ registries: [Registry.at("b.example")] })])).toEqual([
      expect.stringContaining("name must be taken once in a namespace"),
    ]);
    expect(checkTwins(spec(), [spec({ name: "other" })])).toEqual([
      expect.stringContaining("registries[0].instance must be pushed by one probe"),
    ]);
  });

  test("may share both in other namespaces and at other Pushgateways", () => {
    const elsewhere = ProbeRun.cronJob({ pushgateway: "http://other:9091" });
    expect(checkTwins(spec(), [spec({ namespace: "other", run: elsewhere })])).toEqual([]);
  });
});

describe("alerts", () => {
  const spec = resolveProbe({
    namespace: "monitoring",
    registries: [Registry.at("a.example")],
    run: ProbeRun.cronJob({ pushgateway: "http://gateway:9091" }),
  });
  const sound = {
    runbookBaseUrl: "https://git.example.com/infra/blob/main",
    sink: { kind: "ruleFile" },
  } as const;
  const check = (more: Partial<Parameters<typeof checkAlerts>[0]>) =>
    checkAlerts({ ...sound, ...more }, spec, isToken).map(formatProblem);

  test("the time that the schedule allows is taken, a second less is refused for each critical alert with its parts", () => {
    expect(check({ maxTimeToPage: Duration.seconds(2_350) })).toEqual([]);
    const problems = check({ maxTimeToPage: Duration.seconds(2_349) });
    const start = "maxTimeToPage must be at least what the probe's schedule allows, 2350s for";
    expect(problems).toEqual([
      expect.stringContaining(`${start} RegistryManifestIntegrityFailure`),
      expect.stringContaining(`${start} RegistryCatalogInaccessible`),
    ]);
    expect(problems[0]).toContain("interval 900s + startJitter 60s + deadline 300s + push 10s + scrape 60s");
  });

  test("an alert that is no longer critical has no time to keep, one that waits longer has more", () => {
    const maxTimeToPage = Duration.minutes(40);
    const later = { for: Duration.minutes(20) };
    const overrides = { RegistryManifestIntegrityFailure: later } as const;
    expect(check({ maxTimeToPage, overrides })).toEqual([expect.stringContaining("2590s for Registry")]);
    expect(
      check({
        maxTimeToPage,
        overrides: { RegistryManifestIntegrityFailure: { ...later, severity: "warning" } },
      }),
    ).toEqual([]);
  });

  test.each([
    [{ runbookBaseUrl: "docs" }, "runbookBaseUrl must be a plain http or https URL"],
    [{ runbookBaseUrl: "https://u:hunter2@git" }, "runbookBaseUrl must be a plain http or https URL"],
    [{ ruleLabels: { severity: "low" } }, 'ruleLabels["severity"] must be left'],
    [{ ruleLabels: { "a-b": "c" } }, 'ruleLabels["a-b"] must have a label\'s name'],
    [{ ruleLabels: { team: TOKEN } }, 'ruleLabels["team"] must be literal'],
    [{ sink: { kind: "prometheusRule", namespace: "A" } }, "sink.namespace must be an RFC 1123 label"],
    [{ sink: { kind: "prometheusRule", name: "A" } }, "sink.name must be an RFC 1123 subdomain"],
    [
      { sink: { kind: "prometheusRule", labels: { "a b": "c" } } },
      'sink.labels["a b"] must have a valid key',
    ],
  ] as const)("%#: %s", (more, message) => {
    const texts = check(more);
    expect(texts).toEqual([expect.stringContaining(message)]);
    expect(texts.join()).not.toContain("hunter2");
  });

  test("tokens stand where they may", () => {
    const sink = { kind: "prometheusRule", namespace: TOKEN, labels: { release: TOKEN } } as const;
    expect(check({ runbookBaseUrl: TOKEN, sink })).toEqual([]);
  });
});
