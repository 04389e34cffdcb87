import { ConfigMapV1 } from "@cdktf/provider-kubernetes/lib/config-map-v1";
import { SecretV1 } from "@cdktf/provider-kubernetes/lib/secret-v1";
import { defineCatalog } from "../../lib/catalog/define-catalog";
import { ServiceCatalog } from "../../lib/catalog/service-catalog";
import { Duration } from "../../lib/core/duration";
import { ImageLock } from "../../lib/core/image-lock";
import { REGISTRY_IMAGE } from "../../lib/core/versions";
import { diffOutputs } from "../../lib/diff/diff-outputs";
import type { SynthesizedOutput } from "../../lib/diff/output";
import { renderDiffJson } from "../../lib/diff/render/render-json";
import { renderDiffMarkdown } from "../../lib/diff/render/render-markdown";
import { renderDiffTerminal } from "../../lib/diff/render/render-terminal";
import { AlertSink } from "../../lib/monitoring/alert-sink";
import { ProbeRun } from "../../lib/monitoring/probe-run";
import { Registry, type RegistryOptions } from "../../lib/monitoring/registry";
import { RegistryAlerts, type RegistryAlertsProps } from "../../lib/monitoring/registry-alerts";
import { RegistryIntegrityProbe } from "../../lib/monitoring/registry-integrity-probe";
import { Artifact } from "../../lib/terraform/artifacts";
import { pipelineEstate } from "../../stacks/estate/pipeline";
import { registryEstate } from "../../stacks/estate/registry";
import { EstateOutputs, type HostChange } from "./estate-output";

const outputs = new EstateOutputs();
let monitoring: SynthesizedOutput;
let host: SynthesizedOutput;
let own: SynthesizedOutput;

beforeAll(() => {
  monitoring = outputs.monitoring();
  host = outputs.host();
  own = user({});
});

afterAll(() => outputs.remove());

interface UserParts {
  readonly registry?: RegistryOptions;
  readonly alerts?: Partial<RegistryAlertsProps>;
  readonly runbooks?: readonly string[];
}

/** What somebody has who uses the library for one registry. */
function user({ registry = {}, alerts = {}, runbooks = ["registry-catalog-inaccessible"] }: UserParts) {
  return outputs.own((stack, programFile) => {
    const probe = new RegistryIntegrityProbe(stack, "probe", {
      namespace: "monitoring",
      registries: [Registry.at("registry.example.com:5050", registry)],
      run: ProbeRun.cronJob({ pushgateway: "http://pushgateway.monitoring:9091" }),
      programFile,
    });
    const runbookBaseUrl = "https://example.com/infra";
    new RegistryAlerts(stack, "alerts", {
      probe,
      sink: AlertSink.prometheusRule({}),
      runbookBaseUrl,
      ...alerts,
    });
    for (const name of ["registry-down", ...runbooks]) {
      new Artifact(stack, name, { path: `runbooks/${name}.md`, content: `# ${name}\n` });
    }
  });
}

/** `<grade> <kind>: <text>` of each change, where it is told too left out. */
function told(base: SynthesizedOutput, head: SynthesizedOutput): readonly string[] {
  return diffOutputs(base, head).changes.map(
    ({ grade, kind, text }) => `${grade} ${kind}: ${text.replace(/ Also at [^ ].*$/s, "")}`,
  );
}

const RELEASE = (files: string) =>
  `notice host_release: A new release of the registry host is uploaded and activated; ${files}.`;
const TESTS = (counts: string) =>
  `info generated_changed: Tests of the alerting rules follow the rules: ${counts}.`;
const POD = "spec.job_template.spec.template.spec";
const JOB = "kubernetes_cron_job_v1.probe_cron-job_B7B304D9";
const GC = "root docker exec registry-private registry garbage-collect";

function lockOf(digit: string): ImageLock {
  const entry = {
    status: "resolved",
    digest: `sha256:${digit.repeat(64)}`,
    mediaType: "application/vnd.oci.image.index.v1+json",
    resolvedAt: "2026-04-20T00:00:00Z",
    reason: null,
  };
  return ImageLock.parse(JSON.stringify({ schema: "tallyman.lock/1", images: { [REGISTRY_IMAGE]: entry } }));
}

