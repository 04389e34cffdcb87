/** What no stack can see by itself: the registry host, the probe that walks it, and the alerts on its services. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "cdktf";
import { formatProblem } from "../../lib/core/problem";
import { Registry, type RegistryOptions } from "../../lib/monitoring/registry";
import { checkEstate, checkStacks, type EstateParts } from "../../stacks/check-estate";
import { monitoringEstate } from "../../stacks/estate/monitoring";
import { monitoringChartEstate } from "../../stacks/estate/monitoring-chart";
import { registryEstate } from "../../stacks/estate/registry";
import { main } from "../../stacks/main";
import { MonitoringStack } from "../../stacks/monitoring";
import { MonitoringChartStack } from "../../stacks/monitoring-chart";
import { RegistryStack } from "../../stacks/registry";

const NAME = "registry.viktorbarzin.me";
const ADDRESS = "10.0.20.10";

let folder = "";
let program: { readonly programFile: string };
let host: RegistryStack["host"];

const newApp = () => new App({ outdir: join(folder, "out") });

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tallyman-check-estate-"));
  program = { programFile: join(folder, "program.mjs") };
  writeFileSync(program.programFile, "console.log('the program');\n");
  host = new RegistryStack(newApp(), "registry", registryEstate, program).host;
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const own = (options: RegistryOptions = {}) =>
  Registry.at(`${NAME}:5050`, { address: `${ADDRESS}:5050`, ...options });

function said(changes: Partial<EstateParts> = {}): readonly string[] {
  const services = { dockerhub: { kind: "cache" }, private: { kind: "private" } } as const;
  return checkEstate({ hosts: [host], probed: [own()], services, ...changes }).map(formatProblem);
}

test("the estate agrees", () => {
  expect(said()).toEqual([]);
});

test.each([
  ["by its address", Registry.at(`http://${ADDRESS}:5000`), `${ADDRESS}:5000`],
  ["dialled there under another name", Registry.at("hub.example", { address: `${ADDRESS}:5010` }), ":5010"],
  ["by the private registry's name", Registry.at(`http://${NAME.toUpperCase()}:5040`), "5040"],
])("a cache that is probed, %s", (_what, registry, value) => {
  const [line = "", ...rest] = said({ probed: [own(), registry] });
  expect(rest).toEqual([]);
  expect(line).toMatch(/^probe\.registries\.\S+ must not be a cache of the registry host, got /);
  expect(line).toContain(value);
  expect(line).toContain("caches are not walked by the probe: they hold what somebody pulled");
});

test.each([
  ["a port of nothing", 5051],
  ["the page", 8080],
  ["the metrics", 5001],
])("a registry that is probed at the host's address and is none of its own: %s", (_what, port) => {
  expect(said({ probed: [own(), Registry.at(`${ADDRESS}:${port}`)] })).toEqual([
    `probe.registries.10-0-20-10-${port} must exist on the registry host, got "${ADDRESS}:${port}". ` +
      "Its registries are on the ports 5000, 5010, 5020, 5030, 5040, 5050.",
  ]);
});

test("a registry elsewhere is nobody's business here, nor what a router makes of the name", () => {
  expect(said({ probed: [own(), Registry.at("other.example:5000"), Registry.at(NAME)] })).toEqual([]);
});

test("a service that is scraped and has alerts, which the host has not", () => {
  expect(said({ services: { private: { kind: "private" }, gcr: { kind: "cache" } } })).toEqual([
    'services.gcr must exist on the registry host, got "gcr". ' +
      "Name one of its registries: dockerhub, ghcr, quay, k8s, kyverno, private.",
  ]);
});

test.each([
  ["another label", [own({ instance: "registry" })], "the probes have registry."],
  ["its address", [Registry.at(`${ADDRESS}:5050`)], `the probes have ${ADDRESS}:5050.`],
  ["no probe", [], "the probes have no instance."],
])("a maintenance whose instance no probe has: %s", (_what, probed, end) => {
  expect(said({ probed })).toEqual([
    `maintenance of private must report under the instance of a probe, got "${NAME}:5050". ` +
      `Probe it as ${NAME}:5050; ${end}`,
  ]);
});

test("a host without maintenance reports under no instance", () => {
  const { registries, spec } = host;
  expect(said({ hosts: [{ registries, spec: { ...spec, maintenance: null } }], probed: [] })).toEqual([]);
});

describe("between stacks", () => {
  const wrong = { ...registryEstate, caches: { dockerhub: { upstream: "https://x.example", port: 5000 } } };

  test("either way to monitor agrees with the host", () => {
    const app = newApp();
    new MonitoringStack(app, "monitoring", monitoringEstate, program);
    new MonitoringChartStack(app, "monitoring-chart", monitoringChartEstate, program);
    expect(checkStacks(app)).toEqual([]);
    new RegistryStack(app, "registry", registryEstate, program);
    expect(checkStacks(app)).toEqual([]);
  });

  test("what both say is said once, and nothing is synthesized", () => {
    const errors: string[] = [];
    const code = main(
      { env: {}, outdir: join(folder, "refused"), writeError: (line) => errors.push(line) },
      {
        monitoring: (app, id) => new MonitoringStack(app, id, monitoringEstate, program),
        chart: (app, id) => new MonitoringChartStack(app, id, monitoringChartEstate, program),
        registry: (app, id) => new RegistryStack(app, id, wrong, program),
      },
    );
    expect(code).toBe(64);
    expect(errors).toEqual(
      ["ghcr", "quay", "k8s", "kyverno"].map((name) =>
        expect.stringMatching(`^estate: services\\.${name} must exist on the registry host`),
      ),
    );
  });
});
