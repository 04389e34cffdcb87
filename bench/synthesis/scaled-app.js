/**
 * `node scaled-app.js registries|probes|services <n> <folder>`: synthesizes that many of them into the folder by the
 * built library, as a user's app would, and prints the seconds from the first construct to the last file.
 */
const { KubernetesProvider } = require("@cdktf/provider-kubernetes/lib/provider");
const { App, LocalBackend, TerraformStack } = require("cdktf");
const {
  AlertSink,
  Credentials,
  defineCatalog,
  ProbeRun,
  Registry,
  RegistryAlerts,
  RegistryIntegrityProbe,
  ServiceCatalog,
} = require("../../dist/lib");

const run = ProbeRun.cronJob({ pushgateway: "http://pushgateway.monitoring:9091" });
const numbers = (count) => Array.from({ length: count }, (_, i) => i);
const registry = (i) =>
  Registry.at(`registry-${i}.example.com:5000`, { credentials: Credentials.secret(`registry-${i}`) });

const BUILDERS = {
  registries: (stack, count) => {
    const registries = numbers(count).map(registry);
    const probe = new RegistryIntegrityProbe(stack, "probe", { namespace: "monitoring", registries, run });
    new RegistryAlerts(stack, "alerts", {
      probe,
      runbookBaseUrl: "https://example.com/runbooks",
      sink: AlertSink.prometheusRule(),
    });
  },
  probes: (stack, count) => {
    for (const i of numbers(count)) {
      const props = { namespace: "monitoring", name: `probe-${i}`, registries: [registry(i)], run };
      new RegistryIntegrityProbe(stack, `probe-${i}`, props);
    }
  },
  services: (stack, count) => {
    const services = numbers(count).map((i) => [
      `service-${i}`,
      {
        description: `The service of number ${i}`,
        stack: `stack-${i}`,
        tier: "aux",
        domains: { direct: [`service-${i}`] },
        ...(i === 0 ? {} : { dependsOn: [`service-${i >> 1}`] }),
      },
    ]);
    new ServiceCatalog(stack, "catalog", { catalog: defineCatalog(Object.fromEntries(services)) });
  },
};

const [kind, count, outdir] = process.argv.slice(2);
const began = performance.now();
const app = new App({ outdir });
const stack = new TerraformStack(app, "scaled");
new LocalBackend(stack, { path: "terraform.tfstate" });
new KubernetesProvider(stack, "kubernetes", {});
BUILDERS[kind](stack, Number(count));
app.synth();
console.log(JSON.stringify({ seconds: (performance.now() - began) / 1000 }));