const crontab = (line: string): HostChange => ({
  apply: (stack) => {
    new Artifact(stack, "crontab", { path: "host/crontab", content: `25 3 * * 0 ${line}\n` });
  },
});

interface Listed {
  readonly services?: readonly ("blog" | "wiki")[];
  readonly description?: string;
  readonly direct?: boolean;
}

/** A catalogue of two services, or of one. */
function listed({ services = ["blog", "wiki"], description = "Words", direct = false }: Listed = {}) {
  return outputs.own((stack) => {
    const blog = direct ? { domains: { direct: ["blog"] } } : { domains: { proxied: ["blog"] } };
    const definitions = Object.fromEntries(
      services.map((name) => [name, { description, stack: name, ...(name === "blog" ? blog : {}) }]),
    );
    const groups = [{ title: "Pages", tier: "core", services: definitions }] as const;
    new ServiceCatalog(stack, "catalog", { catalog: defineCatalog({ groups }), namespace: "web" });
  });
}

/** Each is the one thing that differs; what is listed is all that is told. */
test.each<[string, () => readonly [SynthesizedOutput, SynthesizedOutput], readonly string[]]>([
  [
    "an alert removed",
    () => [own, user({ alerts: { overrides: { RegistryCatalogInaccessible: { enabled: false } } } })],
    [
      "danger alert_removed: RegistryCatalogInaccessible: critical alert removed, nothing tells of it any more.",
      TESTS("12 of monitoring/rules.test.yml"),
    ],
  ],
  [
    "a severity lowered",
    () => [own, user({ alerts: { overrides: { RegistryCatalogInaccessible: { severity: "warning" } } } })],
    [
      "risk severity_lowered: RegistryCatalogInaccessible: severity critical → warning, it no longer pages.",
      TESTS("4 of monitoring/rules.test.yml"),
      "info text_reworded: RegistryCatalogInaccessible: description reworded.",
    ],
  ],
  [
    "`for` lengthened, and the time to page with it",
    () => [
      own,
      user({ alerts: { overrides: { RegistryManifestIntegrityFailure: { for: Duration.minutes(45) } } } }),
    ],
    [
      "risk time_to_page_grown: RegistryManifestIntegrityFailure: worst-case time to page 39 → 68 min (for 16m → 45m).",
      "risk for_lengthened: RegistryManifestIntegrityFailure: for 16m → 45m.",
      TESTS("8 of monitoring/rules.test.yml"),
    ],
  ],
  [
    "coverage reduced",
    () => [own, user({ registry: { newest: 3 } })],
    ["risk coverage_reduced: registry.example.com:5050: newest tags of a repository all → 3."],
  ],
  [
    "a runbook link without a file",
    () => [own, user({ runbooks: [] })],
    [
      "risk runbook_missing: RegistryCatalogInaccessible: its runbook runbooks/registry-catalog-inaccessible.md is not among the artifacts, the link https://example.com/infra/docs/runbooks/registry-catalog-inaccessible.md may lead nowhere.",
    ],
  ],
  [
    "a pin without the digest that it had",
    () => [outputs.host({ lock: lockOf("a") }), host],
    [
      "risk pin_digest_lost: registry:2.8.3 has no digest where sha256:aaaaaaaaaaaa… stood: the bytes behind it may change.",
      RELEASE("these files differ: docker-compose.yml"),
    ],
  ],
  [
    "a floating tag",
    () => [monitoring, job({ [`${POD}.container.0.image`]: "node:latest" })],
    [
      expect.stringMatching(
        /^risk floating_tag: The image node:latest has a version that moves where node:[\w.-]+ stood: a later run may bring another program\.$/,
      ),
    ],
  ],
  [
    "a version moved back",
    () => [host, outputs.host({ estate: { image: "registry:2.8.2" } })],
    [
      "risk version_moved_back: registry goes back from 2.8.3 to 2.8.2.",
      RELEASE("these files differ: docker-compose.yml"),
    ],
  ],
  [
    "run_as_non_root lost, of the pod",
    () => [monitoring, job({ [`${POD}.security_context.run_as_non_root`]: false })],
    [
      "risk security_context_loosened: The pod of CronJob monitoring/registry-integrity-probe no longer forbids root for whatever container has no word of its own: its runAsNonRoot is no longer true.",
    ],
  ],
  [
    "run_as_non_root lost, of the container",
    () => [monitoring, job({ [`${POD}.container.0.security_context.run_as_non_root`]: false })],
    [
      "risk security_context_loosened: The container registry-viktorbarzin-me-5050 of CronJob monitoring/registry-integrity-probe may run as root: runAsNonRoot is no longer true.",
    ],
  ],
  [
    "garbage collection made unsafe",
    () => [
      outputs.host(crontab(`${GC} /etc/config.yml && docker restart registry-private`)),
      outputs.host(crontab(`${GC} -m /etc/config.yml && docker restart registry-private`)),
    ],
    [
      expect.stringMatching(
        /^danger gc_unsafe: `garbage-collect -m \/etc\/config\.yml`: .*: the index answers 200, every pull 404\. Leave out -m/,
      ),
      expect.stringMatching(/^info value_changed: host\/crontab changes from /),
    ],
  ],
  [
    "a resource destroyed and created, as it is called otherwise",
    () => [monitoring, outputs.monitoring({}, ({ probe }) => probe.cronJob.overrideLogicalId("probe"))],
    [
      `risk resource_renamed: CronJob monitoring/registry-integrity-probe is renamed from ${JOB} to kubernetes_cron_job_v1.probe: it will be destroyed and created; a moved block would keep it.`,
    ],
  ],
  [
    "the same with a moved block",
    () => [
      monitoring,
      outputs.monitoring({}, (stack) => {
        stack.probe.cronJob.overrideLogicalId("probe");
        stack.addOverride("moved", [{ from: JOB, to: "kubernetes_cron_job_v1.probe" }]);
      }),
    ],
    [
      `info resource_renamed: CronJob monitoring/registry-integrity-probe is renamed from ${JOB} to kubernetes_cron_job_v1.probe, and its object is kept.`,
    ],
  ],
  [
    "a resource destroyed and created, as Terraform cannot change it",
    () => [monitoring, job({ "metadata.name": "another" })],
    [
      "risk resource_replaced: CronJob monitoring/another will be destroyed and created: Terraform cannot change its metadata.name from registry-integrity-probe to another in place.",
    ],
  ],
  [
    "a service that left the catalogue",
    () => [listed(), listed({ services: ["wiki"] })],
    ["notice service_left: The service blog left the catalogue; it served blog."],
  ],
  [
    "a domain that moved",
    () => [listed(), listed({ direct: true })],
    [
      "notice domain_moved: The domain blog moved from proxied to direct: clients see the ingress itself, and the proxy protects and caches nothing.",
    ],
  ],
  [
    "reworded text",
    () => [listed({ services: ["wiki"] }), listed({ services: ["wiki"], description: "Pages" })],
    ["info catalog_text_changed: wiki has another description: Words became Pages."],
  ],
  [
    "another port of the front: what the text's lines are is told behind it",
    () => {
      const caches = { ...registryEstate.caches, quay: { upstream: "https://quay.io", port: 5021 } };
      return [host, outputs.host({ estate: { caches } })];
    },
    [
      "risk front_server_lost: The front has no server on port 5020 any more: clients that ask there are refused.",
      RELEASE("these files differ: docker-compose.yml, nginx.conf"),
      "notice port_published: registry-nginx publishes port 5021 to the network.",
      "notice port_unpublished: registry-nginx publishes port 5020 no more: clients that use it are refused.",
      expect.stringMatching(/^info value_changed: registry-host\/nginx\.conf differs at line \d+: /),
      "info front_server_added: The front has a server on port 5021 now.",
    ],
  ],
  [
    "a cache taken away",
    () => {
      const { quay: _, ...caches } = registryEstate.caches;
      return [host, outputs.host({ estate: { caches } })];
    },
    [
      "risk service_removed: The service registry-quay is taken away: what it served is not found.",
      "risk front_server_lost: The front has no server on port 5020 any more: clients that ask there are refused.",
      RELEASE("these files differ: docker-compose.yml, nginx.conf; no longer there: config-quay.yml"),
      "notice port_unpublished: registry-nginx publishes port 5020 no more: clients that use it are refused.",
      expect.stringMatching(/^info value_changed: registry-host\/nginx\.conf differs in 2 places/),
    ],
  ],
  [
    "the runbooks at another address: one sentence for all alerts",
    () => [monitoring, outputs.monitoring({ runbookBaseUrl: "https://wiki.example.com/infra" })],
    [
      "info runbook_changed: PushgatewayDown, RegistryAuthNotEnforced, RegistryCatalogInaccessible, RegistryDown, RegistryGarbageCollectionFailed, 12 more: runbook link below https://github.com/ViktorBarzin/infra/blob/master/docs/runbooks → https://wiki.example.com/infra/docs/runbooks.",
      "info dashboard_changed: Dashboard Registry integrity changed (Broken references).",
    ],
  ],
  [
    "another platform",
    () => {
      const { "build-ci-image": image } = pipelineEstate.images;
      if (image === undefined) throw new Error("the estate builds no build-ci-image");
      const platforms = ["linux/amd64", "linux/arm64"] as const;
      return [host, outputs.host({ pipelines: { images: { "build-ci-image": { ...image, platforms } } } })];
    },
    [
      "notice value_added: pipeline/build-ci-image.yml: steps.name=build-and-push.settings.platforms.1 is new: linux/arm64.",
      expect.stringMatching(
        /^notice value_changed: .* changes from …tform=linux\/amd64 -- .* to …tform=linux\/amd64 --expect/,
      ),
    ],
  ],
])("%s", (_name, sides, expected) => {
  const [base, head] = sides();
  expect(told(base, head)).toEqual(expected);
});

