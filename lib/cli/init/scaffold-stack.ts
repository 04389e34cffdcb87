import type { InitOptions } from "./init-options";

type StackFacts = Pick<InitOptions, "registry" | "pushgateway" | "namespace" | "repositoryUrl">;

/** The application, its one stack, and the test of that. */
export function renderStackFiles(facts: StackFacts): ReadonlyMap<string, string> {
  return new Map([
    ["main.ts", MAIN],
    ["stacks/monitoring.ts", renderStack(facts)],
    ["test/monitoring.test.ts", renderTest(facts)],
  ]);
}

const MAIN = `import { App } from "cdktf";
import { MonitoringStack } from "./stacks/monitoring";

const app = new App();
new MonitoringStack(app, "monitoring");
app.synth();
`;

function renderStack({ registry, pushgateway, namespace, repositoryUrl }: StackFacts): string {
  return `import { KubernetesProvider } from "@cdktf/provider-kubernetes/lib/provider";
import { LocalBackend, TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import {
  AlertSink,
  Credentials,
  Duration,
  ProbeRun,
  Registry,
  RegistryAlerts,
  RegistryIntegrityProbe,
} from "tallyman";

/** The probe of the registry, and the alerts on what it finds. */
export class MonitoringStack extends TerraformStack {
  readonly probe: RegistryIntegrityProbe;
  readonly alerts: RegistryAlerts;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    // Take your own remote state here: S3Backend, HttpBackend, …
    new LocalBackend(this, { path: \`../../../terraform.\${id}.tfstate\` });
    new KubernetesProvider(this, "kubernetes", {}); // reads KUBE_CONFIG_PATH and KUBE_CTX

    this.probe = new RegistryIntegrityProbe(this, "probe", {
      namespace: ${literal(namespace)},
      registries: [
        Registry.at(${literal(registry)}, {
          private: true,
          credentials: Credentials.secret("registry-reader"), // a Secret with the keys username and password
        }),
      ],
      run: ProbeRun.cronJob({ pushgateway: ${literal(pushgateway)} }), // every 15 minutes
    });
    this.alerts = new RegistryAlerts(this, "alerts", {
      probe: this.probe,
      maxTimeToPage: Duration.minutes(40),
      runbookBaseUrl: ${literal(repositoryUrl)},
      // Without the Prometheus Operator: AlertSink.ruleFile(), or one of the chart's values.
      sink: AlertSink.prometheusRule({ labels: { release: "prometheus" } }),
    });
  }
}
`;
}

function renderTest({ registry }: StackFacts): string {
  return `import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "cdktf";
import { snapshot } from "tallyman/testing";
import { MonitoringStack } from "../stacks/monitoring";

const outdir = mkdtempSync(join(tmpdir(), "cdktf-"));
const stack = new MonitoringStack(new App({ outdir }), "monitoring");

afterAll(() => rmSync(outdir, { recursive: true }));

test("the registry is probed every quarter of an hour", () => {
  expect(stack.probe.cronJob.spec.scheduleInput).toBe("*/15 * * * *");
  expect(JSON.stringify(stack.toTerraform())).toContain(${literal(registry)});
});

test("every alert has its runbook in this repository", () => {
  const missing = stack.alerts.all.filter(({ runbook }) => !existsSync(join(__dirname, "..", runbook.path)));
  expect(missing).toEqual([]);
});

test("the stack is what was reviewed", () => {
  expect(snapshot(stack)).toMatchSnapshot();
});
`;
}

/** As TypeScript writes it. */
function literal(text: string): string {
  return JSON.stringify(text);
}