/** The estate with the probe's CronJob overridden, as one does for what the library has no property for. */
function job(fields: Readonly<Record<string, unknown>>): SynthesizedOutput {
  return outputs.monitoring({}, (stack) => {
    for (const [path, value] of Object.entries(fields)) stack.probe.cronJob.addOverride(path, value);
  });
}

test("a slower schedule: the time to page in minutes, the schedule, and no row of what only follows", () => {
  const slow = { interval: Duration.hours(1), maxTimeToPage: Duration.hours(4) };
  const lines = told(monitoring, outputs.monitoring(slow));
  expect(lines.slice(0, 3)).toContain(
    "risk time_to_page_grown: RegistryManifestIntegrityFailure, RegistryCatalogInaccessible: worst-case time to page 39 → 129 min (interval 15m → 1h, for 16m → 1h1m).",
  );
  expect(lines).toContain(
    "risk schedule_slower: CronJob registry-integrity-probe: runs every 15m → 1h at worst (*/15 * * * * → 0 * * * *).",
  );
  expect(lines.filter((line) => /value_|resource_/.test(line))).toEqual([]);
  expect(lines.length).toBeLessThanOrEqual(20);
});

test.each<[string, (secret: string) => SynthesizedOutput, readonly string[]]>([
  [
    "a Secret's value",
    (password) =>
      outputs.monitoring({}, (stack) => {
        new SecretV1(stack, "creds", { metadata: { name: "creds" }, data: { password } });
      }),
    ["danger secret_in_plain_text", "notice resource_added"],
  ],
  [
    "a variable of the environment",
    (value) => job({ [`${POD}.container.0.env`]: [{ name: "REGISTRY_PASSWORD", value }] }),
    ["danger secret_in_plain_text"],
  ],
  [
    "a line of a file in a ConfigMap",
    (password) =>
      outputs.monitoring({}, (stack) => {
        const data = { "config.yml": `storage:\n  user: a\n  password: ${password}\n` };
        new ConfigMapV1(stack, "files", { metadata: { name: "files" }, data });
      }),
    ["danger secret_in_plain_text", "notice resource_added"],
  ],
])("%s in plain text is a danger, and stands in no format", (_name, withSecret, kinds) => {
  const secret = "correct-horse-5-battery-Staple";
  const diff = diffOutputs(monitoring, withSecret(secret));
  expect(diff.changes.map(({ grade, kind }) => `${grade} ${kind}`)).toEqual(kinds);
  const formats = [
    renderDiffJson(diff),
    renderDiffMarkdown(diff),
    renderDiffTerminal(diff, { isColoured: true }),
  ];
  for (const text of formats) expect(text).not.toContain(secret);
});
